import ICAL from 'ical.js';
import { peopleOf, type Attendee, type EventPeople } from './people.ts';
import { localOf, utc, type Zone, type Zones } from './zones.ts';

/** A point in time of an event. `local` is in `zone`, written as if it were UTC. Epoch milliseconds. */
export interface Moment {
  local: number;
  zone: Zone;
  /** A day, without a time. */
  isDay: boolean;
}

/** How long an event lasts: first by the local clock, then exactly. Milliseconds. */
export interface Length {
  local: number;
  exact: number;
}

/** A VEVENT. */
export interface CalendarEvent extends EventPeople {
  uid: string;
  sequence: number;
  start: Moment;
  length: Length;
  rules: readonly ICAL.Recur[];
  /** More occurrences; some have a length of their own. */
  also: readonly { start: Moment; length: Length | null }[];
  except: readonly Moment[];
  /** Which occurrence of its series it replaces. */
  replaces: Moment | null;
  isCancelled: boolean;
  /** 1 is the highest, 9 the lowest; 0 if it does not say. */
  priority: number;
}

/** An event has a fault. The message contains nothing of the event. */
class EventUnreadable extends Error {
  constructor(problem: string, options?: ErrorOptions) {
    super(problem, options);
    this.name = 'EventUnreadable';
  }
}

interface Where {
  zones: Zones;
  /** The zone of days and of times that name none. */
  floating: Zone;
  /** Called if a zone is unknown. `floating` is used instead. */
  unknownZone: () => void;
}

const DAY_MS = 86_400_000;

/** @throws EventUnreadable */
export function eventOf(lines: readonly string[], where: Where): CalendarEvent {
  try {
    return read(ICAL.Component.fromString(lines.join('\r\n')), where);
  } catch (error) {
    if (error instanceof EventUnreadable) throw error;
    throw new EventUnreadable('has a fault', { cause: error });
  }
}

function read(event: ICAL.Component, where: Where): CalendarEvent {
  const start = momentOf(event.getFirstProperty('dtstart'), where);
  if (!start) throw new EventUnreadable('has no start');
  const moments = (name: string): Moment[] =>
    event
      .getAllProperties(name)
      .flatMap((property) =>
        timesOf(property).flatMap((one) =>
          one instanceof ICAL.Time ? [momentAt(one, property, where)] : [],
        ),
      );
  return {
    uid: wordsOf(event, 'uid'),
    sequence: numberOf(event, 'sequence'),
    start,
    length: lengthOf(event, start, where),
    rules: event.getAllProperties('rrule').map((property) => ruleOf(property, start)),
    also: event
      .getAllProperties('rdate')
      .flatMap((property) => timesOf(property).map((one) => extraOf(one, property, where))),
    except: moments('exdate'),
    replaces: momentOf(event.getFirstProperty('recurrence-id'), where),
    isCancelled: wordsOf(event, 'status').toUpperCase() === 'CANCELLED',
    priority: numberOf(event, 'priority'),
    ...peopleOf(wordsOf(event, 'summary'), event.getAllProperties('attendee').map(attendeeOf)),
  };
}

function timesOf(property: ICAL.Property): (ICAL.Time | ICAL.Period)[] {
  return property
    .getValues()
    .filter((value: unknown) => value instanceof ICAL.Time || value instanceof ICAL.Period);
}

function momentOf(property: ICAL.Property | null, where: Where): Moment | null {
  const value = property?.getFirstValue();
  return property && value instanceof ICAL.Time ? momentAt(value, property, where) : null;
}

function momentAt(time: ICAL.Time, property: ICAL.Property, { zones, floating, unknownZone }: Where): Moment {
  const local = localOf(time);
  if (!Number.isFinite(local)) throw new EventUnreadable('has a time that does not exist');
  if (time.isDate) return { local, zone: floating, isDay: true };
  if (time.zone === ICAL.Timezone.utcTimezone) return { local, zone: utc, isDay: false };
  const name = property.getFirstParameter('tzid');
  const zone = name ? zones.named(name) : floating;
  if (!zone) unknownZone();
  return { local, zone: zone ?? floating, isDay: false };
}

function extraOf(
  one: ICAL.Time | ICAL.Period,
  property: ICAL.Property,
  where: Where,
): CalendarEvent['also'][number] {
  if (one instanceof ICAL.Time) return { start: momentAt(one, property, where), length: null };
  const start = momentAt(one.start, property, where);
  return { start, length: { local: 0, exact: localOf(one.getEnd()) - start.local } };
}

function lengthOf(event: ICAL.Component, start: Moment, where: Where): Length {
  const end = momentOf(event.getFirstProperty('dtend'), where);
  const duration = event.getFirstPropertyValue('duration');
  if (end) {
    // By the local clock, so that a shift from 09:00 to 09:00 has no gap when the clocks change.
    const length =
      end.zone === start.zone
        ? { local: end.local - start.local, exact: 0 }
        : { local: 0, exact: end.zone.toInstant(end.local) - start.zone.toInstant(start.local) };
    if (length.local + length.exact < 0) throw new EventUnreadable('ends before it begins');
    return length;
  }
  if (duration instanceof ICAL.Duration) {
    const { weeks, days, hours, minutes, seconds, isNegative } = duration;
    if (isNegative) throw new EventUnreadable('ends before it begins');
    return {
      local: (weeks * 7 + days) * DAY_MS,
      exact: ((hours * 60 + minutes) * 60 + seconds) * 1000,
    };
  }
  // RFC 5545, 3.6.1.
  return { local: start.isDay ? DAY_MS : 0, exact: 0 };
}

/** The rule, with its end in the local time of the series. */
function ruleOf(property: ICAL.Property, start: Moment): ICAL.Recur {
  const rule = property.getFirstValue();
  if (!(rule instanceof ICAL.Recur)) throw new EventUnreadable('has a faulty rule');
  const { until } = rule;
  if (until) {
    const written = localOf(until);
    // A day belongs to it as a whole.
    const local = until.isDate
      ? written + DAY_MS - 1000
      : until.zone === ICAL.Timezone.utcTimezone
        ? start.zone.toLocal(written)
        : written;
    rule.until = timeFrom(local);
  }
  return rule;
}

function timeFrom(local: number): ICAL.Time {
  return ICAL.Time.fromDateTimeString(new Date(local).toISOString().slice(0, 19));
}

function attendeeOf(property: ICAL.Property): Attendee {
  const parameter = (name: string): string => property.getFirstParameter(name) ?? '';
  const value = property.getFirstValue();
  const address = typeof value === 'string' ? value.trim().replace(/^mailto:/i, '') : '';
  // Apple and Google write the mail here if the address is another kind of name.
  const mail = [address, parameter('email')].find((one) => one.includes('@')) ?? '';
  return {
    mail,
    name: parameter('cn').replaceAll('"', '').trim(),
    hasDeclined: parameter('partstat').toUpperCase() === 'DECLINED',
    isThing: /^(?:ROOM|RESOURCE)$/i.test(parameter('cutype')),
  };
}

function wordsOf(event: ICAL.Component, name: string): string {
  const value = event.getFirstPropertyValue(name);
  return typeof value === 'string' ? value.trim() : '';
}

function numberOf(event: ICAL.Component, name: string): number {
  const value: unknown = event.getFirstPropertyValue(name);
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}
