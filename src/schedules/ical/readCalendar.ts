import type { CalendarDuty } from '../calendarDuty.ts';
import { CalendarUnreadable, contentLines, textOf } from './contentLines.ts';
import { eventOf, type CalendarEvent, type Length, type Moment } from './events.ts';
import { startsOf } from './occurrences.ts';
import { Zones, type Zone } from './zones.ts';

export interface ReadingAsked {
  /** The range to look at, in epoch milliseconds. `to` does not belong to it. */
  from: number;
  to: number;
  /** The zone of days and of times that name none, if the operator set one. */
  zone: string | null;
  /** Their zone if neither the operator nor the calendar set one. */
  otherwise: string;
}

/** What a calendar says. */
export interface ReadCalendar {
  duties: CalendarDuty[];
  /** Events with a fault, which are left out. */
  unread: number;
  /** Events with a time zone that nobody knows. */
  unknownZones: number;
  /** The part of the calendar that was read, to be kept. */
  text: string;
}

/** An hour's worth more than any schedule has in the range. */
const MOST_DUTIES = 50_000;
const DAY_MS = 86_400_000;

/**
 * Who is on duty by a calendar in iCalendar (RFC 5545), in a range.
 *
 * All events count, also those marked as free (TRANSP): Outlook and Google mark whole days so unless somebody changes
 * it, and PagerDuty its shifts.
 *
 * @throws CalendarUnreadable
 */
export function readCalendar(bytes: Uint8Array, asked: ReadingAsked): ReadCalendar {
  const lines = contentLines(bytes);
  const zones = new Zones(lines.zones);
  const floating =
    (asked.zone === null ? null : zones.named(asked.zone)) ??
    (lines.zone === null ? null : zones.named(lines.zone)) ??
    zones.named(asked.otherwise);
  if (!floating) throw new CalendarUnreadable('its time zone is unknown');
  const result: ReadCalendar = { duties: [], unread: 0, unknownZones: 0, text: textOf(lines) };
  if (lines.isCancelled) return result;

  const events: CalendarEvent[] = [];
  for (const one of lines.events) {
    let hasUnknownZone = false;
    const where = { zones, floating, unknownZone: () => (hasUnknownZone = true) };
    const event = unlessFaulty(() => eventOf(one, where));
    if (!event) result.unread += 1;
    else events.push(event);
    if (hasUnknownZone) result.unknownZones += 1;
  }
  for (const series of Map.groupBy(newest(events), ({ uid }) => uid).values()) {
    const replaced = series.flatMap(({ replaces }) => replaces ?? []);
    for (const event of series) {
      if (event.isCancelled || event.people.length === 0) continue;
      const duties = unlessFaulty(() => dutiesOf(event, event.replaces ? [] : replaced, asked));
      if (!duties) result.unread += 1;
      else result.duties.push(...duties);
      if (result.duties.length > MOST_DUTIES) throw new CalendarUnreadable('it has too many events');
    }
  }
  // If everything has a fault, something else is wrong.
  if (result.unread > 0 && result.unread >= lines.events.length)
    throw new CalendarUnreadable('none of its events can be read');
  result.duties.sort((one, other) => one.from - other.from);
  return result;
}

/** A fault of one event is no reason to do without the others. */
function unlessFaulty<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}

/** Of several versions of the same change of an occurrence, the newest one. */
function newest(events: readonly CalendarEvent[]): CalendarEvent[] {
  const changes = new Map<string, CalendarEvent>();
  for (const event of events) {
    if (!event.replaces) continue;
    const key = JSON.stringify([event.uid, instantOf(event.replaces)]);
    const known = changes.get(key);
    if (!known || known.sequence <= event.sequence) changes.set(key, event);
  }
  return [...events.filter(({ replaces }) => !replaces), ...changes.values()];
}

function dutiesOf(event: CalendarEvent, replaced: readonly Moment[], asked: ReadingAsked): CalendarDuty[] {
  const { start, length, rules, also, except, people, priority, level } = event;
  const { from, to } = asked;
  const isOut = exceptions([...except, ...replaced], start);
  // What begins before the range may reach into it.
  const earliest = from - length.local - length.exact - 2 * DAY_MS;
  const occurrences: { start: Moment; length: Length }[] = [
    { start, length },
    ...rules.flatMap((rule) =>
      startsOf(rule, start.local, earliest, to + 2 * DAY_MS).map((local) => ({
        start: { ...start, local },
        length,
      })),
    ),
    ...also.map((one) => ({ start: one.start, length: one.length ?? length })),
  ];
  const duties = new Map<number, CalendarDuty>();
  for (const one of occurrences) {
    if (isOut(one.start)) continue;
    const begins = instantOf(one.start);
    const ends = one.start.zone.toInstant(one.start.local + one.length.local) + one.length.exact;
    if (ends > begins && begins < to && ends > from)
      duties.set(begins, { from: begins, to: ends, people, priority, level });
  }
  return [...duties.values()];
}

/** Whether an occurrence is cancelled or replaced. Some name it by its day, and days by their midnight. */
function exceptions(moments: readonly Moment[], { isDay }: Moment): (start: Moment) => boolean {
  const instants = new Set(moments.filter((one) => !one.isDay).map(instantOf));
  const days = new Set(moments.filter((one) => one.isDay || isDay).map(dayOf));
  return (start) => instants.has(instantOf(start)) || days.has(dayOf(start));
}

function instantOf({ local, zone }: { local: number; zone: Zone }): number {
  return zone.toInstant(local);
}

function dayOf({ local }: Moment): number {
  return Math.floor(local / DAY_MS);
}
