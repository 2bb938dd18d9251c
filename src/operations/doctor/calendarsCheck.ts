import { dirname } from 'node:path';
import type { Config } from '../../config/config.ts';
import type { CalendarBook } from '../../schedules/calendarDuty.ts';
import { rangeAround } from '../../schedules/calendars.ts';
import { readInWorker } from '../../schedules/ical/calendarWorker.ts';
import { fetchCalendar } from '../../schedules/ical/fetchCalendar.ts';
import { shownPlace } from '../../config/calendarName.ts';
import type { CalendarSource } from '../../schedules/ical/source.ts';
import { found, passed, type Finding } from './findings.ts';

interface Parts {
  config: Pick<Config, 'ringdown' | 'configFile'>;
  now: () => number;
  /** What a running Ringdown knows of a calendar; null if none is asked. */
  known: ((source: CalendarSource) => CalendarBook) | null;
}

export interface CalendarsExamined {
  findings: Finding[];
  /** What each rotation's calendar says. */
  books: ReadonlyMap<string, CalendarBook>;
}

/** Fetches each calendar of ringdown.yaml, and reads it. Keeps nothing. Shows no address: it is secret. */
export async function checkCalendars({ config, now, known }: Parts): Promise<CalendarsExamined> {
  const { rotations, timeZone } = config.ringdown;
  const books = new Map<string, CalendarBook>();
  const examined = Object.entries(rotations).map(async ([name, rotation]): Promise<Finding[]> => {
    if (!('ical' in rotation)) return [];
    const where = `rotations.${name} (${shownPlace(rotation.ical)})`;
    const range = rangeAround(now());
    const fetched = await fetchCalendar(
      rotation,
      { etag: null, lastModified: null },
      { folder: dirname(config.configFile ?? '') },
    );
    const answer =
      fetched.kind === 'new'
        ? await readInWorker(fetched.bytes, {
            ...range,
            zone: rotation.timeZone ?? null,
            otherwise: timeZone,
          })
        : null;
    if (answer?.kind !== 'read') {
      const before = known?.(rotation) ?? { kind: 'unknown' };
      books.set(name, before);
      const problem = fetched.kind === 'failed' ? fetched.problem : (answer?.problem ?? 'no answer');
      return [
        found(
          fetched.kind === 'failed' ? 'calendarUnreachable' : 'calendarUnreadable',
          `${where}: ${problem}. ${copyOf(before, known !== null)}`,
          `rotations: ${name}: {ical: "https://…"}   in ringdown.yaml: the address that the calendar program gives for subscribing`,
        ),
      ];
    }
    books.set(name, { kind: 'known', duties: answer.duties, ...range, asOf: now() });
    const faults = answer.unread + answer.unknownZones;
    return [
      faults > 0
        ? found(
            'calendarEventsUnread',
            `${where}: ${answer.unread} events have faults and are ignored; ${answer.unknownZones} have an unknown time zone.`,
            'Correct or delete these events in the calendar',
          )
        : passed('calendars', `${where}: the calendar can be read, and is up to date.`),
    ];
  });
  return { findings: (await Promise.all(examined)).flat(), books };
}

function copyOf(book: CalendarBook, isKnown: boolean): string {
  if (book.kind === 'known')
    return `Ringdown uses its copy of ${new Date(book.asOf).toISOString().slice(0, 16).replace('T', ' ')} UTC.`;
  return isKnown ? 'There is no copy, so it calls nobody.' : 'Ringdown uses its last copy, if it has one.';
}
