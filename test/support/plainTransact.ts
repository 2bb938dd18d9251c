import type { KyselyPlugin } from 'kysely';
import { isConflict } from '../../src/database/away.ts';
import type { JobRequest } from '../../src/database/jobRequests.ts';
import { concludeJobs } from '../../src/database/jobStore.ts';
import type { Database } from '../../src/database/open.ts';
import { made, type Transact, type Work } from '../../src/database/transaction.ts';

/**
 * Transactions without a job engine to run what they enqueue.
 *
 * @param parts.wanted gets the jobs of committed transactions
 * @param parts.beforeCommit is called in each transaction; if it throws, the transaction is rolled back
 */
export function plainTransact(
  { sql: outer }: Pick<Database, 'sql'>,
  parts: { wanted?: JobRequest[]; beforeCommit?: () => void; plugin?: KyselyPlugin } = {},
): Transact {
  const transact: Transact = async (change) =>
    await outer.transaction().execute(async (inner) => {
      const sql = parts.plugin ? inner.withPlugin(parts.plugin) : inner;
      const wanted: JobRequest[] = [];
      const writes: Parameters<Work['last']>[] = [];
      const ends: (() => Promise<void>)[] = [];
      const result = await change({
        sql,
        runsNow: true,
        enqueue: (job) => wanted.push(job),
        drop: () => undefined,
        finish: () => undefined,
        last: (...write) => writes.push(write),
        atEnd: (finish) => ends.push(finish),
      });
      for (const finish of ends) await finish();
      // The last statement may commit by itself.
      parts.beforeCommit?.();
      await concludeJobs(
        sql,
        { wanted: [], finished: [], writes: writes.map(made) },
        { owner: 'nobody', now: 0 },
      );
      parts.wanted?.push(...wanted);
      return result;
    });
  // Retries serialization conflicts, as usual.
  return async (change) =>
    await transact(change).catch(async (error: unknown) => {
      if (isConflict(error)) return await transact(change);
      throw error;
    });
}
