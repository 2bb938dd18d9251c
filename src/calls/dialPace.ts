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
  /** Who wants it is not stored yet, and waits too. */
  isNew?: boolean;
}

/**
 * The next free turn as it is kept, but no later than an honest queue could be: each turn ahead is that of a call which
 * waits to be sent (`<> 'ended'` names the index that is small). A process whose clock was once ahead would else have silenced all calls for as long.
 */
const nextFree = ({ now, interval, isNew = false }: Wish) => raw<Date>`
  CASE WHEN pace.next_at <= ${new Date(now + UNDOUBTED_MS)} THEN pace.next_at
  ELSE least(pace.next_at, ${new Date(now)}::timestamptz + ${`${interval} milliseconds`}::interval
    * (SELECT count(*) + ${isNew ? 1 : 0}::integer FROM calls WHERE status <> 'ended' AND status = 'queued'))
  END`;

/**
 * Takes the next turn.
 *
 * An urgent one is the first that no other urgent one has, whoever else waits; it puts off those of all others that are
 * taken after it by one turn. So for as long as those last that were taken before it, twice the pace may be sent.
 *
 * @returns its time, in epoch milliseconds
 */
export async function takeTurn(db: Kysely<Schema>, wish: Wish, urgent: boolean): Promise<number> {
  const { now, interval } = wish;
  const next = (name: string) => raw<{ next_at: Date }>`
    INSERT INTO pace (name, next_at) VALUES (${name}, ${new Date(now + interval)})
    ON CONFLICT (name) DO UPDATE
      SET next_at = greatest(${nextFree(wish)}, ${new Date(now)}) + ${`${interval} milliseconds`}::interval
    RETURNING next_at`;
  const taken = urgent
    ? raw<{
        next_at: Date;
      }>`WITH all_turns AS (${next(ALL)}), own AS (${next(URGENT)}) SELECT next_at FROM own`
    : next(ALL);
  const { rows } = await taken.execute(db);
  return (rows[0]?.next_at.getTime() ?? now + interval) - interval;
}

/**
 * The next free turn as an expression, locked until the transaction ends: null if somebody else has it, or nobody has
 * ever taken one.
 */
export const paceQuestion = raw`(SELECT next_at FROM pace WHERE name = ${raw.lit(ALL)} FOR UPDATE SKIP LOCKED)`;

/**
 * Takes the turn that `paceQuestion` has found, if it is not doubted.
 *
 * @returns its time in epoch milliseconds, and what writes that it is taken; null if it is to be taken by `takeTurn`
 */
export function turnFrom(
  nextAt: unknown,
  { now, interval }: Wish,
): { at: number; taking: RawBuilder<unknown> } | null {
  if (!(nextAt instanceof Date) || nextAt.getTime() > now + UNDOUBTED_MS) return null;
  const at = Math.max(nextAt.getTime(), now);
  return {
    at,
    taking: raw`UPDATE pace SET next_at = greatest(next_at, ${new Date(now)}) + ${`${interval} milliseconds`}::interval
      WHERE name = ${raw.lit(ALL)}`,
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
