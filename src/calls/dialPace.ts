import { sql as raw, type Kysely, type RawBuilder } from 'kysely';
import type { Schema } from '../database/schema.ts';

/**
 * The pace of `createCall` that all replicas share. It is stored as the time of the next free turn: one row for all calls,
 * and one for calls of escalations, which go first.
 */
const ALL = 'createCall';
const URGENT = 'createCall.urgent';

/** Only a turn later than this is checked against the queue, because counting the queue costs something. */
const TRUSTED_MS = 1_000;

interface Wish {
  /** Epoch milliseconds. */
  now: number;
  /** Milliseconds from one turn to the next. */
  interval: number;
  /** How many more calls wait that are not stored yet. */
  fresh?: number;
}

interface Turns {
  urgent: boolean;
  /** One if it is not given. */
  count?: number;
}

/**
 * The stored next free turn, but no later than the queue can be: each turn ahead belongs to a call that waits to be sent.
 * Otherwise a process whose clock was once ahead would silence all calls for as long. (`<> 'ended'` selects the small
 * index.)
 */
const nextFree = ({ now, interval, fresh = 0 }: Wish) => raw<Date>`
  CASE WHEN pace.next_at <= ${new Date(now + TRUSTED_MS)} THEN pace.next_at
  ELSE least(pace.next_at, ${new Date(now)}::timestamptz + ${`${interval} milliseconds`}::interval
    * (SELECT count(*) + ${fresh}::integer FROM calls WHERE status <> 'ended' AND status = 'queued'))
  END`;

/**
 * Takes the next turns, one after another.
 *
 * Urgent calls get the first turns that no other urgent call has, ahead of all other calls, and delay the turns that
 * others take later. Until the turns that others took before are used up, Ringdown may send at twice the pace.
 *
 * @returns the time of the first, in epoch milliseconds
 */
export async function takeTurns(
  db: Kysely<Schema>,
  wish: Wish,
  { urgent, count = 1 }: Turns,
): Promise<number> {
  const { now } = wish;
  const length = wish.interval * count;
  const next = (name: string) => raw<{ next_at: Date }>`
    INSERT INTO pace (name, next_at) VALUES (${name}, ${new Date(now + length)})
    ON CONFLICT (name) DO UPDATE
      SET next_at = greatest(${nextFree(wish)}, ${new Date(now)}) + ${`${length} milliseconds`}::interval
    RETURNING next_at`;
  const taken = urgent
    ? raw<{
        next_at: Date;
      }>`WITH all_turns AS (${next(ALL)}), own AS (${next(URGENT)}) SELECT next_at FROM own`
    : next(ALL);
  const { rows } = await taken.execute(db);
  return (rows[0]?.next_at.getTime() ?? now + length) - length;
}

/**
 * The next free turns as expressions, locked until the transaction ends: null if another transaction has locked them, or
 * if no turn was ever taken.
 */
export const paceQuestions = { pace: nextOf(ALL), urgentPace: nextOf(URGENT) };

function nextOf(name: string): RawBuilder<unknown> {
  return raw`(SELECT next_at FROM pace WHERE name = ${raw.lit(name)} FOR UPDATE SKIP LOCKED)`;
}

/**
 * Takes turns that `paceQuestions` have found, unless they are too late to be trusted.
 *
 * @returns the time of the first in epoch milliseconds, and the statement that takes them; null if `takeTurns` must take
 * them
 */
export function turnsFrom(
  { pace, urgentPace }: Readonly<Record<string, unknown>>,
  { now, interval }: Wish,
  { urgent, count = 1 }: Turns,
): { at: number; taking: RawBuilder<unknown> } | null {
  const next = urgent ? urgentPace : pace;
  if (!(pace instanceof Date) || !(next instanceof Date) || next.getTime() > now + TRUSTED_MS) return null;
  const names = urgent ? [ALL, URGENT] : [ALL];
  return {
    at: Math.max(next.getTime(), now),
    taking: raw`UPDATE pace
      SET next_at = greatest(next_at, ${new Date(now)}) + ${`${interval * count} milliseconds`}::interval
      WHERE name = ANY(${names}::text[])`,
  };
}

/** Whether urgent calls wait for their turn: then other calls let them go first, even if their own turn has come. */
export async function urgentWait(db: Kysely<Schema>, wish: Wish): Promise<boolean> {
  const row = await db
    .selectFrom('pace')
    .select(nextFree(wish).as('next_at'))
    .where('name', '=', URGENT)
    .executeTakeFirst();
  return row !== undefined && row.next_at.getTime() > wish.now + wish.interval;
}
