import { DateTime, IANAZone } from 'luxon';
import type { TurnRotation } from '../schedules/onDuty.ts';

/** Turns as other systems describe them: counted from a first turn. */
export interface Turns {
  /** Ids of users, in the order of their turns. */
  members: readonly string[];
  /** Milliseconds. */
  every: number;
  /** When the turn of the first member began: local time, written as if it were UTC. Epoch milliseconds. */
  first: number;
  timeZone: string;
}

const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
export const WEEK_MS = 7 * DAY_MS;
const MINUTE_MS = 60_000;
/** 1970-01-05T00:00, a Monday. Ringdown counts turns from a handover in this week. */
const FIRST_MONDAY = 4 * DAY_MS;
/** More members than this cannot be read by people. */
const MAX_MEMBERS = 100;

/**
 * The rotation that has the same person on duty at any time.
 *
 * Ringdown counts turns from a handover in the first full week of 1970. So the members are put in another order if the
 * turns of the export were counted from elsewhere. A handover is a weekday and a time, so turns of two weeks or more may
 * begin in a week in which Ringdown's would not. Such turns are written as several shorter ones of the same person.
 *
 * @returns null if there is no such rotation: turns that are not whole hours, or do not begin at a whole minute
 */
export function rotationOf({ members, every, first, timeZone }: Turns): TurnRotation | null {
  const [only] = members;
  if (only === undefined || every <= 0 || every % HOUR_MS !== 0 || first % MINUTE_MS !== 0) return null;
  if (members.every((member) => member === only)) {
    return { members: [only], every, handover: handoverAt(modulo(first - FIRST_MONDAY, WEEK_MS)), timeZone };
  }
  const hours = every / HOUR_MS;
  for (let parts = 1; parts * members.length <= MAX_MEMBERS && parts <= hours; parts += 1) {
    if (hours % parts !== 0) continue;
    const length = every / parts;
    const offset = handoverOffset(first, length);
    if (offset === null) continue;
    const repeated = members.flatMap((member) => Array.from({ length: parts }, () => member));
    const turn = (first - FIRST_MONDAY - offset) / length;
    return {
      members: repeated.map((_, index) => repeated[modulo(index - turn, repeated.length)] ?? only),
      every: length,
      handover: handoverAt(offset),
      timeZone,
    };
  }
  return null;
}

/**
 * Milliseconds from the beginning of a week to a handover at which a turn begins, if the first one begins at `first`.
 * The weekday and time of `first` itself if possible; null if no turn begins in the first full week of 1970.
 */
function handoverOffset(first: number, length: number): number | null {
  const own = modulo(first - FIRST_MONDAY, WEEK_MS);
  const earliest = modulo(first - FIRST_MONDAY, length);
  if (modulo(own - earliest, length) === 0) return own;
  return earliest < WEEK_MS ? earliest : null;
}

function handoverAt(offset: number): TurnRotation['handover'] {
  const minutes = offset / MINUTE_MS;
  return {
    weekday: Math.floor(minutes / 1440) + 1,
    hour: Math.floor(minutes / 60) % 24,
    minute: minutes % 60,
  };
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}

/** @param at a time with its offset, ISO 8601. @returns epoch milliseconds */
export function instant(at: string): number {
  return DateTime.fromISO(at).toMillis();
}

/** A local time in a zone at an instant, written as if it were UTC. Epoch milliseconds. */
export function localTime(at: DateTime, zone: string): number {
  return at.setZone(zone).setZone('utc', { keepLocalTime: true }).toMillis();
}

/** Whether ringdown.yaml accepts it as a time zone. */
export function isZone(name: string): boolean {
  return /^[a-z]/i.test(name) && IANAZone.isValidZone(name);
}

/** Whether the clocks of a zone change in the year of a time (epoch milliseconds). */
export function changesClocks(zone: string, at: number): boolean {
  const { year } = DateTime.fromMillis(at, { zone });
  const [winter, summer] = [1, 7].map((month) => DateTime.fromObject({ year, month }, { zone }).offset);
  return winter !== summer;
}
