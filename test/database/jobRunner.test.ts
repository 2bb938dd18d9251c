import assert from 'node:assert/strict';
import { sql } from 'kysely';
import type { FakeClock as TestClock } from '../support/clock.ts';
import { setImmediate } from 'node:timers/promises';
import { noCheckpoint } from '../../src/database/checkpoint.ts';
import type { Clock } from '../../src/clock.ts';
import type { JobObserver } from '../../src/database/jobHandler.ts';
import { Jobs } from '../../src/database/jobRunner.ts';
import { LeaseLost, TryAgainLater } from '../../src/database/tryAgain.ts';
import type { Database } from '../../src/database/open.ts';
import { createTransact, type Transact } from '../../src/database/transaction.ts';
import { afterTest } from '../support/afterTest.ts';
import { advance, stoppedClock, testClock } from '../support/clock.ts';
import { forEachDatabase, onPostgres, pollingOften } from '../support/databases.ts';
import { handleTestJobs, testJob, type TestHandler, type TestKind } from '../support/jobKinds.ts';
import { silent } from '../support/log.ts';
import { until } from '../support/until.ts';

const never = new Promise<void>(() => undefined);

/** One process as far as jobs go. Those that a test starts are stopped after it. */
interface Process {
  jobs: Jobs;
  transact: Transact;
  /** What its handlers ran, in order. */
  ran: string[];
}

