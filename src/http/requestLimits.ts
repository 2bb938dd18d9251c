import { sql as raw } from 'kysely';
import type { Clock } from '../clock.ts';
import { GroupCommit } from '../database/groupCommit.ts';
import type { Transact, Work } from '../database/transaction.ts';
import { RingdownError } from '../errors.ts';

/** At most `count` requests in any window of this length. */
export interface Limit {
  count: number;
  windowMs: number;
}

/** The slot of a new ring: the first request takes slot 0. */
const NONE = -1;

interface Parts {
  transact: Transact;
  clock: Clock;
  /** How long a request waits for those before it. Milliseconds. */
  patienceMs: number;
}

/**
 * Counts requests against limits. A ring in the database keeps the times of the last `count` requests; a new
 * request is allowed if it may replace the oldest. So the window slides exactly, the limit holds across replicas, and
 * the cost does not grow with the limit. Refused requests do not count. Requests that arrive together are counted
 * together, so a crowd of one caller holds one connection.
 */
export class RequestLimits {
  readonly #parts: Parts;
  readonly #rings = new Map<string, GroupCommit<null, { retryInMs: number }>>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * @param name identifies the caller whose limit it is
   * @throws RingdownError rate_limited; TurnTimeout
   */
  async count(name: string, limit: Limit): Promise<void> {
    // A changed limit needs a new ring.
    const ring = `${name} ${limit.count}/${limit.windowMs}`;
    const counting = this.#rings.get(ring) ?? this.#countingIn(ring, limit);
    this.#rings.set(ring, counting);
    const { retryInMs } = await counting.take(null);
    if (retryInMs === 0) return;
    const retryInSeconds = Math.ceil(retryInMs / 1000);
    throw new RingdownError('rate_limited', {
      detail: `At most ${limit.count} requests in ${limit.windowMs / 1000} s; try again in ${retryInSeconds} s.`,
      extra: { retryInSeconds },
    });
  }

  #countingIn(ring: string, limit: Limit): GroupCommit<null, { retryInMs: number }> {
    const { transact, clock, patienceMs } = this.#parts;
    return new GroupCommit({
      commit: async (all) =>
        await transact(
          async (work) => await countIn(work, ring, limit, { now: clock.now(), asked: all.length }),
        ),
      what: 'requests of a caller with a limit',
      asRequests: true,
      inOrder: true,
      patienceMs,
    });
  }
}

/** @returns for each of `asked` requests how long it must wait; 0 if it is allowed */
async function countIn(
  work: Work,
  name: string,
  { count, windowMs }: Limit,
  { now, asked }: { now: number; asked: number },
): Promise<{ retryInMs: number }[]> {
  // Locks the ring until the transaction ends.
  const { slot: last } = await work.sql
    .insertInto('request_limits')
    .values({ name, slot: NONE })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ slot: raw`request_limits.slot` }))
    .returning('slot')
    .executeTakeFirstOrThrow();
  const next = Array.from({ length: Math.min(asked, count) }, (_, nth) => (last + 1 + nth) % count);
  const rows = await work.sql
    .selectFrom('request_times')
    .select(['slot', 'at'])
    .where('name', '=', name)
    .where('slot', 'in', next)
    .execute();
  const freeAt = new Map(rows.map(({ slot, at }) => [slot, at.getTime() + windowMs]));
  const refused = next.findIndex((slot) => (freeAt.get(slot) ?? now) > now);
  const taken = refused < 0 ? next : next.slice(0, refused);
  const slot = taken.at(-1);
  if (slot !== undefined) {
    work.last('ring', raw`UPDATE request_limits SET slot = ${slot} WHERE name = ${name}`);
    work.last(
      'times',
      raw`INSERT INTO request_times (name, slot, at)
        SELECT ${name}, slot, ${new Date(now)}::timestamptz FROM unnest(${taken}::integer[]) AS slot
        ON CONFLICT (name, slot) DO UPDATE SET at = excluded.at`,
    );
  }
  const oldest = next[taken.length];
  const retryInMs = oldest === undefined ? windowMs : (freeAt.get(oldest) ?? now) - now;
  return Array.from({ length: asked }, (_, nth) => ({ retryInMs: nth < taken.length ? 0 : retryInMs }));
}
