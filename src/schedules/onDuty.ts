import { DateTime } from 'luxon';
import type { CalendarBook } from './calendarDuty.ts';

/** A rotation of ringdown.yaml. */
export type Rotation = TurnRotation | CalendarRotation;

/** A calendar says who is on duty. */
export interface CalendarRotation {
  calendar: CalendarBook;
}

/** The members take turns. Its time zone is filled in. */
export interface TurnRotation {
  members: readonly string[];
  /** Milliseconds. */
  every: number;
  /** `weekday` as ISO 8601 counts: Monday 1 to Sunday 7. */
  handover: { weekday: number; hour: number; minute: number };
  timeZone: string;
}

const HOUR_MS = 3_600_000;

/**
 * Whose turn it is.
 *
 * Turns of whole hours, days and weeks follow local time: a turn from 21:00 to 09:00 is an hour longer or shorter when
 * the clocks change. Turns of other lengths (90 minutes) always have that length. Turns are counted from the handover in
 * the first full week of 1970, so that the answer depends only on the file and the time.
 *
 * @param at epoch milliseconds
 * @returns the member and when the turn ends (epoch milliseconds)
 */
export function onDuty(rotation: TurnRotation, at: number): { member: string; until: number } {
  const { members, every, handover, timeZone } = rotation;
  const isLocal = every % HOUR_MS === 0;
  // 1970-01-05 was a Monday.
  const firstLocally = Date.UTC(1970, 0, 4 + handover.weekday, handover.hour, handover.minute);
  const first = isLocal ? firstLocally : instantOf(firstLocally, timeZone);
  const beginning = (turn: number): number => {
    const begins = first + turn * every;
    return isLocal ? instantOf(begins, timeZone) : begins;
  };

  let turn = Math.floor(((isLocal ? localTime(at, timeZone) : at) - first) / every);
  // When the clocks change, the first guess may be one turn off.
  while (beginning(turn) > at) turn -= 1;
  while (beginning(turn + 1) <= at) turn += 1;
  const member = members[((turn % members.length) + members.length) % members.length] ?? '';
  return { member, until: beginning(turn + 1) };
}

/** Local time, written as if it were UTC. Epoch milliseconds. */
function localTime(at: number, zone: string): number {
  return DateTime.fromMillis(at, { zone }).setZone('utc', { keepLocalTime: true }).toMillis();
}

/**
 * The instant of a local time. A time that is skipped in spring is moved to after the change. Of a time that occurs twice
 * in autumn it is always the same one.
 */
function instantOf(local: number, zone: string): number {
  return DateTime.fromMillis(local, { zone: 'utc' }).setZone(zone, { keepLocalTime: true }).toMillis();
}
