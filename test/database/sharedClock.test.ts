import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { systemClock, type Clock } from '../../src/clock.ts';
import { Jobs } from '../../src/database/jobRunner.ts';
import { databaseTime } from '../../src/database/jobStore.ts';
import type { Database } from '../../src/database/open.ts';
import { SharedClock } from '../../src/database/sharedClock.ts';
import { createTransact, type Transact } from '../../src/database/transaction.ts';
import { handleTestJobs, testJob } from '../support/jobKinds.ts';
import { afterTest } from '../support/afterTest.ts';
import { testClock } from '../support/clock.ts';
import { onPostgres, pollingOften } from '../support/databases.ts';
import { silent } from '../support/log.ts';
import { until } from '../support/until.ts';

const HOUR = 3_600_000;

describe('the time that replicas share', () => {
  it('is the database’s, as far as it can be told through the network', async () => {
    const own = testClock();
    const shared = new SharedClock(own);
    const told = own.now() + HOUR;
    await shared.alignWith(async () => {
      await own.tick(10);
      return told + 5;
    });
    assert.equal(shared.now(), told + 10);
    await shared.alignWith(async () => told + 10 + 15);
    assert.equal(shared.now(), told + 10, 'what may be the way of the answer moves nothing');
    await shared.alignWith(async () => told - HOUR);
    assert.equal(shared.now(), told - HOUR, 'a clock that was set right is followed');
  });

  it('stays as it is while the database does not answer', async () => {
    const own = testClock();
    const shared = new SharedClock(own);
    await shared.alignWith(async () => own.now() - HOUR);
    await assert.rejects(
      shared.alignWith(async () => await Promise.reject(new RangeError('away'))),
      RangeError,
    );
    await own.tick(1_000);
    assert.equal(shared.now(), own.now() - HOUR);
    assert.equal(shared.monotonic(), own.monotonic());
  });

  onPostgres((open, freshUrl) => {
    /** A replica on a machine whose clock is wrong by so much. */
    async function replica(
      url: string,
      wrongBy: number,
    ): Promise<{ clock: Clock; database: Database; transact: Transact; ran: number[] }> {
      const database = pollingOften(await open(url));
      const own: Clock = { ...systemClock, now: () => Date.now() + wrongBy };
      const clock = new SharedClock(own);
      await clock.alignWith(async () => await databaseTime(database.sql));
      const jobs = new Jobs(database, clock, silent);
      const ran: number[] = [];
      handleTestJobs(jobs, 'greet', { run: async ({ n }) => void ran.push(Number(n)) });
      await jobs.start();
      afterTest(async () => await jobs.stop(1_000));
      return { clock, database, transact: createTransact(database, jobs), ran };
    }

    for (const [title, wrongBy] of [
      ['an hour ahead', HOUR],
      ['an hour behind', -HOUR],
    ] as const) {
      it(`a replica whose clock is ${title} plans for the others as they plan for it`, async () => {
        const url = await freshUrl();
        const wrong = await replica(url, wrongBy);
        const right = await replica(url, 0);
        const ran = (): number[] => [...wrong.ran, ...right.ran].toSorted((one, other) => one - other);
        for (const [n, one] of [wrong, right].entries()) {
          await one.transact((work) => work.enqueue(testJob({ data: { n }, dueAt: one.clock.now() + 300 })));
        }
        await until(() => ran().length === 2, 'both deadlines have come');
        assert.deepEqual(ran(), [0, 1]);
        const { rows } = await sql<{ off: number }>`
          SELECT extract(epoch FROM leased_until - clock_timestamp())::float8 AS off FROM processes`.execute(
          right.database.sql,
        );
        assert.equal(rows.length, 2);
        for (const { off } of rows) assert.ok(off > 0 && off < 60, `a lease of ${off} s`);
      });
    }
  });
});
