import type { CalendarPerson } from './ical/people.ts';

/** What operators are told of a calendar. `calendar` is the name of its rotation. */
export type CalendarNotice =
  /** `hours`: the age of the copy that is used; null if there is none. */
  | { kind: 'calendarAway'; calendar: string; problem: string; hours: number | null }
  /** `why`: a skip reason. */
  | { kind: 'calendarPerson'; calendar: string; name: string; why: string }
  | { kind: 'calendarEvents'; calendar: string; events: number }
  | { kind: 'calendarZones'; calendar: string; events: number };

/** What is wrong with a calendar. */
export interface CalendarFaults {
  /** Why the source fails, and when the copy in use was last confirmed (epoch milliseconds). */
  away: { problem: string; asOf: number | null } | null;
  /** Null: not looked at this time, so what was said of it still stands. */
  events: { unread: number; unknownZones: number } | null;
  /** Whom the directory does not know. Null: not looked up this time. */
  people: readonly { person: CalendarPerson; why: string }[] | null;
}

const HOUR_MS = 3_600_000;
/** With a copy to use, an hour without the source is no reason to write to anybody. */
const PATIENCE_MS = HOUR_MS;
/** Of one calendar at most this many people are named. */
const MOST_PEOPLE = 20;

/**
 * What operators are to be told now: each thing once, until it is right again.
 *
 * @param told what they were told
 * @param now epoch milliseconds
 * @returns the new notices by subject, and what they have been told then
 */
export function newNotices(
  calendar: string,
  { away, events, people }: CalendarFaults,
  told: readonly string[],
  now: number,
): { notices: Map<string, CalendarNotice>; told: string[] } {
  const wrong = new Map<string, CalendarNotice>();
  if (away && (away.asOf === null || now - away.asOf >= PATIENCE_MS)) {
    const hours = away.asOf === null ? null : Math.floor((now - away.asOf) / HOUR_MS);
    wrong.set('away', { kind: 'calendarAway', calendar, problem: away.problem, hours });
  }
  if (events && events.unread > 0)
    wrong.set('events', { kind: 'calendarEvents', calendar, events: events.unread });
  if (events && events.unknownZones > 0)
    wrong.set('zones', { kind: 'calendarZones', calendar, events: events.unknownZones });
  for (const { person, why } of (people ?? []).slice(0, MOST_PEOPLE)) {
    const name = person.words[0] ?? '';
    wrong.set(`person ${name} ${why}`, { kind: 'calendarPerson', calendar, name, why });
  }
  const stands = told.filter(
    (subject) =>
      (events === null && (subject === 'events' || subject === 'zones')) ||
      (people === null && subject.startsWith('person ')),
  );
  return {
    notices: new Map([...wrong].filter(([subject]) => !told.includes(subject))),
    told: [...new Set([...stands, ...wrong.keys()])],
  };
}
