import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { Jobs } from '../../src/database/jobRunner.ts';
import { handleTestJobs } from '../support/jobKinds.ts';
import { afterTest } from '../support/afterTest.ts';
import { advance, testClock } from '../support/clock.ts';
import { earlierDatabases, PGBOSS_VERSION } from '../support/database/earlierVersion.ts';
import { silent } from '../support/log.ts';

const inOrder = (numbers: number[]): number[] => numbers.toSorted((one, other) => one - other);

describe('a database of the version that kept its jobs with pg-boss', () => {
  for (const [name, open] of earlierDatabases) {
    it(`is migrated on ${name}: what was under way and what lay ahead is done, once`, async function () {
      const clock = testClock();
      const at = (seconds: number): string => new Date(clock.now() + seconds * 1000).toISOString();
      const row = (job: string, n: number, queue: string, state: string, seconds: number): string => {
        const data = { name: job, data: { n, webhook: `${n}`, escalation: 'esc_0' } };
        return `INSERT INTO pgboss.job (name, priority, data, state, start_after)
         VALUES ('${queue}', 10, '${JSON.stringify(data)}', '${state}', '${at(seconds)}')`;
      };
      const database = await open(PGBOSS_VERSION, async (db) => {
        for (const statement of [
          row('greet', 1, 'effects', 'active', -30),
          row('greet', 2, 'effects', 'created', 5),
          row('greet', 3, 'effects', 'retry', -1),
          row('greet', 4, 'deadlines', 'created', 45),
          row('greet', 5, 'deadlines', 'completed', -60),
          row('greet', 6, 'somebody-elses', 'created', -60),
          row('webhook.due', 7, 'deadlines', 'created', -1),
          row('pause.hold', 8, 'effects', 'created', -1),
        ]) {
          await sql.raw(statement).execute(db);
        }
      });
      afterTest(async () => await database.close());
      const { rows } = await sql`SELECT FROM pg_namespace WHERE nspname = 'pgboss'`.execute(database.sql);
      assert.equal(rows.length, 0);

      const jobs = new Jobs(database, clock, silent);
      const ran: number[] = [];
      handleTestJobs(jobs, 'greet', { run: async ({ n }) => void ran.push(Number(n)) });
      jobs.handle('webhook.deliver', { run: async ({ webhook }) => void ran.push(Number(webhook)) });
      await jobs.start();
      afterTest(async () => await jobs.stop(10));
      const pass = async (seconds: number): Promise<void> =>
        await advance(clock, seconds * 1000, async () => await jobs.idle());
      await pass(1);
      assert.deepEqual(inOrder(ran), [1, 3, 7]);
      await pass(6);
      assert.deepEqual(inOrder(ran), [1, 2, 3, 7]);
      await pass(40);
      assert.deepEqual(inOrder(ran), [1, 2, 3, 4, 7]);
      assert.deepEqual(await database.sql.selectFrom('jobs').selectAll().execute(), []);
    });
  }
});