describe('jobs', () => {
  let clock: TestClock;
  beforeEach(() => {
    clock = testClock();
  });

  async function startProcess(
    database: Database,
    handlers: Partial<Record<TestKind, TestHandler | TestHandler['run']>>,
    { time = clock, observer = {} }: { time?: Clock; observer?: Partial<JobObserver> } = {},
  ): Promise<Process> {
    const watching: JobObserver = {
      started: () => undefined,
      failed: () => undefined,
      dropped: () => undefined,
      stuck: () => undefined,
      ...observer,
    };
    const jobs = new Jobs(pollingOften(database), time, silent, noCheckpoint, watching);
    const ran: string[] = [];
    for (const [name, handler] of Object.entries(handlers)) {
      const given: TestHandler = typeof handler === 'function' ? { run: handler } : handler;
      handleTestJobs(jobs, name as TestKind, {
        ...given,
        run: async (data, job) => {
          ran.push(`${name} ${data.n ?? ''}`.trim());
          await given.run(data, job);
        },
      });
    }
    await jobs.start();
    afterTest(async () => await jobs.stop(10));
    return { jobs, transact: createTransact(database, jobs), ran };
  }

  const want = async ({ transact }: Process, ...requests: Parameters<typeof testJob>[0][]): Promise<void> =>
    await transact((work) => {
      for (const request of requests) work.enqueue(testJob(request));
    });

  const pass = async (ms: number, ...processes: Process[]): Promise<void> =>
    await advance(clock, ms, async () => {
      await Promise.all(processes.map(async ({ jobs }) => await jobs.idle()));
    });

  async function left(database: Database): Promise<number> {
    return (await database.sql.selectFrom('jobs').select('name').execute()).length;
  }

  forEachDatabase((open, kind) => {
    let database: Database;
    beforeEach(async () => {
      database = await open();
    });

    it('an effect runs as soon as its transaction has committed, and sees what that wrote', async () => {
      const names: string[] = [];
      const process = await startProcess(database, {
        greet: async () => {
          const rows = await database.sql.selectFrom('settings').select('name').execute();
          names.push(...rows.map(({ name }) => name));
        },
      });
      await process.transact(async (work) => {
        work.enqueue(testJob());
        await work.sql.insertInto('settings').values({ name: 'written', value: '{}' }).execute();
        assert.deepEqual(process.ran, []);
      });
      await process.jobs.idle();
      assert.deepEqual(names, ['written']);
      assert.equal(await left(database), 0);
    });

    it('a transaction that fails leaves no job', async () => {
      const process = await startProcess(database, { greet: async () => undefined });
      const failing = process.transact(async (work) => {
        work.enqueue(testJob());
        work.enqueue(testJob({ dueAt: clock.now() }));
        await work.sql.insertInto('settings').values({ name: 'written', value: '{}' }).execute();
        throw new RangeError('no');
      });
      await assert.rejects(failing, RangeError);
      assert.equal(await left(database), 0);
      await pass(15_000, process);
      assert.deepEqual(process.ran, []);
      assert.deepEqual(await database.sql.selectFrom('settings').selectAll().execute(), []);
    });

    it('an error of the database within a transaction undoes all of it, and the next one works', async () => {
      const process = await startProcess(database, { greet: async () => undefined });
      const failing = process.transact(async (work) => {
        work.enqueue(testJob());
        await sql`SELECT 1 / 0`.execute(work.sql);
      });
      await assert.rejects(failing, /division by zero/);
      assert.equal(await left(database), 0);
      await want(process, {});
      await process.jobs.idle();
      assert.deepEqual(process.ran, ['greet']);
    });

    it('transactions that run at the same time do not mix', async () => {
      const process = await startProcess(database, { greet: async () => undefined });
      const outcomes = await Promise.allSettled(
        Array.from({ length: 20 }, async (_, n) =>
          process.transact(async (work) => {
            await work.sql
              .insertInto('settings')
              .values({ name: `s${n}`, value: '{}' })
              .execute();
            work.enqueue(testJob({ data: { n } }));
            if (n % 2) throw new RangeError('odd');
            return n;
          }),
        ),
      );
      await process.jobs.idle();
      assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 10);
      assert.equal(process.ran.length, 10);
      assert.equal((await database.sql.selectFrom('settings').selectAll().execute()).length, 10);
      assert.equal(await left(database), 0);
    });

    it('an effect may set off further ones', async () => {
      const process = await startProcess(database, {
        first: async () => await process.transact((work) => work.enqueue(testJob({ name: 'second' }))),
        second: async () => undefined,
      });
      await want(process, { name: 'first' });
      assert.equal(process.jobs.busy, true);
      await process.jobs.idle();
      assert.equal(process.jobs.busy, false);
      assert.deepEqual(process.ran, ['first', 'second']);
    });

    it('a deadline runs at its time, not before', async () => {
      const process = await startProcess(database, { greet: async () => undefined });
      await want(process, { dueAt: clock.now() + 45_000 });
      await pass(44_500, process);
      assert.deepEqual(process.ran, []);
      await pass(1_500, process);
      assert.deepEqual(process.ran, ['greet']);
      assert.equal(await left(database), 0);
    });

    it('a deadline that is dropped does not run, unless the same transaction also requests it', async () => {
      const process = await startProcess(database, { greet: async () => undefined });
      const [dropped, kept] = [1, 2].map((n) => ({ data: { n }, dueAt: clock.now() + 5_000 }));
      assert.ok(dropped && kept);
      await want(process, dropped, kept);
      await process.transact((work) => {
        for (const deadline of [dropped, kept]) work.drop(testJob(deadline));
        work.enqueue(testJob(kept));
      });
      await pass(6_000, process);
      assert.deepEqual(process.ran, ['greet 2']);
      assert.equal(await left(database), 0);
    });

    it('a deadline that is dropped while it runs stays until it is done', async () => {
      const gate = Promise.withResolvers<void>();
      const process = await startProcess(database, { slow: async () => await gate.promise });
      const deadline = { name: 'slow', dueAt: clock.now() } as const;
      await want(process, deadline);
      await advance(clock, 200, async () => undefined);
      await until(() => process.ran.length === 1, 'it runs');
      await process.transact((work) => work.drop(testJob(deadline)));
      assert.equal(await left(database), 1);
      gate.resolve();
      await process.jobs.idle();
      assert.equal(await left(database), 0);
    });

    it('an effect that may wait runs at its time, or at once if somebody wants it sooner', async () => {
      const process = await startProcess(database, { greet: async () => undefined });
      await want(process, { notBefore: clock.now() + 10_000 });
      await pass(9_000, process);
      assert.deepEqual(process.ran, []);
      await pass(2_000, process);
      assert.deepEqual(process.ran, ['greet']);
      await want(process, { notBefore: clock.now() + 10_000 });
      await want(process, {});
      await process.jobs.idle();
      assert.deepEqual(process.ran, ['greet', 'greet']);
      await pass(11_000, process);
      assert.deepEqual(process.ran, ['greet', 'greet'], 'it is one job');
      assert.equal(await left(database), 0);
    });

    it('what waits for its time is hastened when that is over', async () => {
      const process = await startProcess(database, { greet: async () => undefined });
      await want(process, { notBefore: clock.now() + 3_600_000 });
      await process.jobs.hasten([testJob().name]);
      await pass(6_000, process);
      assert.deepEqual(process.ran, ['greet']);
    });

    it('a deadline does not wait for the next poll', async () => {
      const process = await startProcess(database, { greet: async () => undefined });
      await clock.tick(1_000);
      await process.jobs.idle();
      await want(process, { dueAt: clock.now() + 210 });
      await clock.tick(200);
      await process.jobs.idle();
      assert.deepEqual(process.ran, []);
      await clock.tick(100);
      await until(() => process.ran.length === 1, 'it has run');
    });

    it('a deadline that lies in the past runs at once', async () => {
      const process = await startProcess(database, { greet: async () => undefined });
      await want(process, { dueAt: clock.now() - 60_000 });
      await pass(1_000, process);
      assert.deepEqual(process.ran, ['greet']);
    });

    it('a deadline that was written by a process before its end runs in the next one', async () => {
      const before = await startProcess(database, { greet: async () => undefined });
      await want(before, { dueAt: clock.now() + 5_000 });
      await before.jobs.stop(1_000);
      const after = await startProcess(database, { greet: async () => undefined });
      await pass(6_000, after);
      assert.deepEqual(after.ran, ['greet']);
    });

    it('what fails is tried again, with growing pauses', async () => {
      const times: number[] = [];
      const start = clock.now();
      const process = await startProcess(database, {
        greet: async () => {
          times.push(clock.now() - start);
          if (times.length < 5) throw new RangeError('not yet');
        },
      });
      await want(process, {});
      await pass(60_000, process);
      assert.equal(times.length, 5);
      const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
      // 1, 2, 4 s, somewhat spread.
      assert.ok((pauses[0] ?? 0) <= 1_600, String(pauses));
      assert.ok((pauses[3] ?? 0) >= (pauses[1] ?? 0), String(pauses));
      assert.equal(await left(database), 0);
    });

    it('what fails is never given up, however often: after an hour of failures it is done when it can be', async () => {
      let works = false;
      const stuck: string[] = [];
      const process = await startProcess(
        database,
        {
          greet: async () => {
            if (!works) throw new RangeError('not yet');
          },
        },
        { observer: { stuck: (name, ms) => stuck.push(`${name} ${Math.floor(ms / 300_000)}`) } },
      );
      await want(process, {});
      for (let minute = 0; minute < 70; minute++) {
        clock.setTime(clock.now() + 60_000);
        await pass(6_000, process);
      }
      assert.ok(process.ran.length > 50, String(process.ran.length));
      assert.deepEqual(stuck, ['greet 1', 'greet 13'], 'told after five minutes, and an hour later');
      works = true;
      await pass(70_000, process);
      assert.equal(await left(database), 0);
    });

    it('what is of no use any more is dropped when it fails, and that is told', async () => {
      const over: string[] = [];
      const handler: TestHandler = {
        run: async () => await Promise.reject(new RangeError('never')),
        useful: {
          forMs: 60_000,
          over: async (data, error) => {
            over.push(`${data.n}: ${error instanceof RangeError}`);
          },
        },
      };
      const process = await startProcess(database, { greet: handler });
      await want(process, { data: { n: 7 } });
      await pass(55_000, process);
      assert.deepEqual(over, []);
      await pass(70_000, process);
      assert.deepEqual(over, ['7: true']);
      assert.equal(await left(database), 0);
    });

    it('one that hangs keeps no other from its time', async () => {
      const process = await startProcess(database, {
        slow: async () => await never,
        greet: async () => undefined,
      });
      const dueAt = clock.now() + 1_000;
      await want(
        process,
        { name: 'slow', dueAt },
        { data: { n: 1 }, dueAt },
        { data: { n: 2 }, dueAt: dueAt + 200 },
      );
      await pass(1_300, process);
      await until(() => process.ran.length === 3, 'all have begun');
      assert.deepEqual(process.ran.toSorted(), ['greet 1', 'greet 2', 'slow']);
    });

    it('the same is never run twice at a time, and once more if it was wanted meanwhile', async () => {
      const gates: PromiseWithResolvers<void>[] = [];
      let atOnce = 0;
      const process = await startProcess(database, {
        greet: async () => {
          atOnce++;
          assert.equal(atOnce, 1);
          const gate = Promise.withResolvers<void>();
          gates.push(gate);
          await gate.promise;
          atOnce--;
        },
      });
      await want(process, {});
      await until(() => gates.length === 1, 'it runs');
      await Promise.all([want(process, {}), want(process, {}), want(process, {}, {})]);
      gates[0]?.resolve();
      await until(() => gates.length === 2, 'it runs once more');
      gates[1]?.resolve();
      await process.jobs.idle();
      assert.deepEqual(process.ran, ['greet', 'greet']);
      assert.equal(await left(database), 0);
    });

    it('what is wanted again and again while it ends is not lost, and not left behind', async () => {
      let seen = 0;
      let written = 0;
      const process = await startProcess(database, {
        greet: async () => {
          seen = written;
        },
      });
      await Promise.all(
        Array.from({ length: 60 }, async () => {
          await setImmediate();
          await process.transact((work) => {
            work.enqueue(testJob());
            written++;
          });
        }),
      );
      await pass(1_000, process);
      assert.equal(seen, written);
      assert.equal(await left(database), 0);
    });

    it('a job of which the commit was not answered is run all the same', async () => {
      const process = await startProcess(database, { greet: async () => undefined });
      await database.sql.transaction().execute(async (trx) => {
        await process.jobs.conclude(trx, { wanted: [testJob()], dropped: [], finished: [], writes: [] });
      });
      await pass(4_000, process);
      assert.deepEqual(process.ran, []);
      await pass(2_500, process);
      assert.deepEqual(process.ran, ['greet']);
      assert.equal(await left(database), 0);
    });

    it('a job says when it wants to be tried again, as often as it likes', async () => {
      const times: number[] = [];
      const start = clock.now();
      const process = await startProcess(database, {
        greet: async () => {
          times.push(clock.now() - start);
          if (times.length < 4) throw new TryAgainLater(20_000);
        },
      });
      await want(process, {});
      await pass(65_000, process);
      assert.equal(times.length, 4);
      const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
      for (const pause of pauses) assert.ok(pause >= 20_000 && pause < 21_100, String(pauses));
      assert.equal(await left(database), 0);
    });

    it('a deadline says so too', async () => {
      const times: number[] = [];
      const start = clock.now();
      const process = await startProcess(database, {
        greet: async () => {
          times.push(clock.now() - start);
          if (times.length < 3) throw new TryAgainLater(10_000);
        },
      });
      await want(process, { dueAt: clock.now() });
      await pass(25_000, process);
      assert.equal(times.length, 3);
      assert.ok((times[1] ?? 0) - (times[0] ?? 0) >= 10_000, String(times));
    });

    it('a row that does not fit its kind fails without its handler', async () => {
      const failed: string[] = [];
      const observer = { failed: (name: string) => failed.push(name) };
      const process = await startProcess(database, { greet: async () => undefined }, { observer });
      const at = new Date(clock.now());
      await database.sql
        .insertInto('jobs')
        .values({ name: 'greet', key: '1', data: JSON.stringify({ n: 'seven' }), due_at: at, wanted_at: at })
        .execute();
      await pass(7_000, process);
      assert.deepEqual([process.ran, failed[0]], [[], 'greet']);
      assert.equal(await left(database), 1, 'it is kept, and tried again');
    });

    it('a row that does not fit its kind is dropped when it is of no use any more', async () => {
      const over: string[] = [];
      const greet: TestHandler = {
        run: async () => undefined,
        useful: { forMs: 60_000, over: async () => void over.push('over') },
      };
      const process = await startProcess(database, { greet });
      const at = new Date(clock.now());
      const data = JSON.stringify({ n: 'seven' });
      await database.sql
        .insertInto('jobs')
        .values({ name: 'greet', key: '1', data, due_at: at, wanted_at: at })
        .execute();
      await pass(50_000, process);
      assert.equal(await left(database), 1);
      await pass(20_000, process);
      assert.deepEqual([process.ran, over], [[], []], 'nobody can read what to tell');
      assert.equal(await left(database), 0);
    });

    it('a job that this version of the code does not know waits for one that does', async () => {
      const older = await startProcess(database, { other: async () => undefined });
      await want(older, { name: 'newThing' }, { name: 'newDeadline', dueAt: clock.now() });
      // Longer than all retries of a job that fails.
      for (let minute = 0; minute < 60; minute++) {
        clock.setTime(clock.now() + 60_000);
        await pass(1_000, older);
      }
      await older.jobs.stop(1_000);
      const newer = await startProcess(database, {
        newThing: async () => undefined,
        newDeadline: async () => undefined,
      });
      await pass(7_000, newer);
      assert.deepEqual(newer.ran.toSorted(), ['newDeadline', 'newThing']);
    });

    it('what a process left undone when it died is done by the next one', async () => {
      const time = stoppedClock(clock.now());
      const dead = await startProcess(database, { greet: async () => await never }, { time });
      await want(dead, { data: { n: 1 } });
      const next = await startProcess(database, { greet: async () => undefined });
      // Nobody but the next one can be at an embedded database, so there is nothing to wait for.
      await pass(kind === 'pglite' ? 1_000 : 6_000, next);
      assert.deepEqual(next.ran, ['greet 1']);
      assert.equal(await left(database), 0);
    });

    it('what a process cannot finish when it stops is handed back at once, and stays so', async () => {
      const stopping = await startProcess(database, { greet: async () => await never });
      await want(stopping, { data: { n: 1 } });
      await stopping.jobs.stop(20);
      // Its handler still hangs; nothing of it may hold the job any longer.
      await clock.tick(5_000);
      const other = await startProcess(database, { greet: async () => undefined });
      await pass(1_500, other);
      assert.deepEqual(other.ran, ['greet 1']);
    });

    it('stopping waits for what is nearly done', async () => {
      let finish = (): void => undefined;
      const process = await startProcess(database, {
        greet: async () => await new Promise<void>((resolve) => (finish = resolve)),
      });
      await want(process, {});
      const stop = process.jobs.stop(10_000);
      finish();
      await stop;
      assert.equal(await left(database), 0);
    });

    it('a job that is wanted while the process stops is not lost', async () => {
      const handlers = { greet: async () => await never, late: async () => undefined };
      const process = await startProcess(database, handlers);
      await want(process, {});
      const stop = process.jobs.stop(200);
      await want(process, { name: 'late' });
      await stop;
      const other = await startProcess(database, { ...handlers, greet: async () => undefined });
      await pass(2_000, other);
      assert.ok(other.ran.includes('greet'));
      assert.deepEqual(
        [...process.ran, ...other.ran].filter((job) => job === 'late'),
        ['late'],
      );
    });

    it('more than a process can run at once waits in the queue, where the urgent goes first', async () => {
      let release = (): void => undefined;
      const gate = new Promise<void>((resolve) => (release = resolve));
      const process = await startProcess(database, {
        greet: async () => await gate,
        later: async () => undefined,
      });
      await want(process, ...Array.from({ length: 200 }, (_, n) => ({ data: { n } })));
      const later = Array.from({ length: 100 }, (_, n) => ({ name: 'later' as const, data: { n } }));
      await want(process, ...later, { name: 'later', data: { n: 100 }, urgency: 10 });
      await advance(clock, 2_000, async () => undefined);
      assert.equal(process.ran.length, 200);
      release();
      await until(() => process.ran.length === 301, 'all have begun');
      assert.equal(process.ran[200], 'later 100');
      await pass(1_000, process);
      assert.equal(await left(database), 0);
    });

    it('says when it last showed life', async () => {
      const process = await startProcess(database, { greet: async () => undefined });
      assert.equal(process.jobs.lastTick, clock.now());
      await pass(30_000, process);
      await want(process, {});
      await process.jobs.idle();
      assert.equal(process.jobs.lastTick, clock.now());
    });

    it(`works on ${kind} without a job having been wanted`, async () => {
      const process = await startProcess(database, {});
      await process.jobs.idle();
      await process.jobs.stop(10);
      await process.jobs.stop(10);
    });
  });

  onPostgres((open, freshUrl) => {
    it('what a process left undone when it died is taken over when its lease has run out', async () => {
      const url = await freshUrl();
      const time = stoppedClock(clock.now());
      const dead = await startProcess(await open(url), { greet: async () => await never }, { time });
      await want(dead, { data: { n: 1 } });
      assert.deepEqual(dead.ran, ['greet 1']);
      const database = await open(url);
      const alive = await startProcess(database, { greet: async () => undefined });
      await pass(4_500, alive);
      assert.deepEqual(alive.ran, []);
      await pass(1_500, alive);
      assert.deepEqual(alive.ran, ['greet 1']);
      assert.equal(await left(database), 0);
    });

    it('what a living process works on for long is not taken over', async () => {
      const url = await freshUrl();
      const slow = await startProcess(await open(url), { greet: async () => await never });
      await want(slow, {});
      const other = await startProcess(await open(url), { greet: async () => undefined });
      await advance(clock, 30_000, async () => await other.jobs.idle());
      assert.deepEqual(other.ran, []);
      assert.deepEqual(slow.ran, ['greet']);
    });

    it('two processes share the deadlines: each runs once', async () => {
      const url = await freshUrl();
      const one = await startProcess(await open(url), { greet: async () => undefined });
      const other = await startProcess(await open(url), { greet: async () => undefined });
      const due = clock.now() + 2_000;
      await want(one, ...Array.from({ length: 150 }, (_, n) => ({ data: { n }, dueAt: due })));
      await pass(4_000, one, other);
      const ran = [...one.ran, ...other.ran];
      assert.equal(ran.length, 150);
      assert.equal(new Set(ran).size, 150);
    });

    it('an effect is run by the process that wanted it, and by no other', async () => {
      const url = await freshUrl();
      const one = await startProcess(await open(url), { greet: async () => undefined });
      const other = await startProcess(await open(url), { greet: async () => undefined });
      await want(one, ...Array.from({ length: 50 }, (_, n) => ({ data: { n } })));
      await pass(15_000, one, other);
      assert.equal(one.ran.length, 50);
      assert.equal(other.ran.length, 0);
    });

    it('a process that wants more than it can run is helped by another', async () => {
      const url = await freshUrl();
      const busy = await startProcess(await open(url), { greet: async () => await never });
      const helper = await startProcess(await open(url), { greet: async () => undefined });
      await want(busy, ...Array.from({ length: 200 }, (_, n) => ({ data: { n } })));
      await want(busy, ...Array.from({ length: 60 }, (_, n) => ({ data: { n: 200 + n } })));
      await pass(2_000, helper);
      await until(() => busy.ran.length + helper.ran.length === 260, 'all have begun');
      assert.equal(busy.ran.length, 200);
    });

    it('a process that stood still for longer than its lease does not act until it has it anew', async () => {
      const url = await freshUrl();
      const stalled = await startProcess(await open(url), { greet: async () => undefined });
      stalled.jobs.assertLease();
      // Nothing of it runs meanwhile.
      clock.setTime(clock.now() + 60_000);
      assert.throws(() => stalled.jobs.assertLease(), LeaseLost);
      await pass(1_000, stalled);
      stalled.jobs.assertLease();
    });

    it("what a stalled process was at is another one's, and what comes of it changes nothing", async () => {
      const url = await freshUrl();
      const gate = Promise.withResolvers<void>();
      const stalled = await startProcess(await open(url), { greet: async () => await gate.promise });
      await want(stalled, {});
      await until(() => stalled.ran.length === 1, 'it has begun');
      const database = await open(url);
      // As if only the other one had woken up by then.
      clock.setTime(clock.now() + 10_000);
      const other = await startProcess(database, { greet: async () => await never });
      await until(() => other.ran.length === 1, 'the other one has taken over');
      gate.resolve();
      await stalled.jobs.idle();
      assert.equal(await left(database), 1, 'the other one is still at it');
    });
  });
});
