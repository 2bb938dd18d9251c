import { sql as raw } from 'kysely';
import type { Clock } from '../clock.ts';
import type { Transact } from '../database/transaction.ts';
import { RingdownError } from '../errors.ts';

/** At most `count` requests in any window of this length. */
export interface Limit {
  count: number;
  windowMs: number;
}

/**
 * Counts a request against a limit. A ring in the database keeps the times of the last `count` requests; a new
 * request is allowed if it may replace the oldest. So the window slides exactly, the limit holds across replicas, and
 * the cost does not grow with the limit. Refused requests do not count.
 *
 * @param name identifies the caller whose limit it is
 * @throws RingdownError rate_limited
 */
export async function countRequest(
  { transact, clock }: { transact: Transact; clock: Clock },
  name: string,
  limit: Limit,
): Promise<void> {
  // A changed limit needs a new ring.
  const ring = `${name} ${limit.count}/${limit.windowMs}`;
  const now = clock.now();
  await transact(
    async ({ sql: work }) => {
      // Locks the ring until the transaction ends, so that concurrent requests wait.
      const { slot } = await work
        .insertInto('request_limits')
        .values({ name: ring, slot: 0 })
        .onConflict((conflict) =>
          conflict
            .column('name')
            .doUpdateSet({ slot: raw<number>`(request_limits.slot + 1) % ${limit.count}::integer` }),
        )
        .returning('slot')
        .executeTakeFirstOrThrow();
      const oldest = await work
        .selectFrom('request_times')
        .select('at')
        .where('name', '=', ring)
        .where('slot', '=', slot)
        .executeTakeFirst();
      const freeAt = oldest ? oldest.at.getTime() + limit.windowMs : now;
      if (freeAt > now) {
        const retryInSeconds = Math.ceil((freeAt - now) / 1000);
        throw new RingdownError('rate_limited', {
          detail: `At most ${limit.count} requests in ${limit.windowMs / 1000} s; try again in ${retryInSeconds} s.`,
          extra: { retryInSeconds },
        });
      }
      const at = new Date(now);
      await work
        .insertInto('request_times')
        .values({ name: ring, slot, at })
        .onConflict((conflict) => conflict.columns(['name', 'slot']).doUpdateSet({ at }))
        .execute();
    },
    [`requests ${ring}`],
  );
}
