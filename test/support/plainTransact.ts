import type { KyselyPlugin } from 'kysely';
import type { JobRequest } from '../../src/database/jobRequests.ts';
import { concludeJobs } from '../../src/database/jobStore.ts';
import type { Database } from '../../src/database/open.ts';
import { createTransact, type Transact } from '../../src/database/transaction.ts';

/**
 * Transactions without a job engine to run what they enqueue.
 *
 * @param parts.wanted gets the jobs of committed transactions
 * @param parts.beforeCommit is called in each transaction; if it throws, the transaction is rolled back
 * @param parts.plugin sees the statements
 */
export function plainTransact(
  { sql, kind }: Pick<Database, 'sql' | 'kind'>,
  parts: { wanted?: JobRequest[]; beforeCommit?: () => void; plugin?: KyselyPlugin } = {},
): Transact {
  const database = { kind, sql: parts.plugin ? sql.withPlugin(parts.plugin) : sql };
  return createTransact(database, {
    runsNow: true,
    async conclude(work, { writes }) {
      // The last statement may commit by itself.
      parts.beforeCommit?.();
      await concludeJobs(work, { wanted: [], finished: [], writes }, { owner: 'nobody', now: 0 });
      return { effects: [], finished: [], released: [] };
    },
    concluded: (_, wanted) => void parts.wanted?.push(...wanted),
  });
}
