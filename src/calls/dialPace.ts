import { sql, type Kysely } from 'kysely';
import type { Schema } from '../database/schema.ts';

/**
 * The pace of `createCall` that all replicas keep together, as the times of the next free turns: one row for all calls,
 * and one for those of escalations, which go first.
 */
const ALL = 'createCall';
const URGENT = 'createCall.urgent';

interface Wish {
  /** Epoch milliseconds. */
  now: number;
  /** Milliseconds from one turn to the next. */
  interval: number;
}

/**
 * Takes the next turn.
 *
 * An urgent one is the first that no other urgent one has, whoever else waits; it puts off those of all others that are
 * taken after it by one turn. So for as long as those last that were taken before it, twice the pace may be sent.
 *
 * @returns its time, in epoch milliseconds
 */
export async function takeTurn(
  db: Kysely<Schema>,
  { now, interval }: Wish,
  urgent: boolean,
): Promise<number> {
  const next = (name: string) => sql<{ next_at: Date }>`
    INSERT INTO pace (name, next_at) VALUES (${name}, ${new Date(now + interval)})
    ON CONFLICT (name) DO UPDATE
      SET next_at = greatest(pace.next_at, ${new Date(now)}) + ${`${interval} milliseconds`}::interval
    RETURNING next_at`;
  const taken = urgent
    ? sql<{
        next_at: Date;
      }>`WITH all_turns AS (${next(ALL)}), own AS (${next(URGENT)}) SELECT next_at FROM own`
    : next(ALL);
  const { rows } = await taken.execute(db);
  return (rows[0]?.next_at.getTime() ?? now + interval) - interval;
}

/** Whether urgent calls wait for their turn: then one that is not urgent lets them go first, though it had waited. */
export async function urgentWait(db: Kysely<Schema>, { now, interval }: Wish): Promise<boolean> {
  const row = await db.selectFrom('pace').select('next_at').where('name', '=', URGENT).executeTakeFirst();
  return row !== undefined && row.next_at.getTime() > now + interval;
}
