import { sql as raw } from 'kysely';
import type { Clock } from '../clock.ts';
import type { Transact } from '../database/work.ts';
import { RingdownError } from '../errors.ts';

/** At most so many in any window of so long. */
export interface Limit {
  count: number;
  windowMs: number;
}

/**
 * Counts a request against a limit. The times of the last `count` requests are kept in a ring in the database: one more
 * is right if it may take the place of the oldest. So the window slides exactly, the limit holds across replicas, and
 * its cost does not grow with the limit. What is refused does not count.
 *
 * @param name whose limit it is
 * @throws RingdownError rate_limited
 */
export async function countRequest(
  { transact, clock }: { transact: Transact; clock: Clock },
  name: string,
  limit: Limit,
): Promise<void> {
  // Another limit needs another ring.
  const ring = `${name} ${limit.count}/${limit.windowMs}`;
  const now = clock.now();
  await transact(
    async ({ sql: work }) => {
      // Locks the ring until the end: whoever comes at the same time waits.
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
