import { sql as raw, type Kysely, type RawBuilder } from 'kysely';
import type { Schema } from '../database/schema.ts';

/**
 * The pace of `createCall` that all replicas keep together, as the times of the next free turns: one row for all calls,
 * and one for those of escalations, which go first.
 */
const ALL = 'createCall';
const URGENT = 'createCall.urgent';

/** Only a turn further off than this is doubted: counting who waits has its price. */
const UNDOUBTED_MS = 1_000;

interface Wish {
  /** Epoch milliseconds. */
  now: number;
  /** Milliseconds from one turn to the next. */
  interval: number;
  /** So many who want it are not stored yet, and wait too. */
  fresh?: number;
}

interface Turns {
  urgent: boolean;
  /** One if it is not given. */
  count?: number;
}

/**
 * The next free turn as it is kept, but no later than an honest queue could be: each turn ahead is that of a call which
 * waits to be sent (`<> 'ended'` names the index that is small). A process whose clock was once ahead would else have silenced all calls for as long.
 */
const nextFree = ({ now, interval, fresh = 0 }: Wish) => raw<Date>`
  CASE WHEN pace.next_at <= ${new Date(now + UNDOUBTED_MS)} THEN pace.next_at
  ELSE least(pace.next_at, ${new Date(now)}::timestamptz + ${`${interval} milliseconds`}::interval
    * (SELECT count(*) + ${fresh}::integer FROM calls WHERE status <> 'ended' AND status = 'queued'))
  END`;

/**
 * Takes the next turns, one after another.
 *
 * Urgent calls get the first turns that no other urgent call has, before all other calls, and delay the turns that others take
 * later. Until the turns that others took earlier are used up, Ringdown may send at twice the pace.
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
 * The next free turns as expressions, locked until the transaction ends: null if somebody else has them, or nobody has
 * ever taken one.
 */
export const paceQuestions = { pace: nextOf(ALL), urgentPace: nextOf(URGENT) };

function nextOf(name: string): RawBuilder<unknown> {
  return raw`(SELECT next_at FROM pace WHERE name = ${raw.lit(name)} FOR UPDATE SKIP LOCKED)`;
}

/**
 * Takes turns that `paceQuestions` have found, if they are not doubted.
 *
 * @returns the time of the first in epoch milliseconds, and what writes that they are taken; null if they are to be taken
 * by `takeTurns`
 */
export function turnsFrom(
  { pace, urgentPace }: Readonly<Record<string, unknown>>,
  { now, interval }: Wish,
  { urgent, count = 1 }: Turns,
): { at: number; taking: RawBuilder<unknown> } | null {
  const next = urgent ? urgentPace : pace;
  if (!(pace instanceof Date) || !(next instanceof Date) || next.getTime() > now + UNDOUBTED_MS) return null;
  const names = urgent ? [ALL, URGENT] : [ALL];
  return {
    at: Math.max(next.getTime(), now),
    taking: raw`UPDATE pace
      SET next_at = greatest(next_at, ${new Date(now)}) + ${`${interval * count} milliseconds`}::interval
      WHERE name = ANY(${names}::text[])`,
  };
}

/** Whether urgent calls wait for their turn: then one that is not urgent lets them go first, though it had waited. */
export async function urgentWait(db: Kysely<Schema>, wish: Wish): Promise<boolean> {
  const row = await db
    .selectFrom('pace')
    .select(nextFree(wish).as('next_at'))
    .where('name', '=', URGENT)
    .executeTakeFirst();
  return row !== undefined && row.next_at.getTime() > wish.now + wish.interval;
}
