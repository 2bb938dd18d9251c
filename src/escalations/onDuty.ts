import { DateTime } from 'luxon';

/** A rotation as ringdown.yaml has it, with its time zone filled in. */
export interface Rotation {
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
 * Turns of whole hours, days and weeks change by the clock on the wall: a turn from 21:00 to 09:00 is an hour longer
 * or shorter when the clocks change. Other lengths (90 minutes) last exactly so long. Turns are counted from the
 * handover in the first full week of 1970, so that the answer depends on the file and the time only.
 *
 * @param at epoch milliseconds
 * @returns the member and when the turn ends (epoch milliseconds)
 */
export function onDuty(rotation: Rotation, at: number): { member: string; until: number } {
  const { members, every, handover, timeZone } = rotation;
  const onTheWall = every % HOUR_MS === 0;
  // 1970-01-05 was a Monday.
  const firstOnTheWall = Date.UTC(1970, 0, 4 + handover.weekday, handover.hour, handover.minute);
  const first = onTheWall ? firstOnTheWall : instantOf(firstOnTheWall, timeZone);
  const beginning = (turn: number): number => {
    const begins = first + turn * every;
    return onTheWall ? instantOf(begins, timeZone) : begins;
  };

  let turn = Math.floor(((onTheWall ? wallTime(at, timeZone) : at) - first) / every);
  // Where the clocks change the first guess is beside it.
  while (beginning(turn) > at) turn -= 1;
  while (beginning(turn + 1) <= at) turn += 1;
  const member = members[((turn % members.length) + members.length) % members.length] ?? '';
  return { member, until: beginning(turn + 1) };
}

/** What the clock on the wall shows, written as if it were UTC. Epoch milliseconds. */
function wallTime(at: number, zone: string): number {
  return DateTime.fromMillis(at, { zone }).setZone('utc', { keepLocalTime: true }).toMillis();
}

/**
 * When the clock on the wall shows that. A time that is left out in spring comes as much later; of one that comes
 * twice in autumn it is one of the two, always the same.
 */
function instantOf(wall: number, zone: string): number {
  return DateTime.fromMillis(wall, { zone: 'utc' }).setZone(zone, { keepLocalTime: true }).toMillis();
}
