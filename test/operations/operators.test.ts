import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { sql, type RootOperationNode } from 'kysely';
import type { FakeClock as TestClock } from '../support/clock.ts';
import type { Clock } from '../../src/clock.ts';
import { Jobs } from '../../src/database/jobRunner.ts';
import { TryAgainLater } from '../../src/database/tryAgain.ts';
import type { Database } from '../../src/database/open.ts';
import { createTransact, type Transact } from '../../src/database/transaction.ts';
import type { TellPeople } from '../../src/operations/noticeLane.ts';
import { Operators } from '../../src/operations/operators.ts';
import { textsFor } from '../../src/texts/texts.ts';
import { afterTest } from '../support/afterTest.ts';
import { counted } from '../support/counted.ts';
import { advance, stoppedClock, testClock } from '../support/clock.ts';
import { forEachDatabaseByTurns } from '../support/databases.ts';
import { silent } from '../support/log.ts';

const second = 1000;
const minute = 60 * second;
const LEAP_MS = 10 * second;
const MANY = 50;
/** Statements per wave, however many notices it has: reading the notices, taking the turn, and writing the jobs. */
const FEW = 8;

/** One replica, reduced to what operators need. The test records what it tells. */
interface Replica {
  jobs: Jobs;
  transact: Transact;
  operators: Operators;
}

/** Statements for telling, without those for the notices and their deadlines. */
function isOfTelling(node: RootOperationNode): boolean {
  const text = JSON.stringify(node);
  const reads = node.kind === 'SelectQueryNode' && text.includes('"operator_notices"');
  return reads || text.includes('"settings"') || text.includes('operators.tell');
}

