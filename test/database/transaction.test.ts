import assert from 'node:assert/strict';
import { sql as raw } from 'kysely';
import { isDatabaseAway, isReadOnly } from '../../src/database/away.ts';
import { Contended } from '../../src/database/transactionErrors.ts';
import type { JobRequest } from '../../src/database/jobRequests.ts';
import { Jobs } from '../../src/database/jobRunner.ts';
import { createTransact } from '../../src/database/transaction.ts';
import { testJob } from '../support/jobKinds.ts';
import { testClock } from '../support/clock.ts';
import { onPostgres, openEmbedded } from '../support/databases.ts';
import { silent } from '../support/log.ts';

const coded = (code: string): Error => Object.assign(new Error('x'), { code });

class RememberedJobs extends Jobs {
  readonly wanted: JobRequest['data'][] = [];

  override async conclude(...[sql, wishes]: Parameters<Jobs['conclude']>): ReturnType<Jobs['conclude']> {
    this.wanted.push(...wishes.wanted.map(({ data }) => data));
    return await super.conclude(sql, { ...wishes, wanted: [] });
  }
}

describe('a transaction', () => {
  /** Runs one that fails as `errors` say, one attempt after another. */
  async function run(errors: readonly string[]) {
    const database = await openEmbedded();
    const jobs = new RememberedJobs(database, testClock(), silent);
    const transact = createTransact(database, jobs);
    let attempts = 0;
    const result = await transact((work) => {
      const code = errors[attempts++];
      work.enqueue(testJob({ data: { n: attempts } }));
      if (code !== undefined) throw coded(code);
      return 'done';
    }).catch((error: unknown) => error);
    return { result, attempts, wanted: jobs.wanted };
  }

  it('that the database undid because of another one is done again, with the jobs of the last attempt', async () => {
    const { result, wanted } = await run(['40P01', '40001', '55P03']);
    assert.equal(result, 'done');
    assert.deepEqual(wanted, [{ n: 4 }]);
  });

  it('is given up when others are in its way each time: it may succeed later', async () => {
    const { result, attempts } = await run(Array.from({ length: 20 }, () => '40P01'));
    assert.equal(attempts, 5);
    assert.ok(result instanceof Contended && isDatabaseAway(result));
  });

  it('that fails for another reason is not done again', async () => {
    const { result, attempts } = await run(['23505']);
    assert.equal(attempts, 1);
    assert.ok(result instanceof Error && 'code' in result && result.code === '23505');
  });

  onPostgres((open) => {
    it('and another one that lock the same rows in opposite order both succeed', async () => {
      const database = await open();
      const transact = createTransact(database, new RememberedJobs(database, testClock(), silent));
      await raw`CREATE TABLE things (id int PRIMARY KEY, times int NOT NULL)`.execute(database.sql);
      await raw`INSERT INTO things VALUES (1, 0), (2, 0)`.execute(database.sql);
      const bothHold = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
      const lockBoth = async (first: number, second: number): Promise<number> => {
        let attempts = 0;
        await transact(async ({ sql }) => {
          attempts += 1;
          await raw`UPDATE things SET times = times + 1 WHERE id = ${first}`.execute(sql);
          bothHold[first - 1]?.resolve();
          await Promise.all(bothHold.map(async ({ promise }) => await promise));
          await raw`UPDATE things SET times = times + 1 WHERE id = ${second}`.execute(sql);
        });
        return attempts;
      };
      const attempts = await Promise.all([lockBoth(1, 2), lockBoth(2, 1)]);
      // One of the two is undone; on a busy machine both, and more than once.
      assert.ok(Math.max(...attempts) > 1);
      const { rows } = await raw`SELECT id, times FROM things ORDER BY id`.execute(database.sql);
      assert.deepEqual(rows, [
        { id: 1, times: 2 },
        { id: 2, times: 2 },
      ]);
    });

    it('that a server refuses because it is read-only stored nothing, though one statement is all of it', async () => {
      const database = await open();
      const transact = createTransact(database, new Jobs(database, testClock(), silent));
      const pid = async (): Promise<unknown> =>
        (await raw`SELECT pg_backend_pid()`.execute(database.sql)).rows[0];
      const before = await pid();
      await raw`SET default_transaction_read_only = on`.execute(database.sql);
      const stored = transact((work) => work.enqueue(testJob({ data: { n: 1 } })));
      await assert.rejects(stored, isReadOnly);
      assert.notDeepEqual(await pid(), before, 'its connection is not used again');
    });
  });
});