describe('operators', function () {
  let clock: TestClock;
  let told: string[];
  /** What happens when a message is sent. */
  let teams: () => Promise<void>;
  beforeEach(() => {
    clock = testClock();
    told = [];
    teams = async () => await Promise.resolve();
  });

  const tellPeople: TellPeople = async (people, text) => {
    await teams();
    told.push(text(textsFor('en')));
    return people.map((name) => ({ name, told: true }));
  };

  async function start(database: Database, time: Clock = clock): Promise<Replica> {
    const jobs = new Jobs(database, time, silent);
    const transact = createTransact(database, jobs);
    const operators = new Operators({
      transact,
      jobs,
      log: silent,
      tellPeople,
      clock: time,
      sql: database.sql,
      operators: () => ['Megan Bowen'],
    });
    await jobs.start();
    afterTest(async () => await jobs.stop(10));
    return { jobs, transact, operators };
  }

  /** Each in its own transaction, as escalations are exhausted. */
  async function notice({ transact, operators }: Replica, from: number, to: number): Promise<void> {
    for (let n = from; n < to; n++) {
      await transact(async (work) =>
        operators.noticeIn(work, `webhook host${n}`, {
          kind: 'webhookFailing',
          host: `host${n}.example`,
          problem: 'HTTP 500',
        }),
      );
    }
  }

  /** An escalation is exhausted without an acknowledgement. */
  async function exhaust({ transact, operators }: Replica, policy: string): Promise<void> {
    const id = randomUUID();
    await transact(async (work) =>
      operators.noticeIn(work, `exhausted ${id}`, {
        kind: 'exhausted',
        policy,
        summary: 'It burns',
        id,
      }),
    );
  }

  /** This many were exhausted earlier. */
  async function exhausted(database: Database, policy: string, many: number): Promise<void> {
    await sql`INSERT INTO operator_notices (at, subject, notice, count)
      SELECT now(), 'exhausted ' || n, jsonb_build_object('kind', 'exhausted', 'policy', ${policy}::text, 'summary', 'x', 'id', n::text), 1
      FROM generate_series(1, ${many}::integer) AS n`.execute(database.sql);
  }

  const pass = async (ms: number, ...replicas: Replica[]): Promise<void> =>
    await advance(clock, ms, async () => {
      await Promise.all(replicas.map(async ({ jobs }) => await jobs.idle()));
    });

  /** Lets up to a minute pass. A hanging job never finishes, so wait only for the database. */
  const untilMinute = async (isSo: () => boolean, what: string): Promise<void> => {
    for (let seconds = 0; seconds < 60 && !isSo(); seconds++)
      await advance(clock, second, async () => await Promise.resolve());
    assert.ok(isSo(), what);
  };

  /** Time in which nothing is observed: in leaps, so that repetitions show and polls are few. */
  const skip = async (ms: number, ...replicas: Replica[]): Promise<void> => {
    for (let left = ms; left > 0; left -= LEAP_MS) {
      clock.setTime(clock.now() + Math.min(LEAP_MS, left) - second);
      await pass(second, ...replicas);
    }
  };

  /** How many notices a message tells: its lines, plus the number of further ones. */
  function toldOf(message: string | undefined): number {
    const lines = (message ?? '').split('\n').filter((line) => line.includes('.example')).length;
    const more = /(\d+) more/.exec(message ?? '')?.[1];
    return lines + Number(more ?? 0);
  }

  async function untold(database: Database): Promise<number> {
    const rows = await database.sql
      .selectFrom('operator_notices')
      .select('id')
      .where('told_at', 'is', null)
      .execute();
    return rows.length;
  }

  forEachDatabaseByTurns((open) => {
    it('hear of many things in one message, without extra queries for each', async () => {
      const { database, since } = counted(await open(), isOfTelling);
      const replica = await start(database);
      await notice(replica, 0, MANY);
      since();
      await pass(9 * second, replica);
      assert.deepEqual(told, []);
      await pass(2 * second, replica);
      assert.deepEqual(told.map(toldOf), [MANY]);
      await skip(6 * minute, replica);
      assert.equal(told.length, 1);
      const statements = since();
      assert.ok(statements > 0 && statements <= 2 * FEW, `${statements} for ${MANY}`);
    });

    it('hear once, at the end of the pause, of everything that came during it', async () => {
      const { database, since } = counted(await open(), isOfTelling);
      const replica = await start(database);
      await notice(replica, 0, 1);
      await pass(11 * second, replica);
      since();
      await notice(replica, 1, MANY + 1);
      await skip(30 * second, replica);
      await notice(replica, MANY + 1, 2 * MANY + 1);
      await skip(4 * minute + 28 * second, replica);
      assert.deepEqual(told.map(toldOf), [1]);
      await pass(2 * second, replica);
      assert.deepEqual(told.map(toldOf), [1, 2 * MANY]);
      await skip(6 * minute, replica);
      assert.equal(told.length, 2);
      const statements = since();
      assert.ok(statements > 0 && statements <= 4 * FEW, `${statements} for ${2 * MANY}`);
    });

    it('are told once although there are several replicas', async () => {
      const database = await open();
      const replicas = [await start(database), await start(database)] as const;
      await Promise.all([notice(replicas[0], 0, MANY), notice(replicas[1], MANY, 2 * MANY)]);
      await pass(12 * second, ...replicas);
      const heard = told.map(toldOf);
      await skip(6 * minute, ...replicas);
      assert.deepEqual(heard, [2 * MANY]);
      assert.equal(told.length, 1);
      assert.equal(await untold(database), 0);
    });

    it('hear at the end of the pause of notices whose process died', async () => {
      const database = await open();
      const dying = await start(database);
      await notice(dying, 0, 3);
      const hangs = Promise.withResolvers<void>();
      let hasBegun = false;
      teams = async () => {
        hasBegun = true;
        await hangs.promise;
      };
      afterTest(() => hangs.resolve());
      await untilMinute(() => hasBegun, 'the first message is being sent');
      // It is killed while writing to them: it neither continues nor reports.
      await dying.jobs.stop(10);
      teams = async () => await Promise.resolve();
      const next = await start(database);
      await notice(next, 3, 5);
      await skip(4 * minute, next);
      assert.deepEqual(told, []);
      await skip(2 * minute, next);
      assert.deepEqual(told.map(toldOf), [5]);
      assert.equal(await untold(database), 0);
    });

    it('hear from another process of notices that a dying process stored', async () => {
      const database = await open();
      const dying = await start(database, stoppedClock(clock.now()));
      await notice(dying, 0, 3);
      await dying.jobs.stop(10);
      const next = await start(database);
      await pass(12 * second, next);
      assert.deepEqual(told.map(toldOf), [3]);
    });

    it('are told half a minute later if Teams does not answer, however many notices come meanwhile', async () => {
      const { database, since } = counted(await open(), isOfTelling);
      const replica = await start(database);
      let tries = 0;
      teams = async () => {
        tries++;
        await Promise.resolve();
        throw new TryAgainLater(1_000);
      };
      for (let n = 0; n < 10; n++) {
        await notice(replica, n, n + 1);
        await pass(second, replica);
      }
      since();
      await skip(50 * second, replica);
      assert.equal(tries, 2);
      const statements = since();
      assert.ok(statements > 0 && statements <= 4 * FEW, `${statements} for 10`);
      teams = async () => await Promise.resolve();
      await skip(30 * second, replica);
      assert.deepEqual(told.map(toldOf), [10]);
      await skip(6 * minute, replica);
      assert.equal(told.length, 1);
    });

    it('are told at the end of a pause that an older version began', async () => {
      const database = await open();
      const at = new Date(clock.now() - 4 * minute).toISOString();
      await database.sql
        .insertInto('settings')
        .values({ name: 'operatorsTold', value: JSON.stringify({ at }) })
        .execute();
      const replica = await start(database);
      await notice(replica, 0, 3);
      await skip(58 * second, replica);
      assert.deepEqual(told, []);
      await pass(5 * second, replica);
      assert.deepEqual(told.map(toldOf), [3]);
    });

    it('hear of surplus notices with the next message', async () => {
      const database = await open();
      const replica = await start(database);
      await exhausted(database, 'payments', 1100);
      await exhaust(replica, 'payments');
      await pass(12 * second, replica);
      assert.equal(await untold(database), 101);
      await skip(40 * second, replica);
      assert.equal(await untold(database), 0);
      assert.equal(told.length, 2);
    });

    it('hear within a minute that nobody acknowledged, however many other notices wait', async () => {
      const database = await open();
      const replica = await start(database);
      await notice(replica, 0, 1);
      await pass(12 * second, replica);
      assert.equal(told.length, 1, 'the pause after a message has begun');
      await sql`INSERT INTO operator_notices (at, subject, notice, count)
        SELECT now(), 'webhook ' || n, jsonb_build_object('kind', 'webhookFailing', 'host', n || '.example', 'problem', 'x'), 1
        FROM generate_series(1, 5000) AS n`.execute(database.sql);
      await exhaust(replica, 'payments');
      await skip(minute, replica);
      assert.match(told.at(-1) ?? '', /Nobody in payments acknowledged: It burns/);
      assert.equal(told.length, 2);
    });

    it('hear within a minute that nobody acknowledged, even if another message hangs', async () => {
      const database = await open();
      const replica = await start(database);
      const hangs = Promise.withResolvers<void>();
      afterTest(() => hangs.resolve());
      let hasBegun = false;
      teams = async () => {
        teams = async () => await Promise.resolve();
        hasBegun = true;
        await hangs.promise;
      };
      await notice(replica, 0, 1);
      await untilMinute(() => hasBegun, 'the first message is being sent');
      await exhaust(replica, 'payments');
      await untilMinute(() => told.length === 1, 'the urgent message is there');
      assert.match(told[0] ?? '', /Nobody in payments acknowledged/);
      hangs.resolve();
    });

    it('hear within a minute that nobody acknowledged, even right after another such message', async () => {
      const database = await open();
      const replica = await start(database);
      for (let n = 1; n <= 4; n++) {
        await exhaust(replica, `policy ${n}`);
        await skip(minute, replica);
        assert.match(told.join('\n'), new RegExp(`Nobody in policy ${n} acknowledged`));
      }
      await exhaust(replica, 'policy 5');
      await pass(12 * second, replica);
      await exhaust(replica, 'policy 6');
      await skip(48 * second, replica);
      assert.match(told.at(-1) ?? '', /Nobody in policy 6 acknowledged/);
    });

    it('see every policy that nobody acknowledged, even if another one has thousands', async () => {
      const database = await open();
      const replica = await start(database);
      await exhausted(database, 'noisy', 3000);
      await exhaust(replica, 'payments');
      await pass(12 * second, replica);
      assert.match(told[0] ?? '', /Nobody in payments acknowledged/);
    });

    it('have a bounded number of waiting notices while Teams does not answer', async () => {
      const database = await open();
      const replica = await start(database);
      teams = async () => await Promise.reject(new TryAgainLater(1_000));
      await sql`INSERT INTO operator_notices (at, subject, notice, count)
        SELECT now(), 'webhook ' || n % 2000, jsonb_build_object('kind', 'webhookFailing', 'host', n || '.example', 'problem', 'x'), 1
        FROM generate_series(1, 5000) AS n`.execute(database.sql);
      await notice(replica, 0, 1);
      await skip(minute, replica);
      assert.equal(await untold(database), 1000);
      const { times } = await database.sql
        .selectFrom('operator_notices')
        .select(({ fn }) => fn.max('count').as('times'))
        .executeTakeFirstOrThrow();
      assert.equal(times, 3, 'the same thing is counted');
    });
  });
});
