import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { sql } from 'kysely';
import pg from 'pg';
import sinon from 'sinon';
import { isDatabaseAway } from '../../src/database/away.ts';
import { inTime } from '../../src/clock.ts';
import { Contended } from '../../src/database/transactionErrors.ts';
import { Jobs } from '../../src/database/jobRunner.ts';
import { openDatabase, type Database } from '../../src/database/open.ts';
import { TIME_LIMITS, type TimeLimits } from '../../src/database/serverPool.ts';
import { createTransact } from '../../src/database/transaction.ts';
import { afterTest } from '../support/afterTest.ts';
import { testClock } from '../support/clock.ts';
import { onPostgres } from '../support/databases.ts';
import { gateTo, type Gate } from '../support/gate.ts';
import { silent } from '../support/log.ts';
import { itLong } from '../support/long.ts';

const CONNECTIONS = 4;

/** The server process behind the connection that this statement happened to get. */
async function pidOf({ sql: db }: Pick<Database, 'sql'>): Promise<number> {
  const { rows } = await sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`.execute(db);
  return rows[0]?.pid ?? 0;
}

/** Uses all connections of the pool at once, so that all of them are open. @returns their server processes */
async function useAll(database: Database): Promise<Set<number>> {
  const { promise: allThere, resolve, reject } = Promise.withResolvers<void>();
  const pids = new Set<number>();
  const one = async (): Promise<void> =>
    await database.sql.transaction().execute(async (trx) => {
      pids.add(await pidOf({ sql: trx }));
      if (pids.size === CONNECTIONS) resolve();
      await allThere;
    });
  await Promise.all(Array.from({ length: CONNECTIONS }, async () => await one().catch(reject)));
  await allThere;
  return pids;
}

/** The same before anything is wrong: on a busy machine a connection may take longer than the limits of these tests. */
async function opened(database: Database): Promise<Set<number>> {
  return await useAll(database).catch(async (error: unknown) => {
    if (!isDatabaseAway(error)) throw error;
    return await opened(database);
  });
}

describe('the server falls silent', function () {
  onPostgres((_open, freshUrl) => {
    let url: string;
    let gate: Gate;

    beforeEach(async () => {
      url = await freshUrl();
      const { hostname, port } = new URL(url);
      gate = await gateTo({ host: hostname, port: Number(port) });
      afterTest(async () => await gate.shut());
    });

    /** A database behind the gate. */
    async function open(limits: Partial<TimeLimits>, poolSize = CONNECTIONS): Promise<Database> {
      const through = new URL(url);
      through.port = String(gate.port);
      const database = await openDatabase({
        url: through.href,
        dataDir: '',
        poolSize,
        limits,
      });
      afterTest(async () => await database.close());
      return database;
    }

    it('one statement finds out, its connection and the others of then are not used again', async () => {
      const database = await open({ answer: 1_000 });
      const before = await opened(database);
      gate.fallSilent();
      gate.failOver();
      await assert.rejects(pidOf(database), isDatabaseAway);
      const after = await useAll(database);
      assert.deepEqual(
        [...after].filter((pid) => before.has(pid)),
        [],
      );
    });

    it('who waits for the connection of one that was not answered gets another one', async () => {
      const database = await open({ answer: 900 }, 1);
      // Not all connections are given up a second time so soon after this: just the one.
      database.renew();
      await pidOf(database);
      gate.fallSilent();
      gate.failOver();
      const asked = pidOf(database);
      const waiting = pidOf(database);
      await assert.rejects(asked);
      await waiting;
    });

    it('a connection is waited for less long than a statement, and the rollback of one that failed for nothing', async () => {
      const database = await open({ answer: 3_000, connect: 1_500 });
      const order: string[] = [];
      const connecting = async (): Promise<void> =>
        await pidOf(database).then(
          () => assert.fail('the server answered'),
          () => void order.push('a connection is given up'),
        );
      const asked: Promise<void>[] = [];
      const transaction = database.sql.transaction().execute(async (trx) => {
        await pidOf({ sql: trx });
        gate.fallSilent();
        asked.push(connecting());
        await pidOf({ sql: trx }).catch((error: unknown) => {
          asked.push(connecting());
          throw error;
        });
      });
      await assert.rejects(transaction, isDatabaseAway);
      order.push('the transaction is over');
      await Promise.all(asked);
      assert.deepEqual(order, [
        'a connection is given up',
        'the transaction is over',
        'a connection is given up',
      ]);
    });

    /**
     * Many work without a pause when the server falls silent, and go on until each has done something after the failover.
     *
     * @param noticed so many statements fail in vain, one after the other, before the failover
     * @returns what failed, and the work that is left after the failover
     */
    async function failOverAtWork(database: Database, noticed: number) {
      let isBack = false;
      const failures: unknown[] = [];
      const work = async (): Promise<void> => {
        const began = isBack;
        const isDone = await database.sql
          .transaction()
          .execute(async (trx) => await pidOf({ sql: trx }))
          .then(
            () => true,
            (error: unknown) => {
              failures.push(error);
              return false;
            },
          );
        if (!(began && isDone)) await work();
      };
      await opened(database);
      const workers = Promise.all(Array.from({ length: 2 * CONNECTIONS }, work));
      gate.fallSilent();
      for (let n = 0; n < noticed; n++) await assert.rejects(pidOf(database));
      gate.failOver();
      isBack = true;
      return { failures, workers };
    }

    // After two, connections are being made to the silent server, too.
    for (const noticed of [0, 2]) {
      const when = noticed === 0 ? 'at once' : 'later';
      it(`everybody who was at work goes on when another server takes its place ${when}`, async () => {
        const database = await open({ answer: 1_000, connect: 1_500 });
        const { failures, workers } = await failOverAtWork(database, noticed);
        await workers;
        assert.ok(failures.length > 0 && failures.every(isDatabaseAway), String(failures));
      });

      itLong(
        `with the product's own limits within 15 s, when another server takes its place ${when}`,
        async () => {
          const { workers } = await failOverAtWork(await open({}), noticed);
          await inTime(workers, 15_000, () => assert.fail('somebody still waits'));
        },
      );
    }

    it('what a replica that went away in the middle had locked is free soon', async () => {
      const database = await open({ answer: 1_000, pause: 900 });
      const other = await openDatabase({ url, dataDir: '', limits: { lock: 60_000 } });
      afterTest(async () => await other.close());
      await other.sql.insertInto('settings').values({ name: 'a', value: '{}' }).execute();
      const update = (db: Database['sql'], value: string) =>
        db.updateTable('settings').set({ value }).where('name', '=', 'a').execute();
      const lost = database.sql.transaction().execute(async (trx) => {
        await update(trx, '{"by": "the lost one"}');
        gate.fallSilent();
        await update(other.sql, '{"by": "the other one"}');
      });
      await assert.rejects(lost);
      const { value } = await other.sql.selectFrom('settings').select('value').executeTakeFirstOrThrow();
      assert.deepEqual(value, { by: 'the other one' });
    });

    it('a connection that waits for nothing is looked after by TCP', async () => {
      const keepAlive = sinon.spy(Socket.prototype, 'setKeepAlive');
      afterTest(() => keepAlive.restore());
      await useAll(await open({}));
      const delays = keepAlive.args.map(([isOn, delayMs]) => (isOn ? delayMs : undefined));
      // One of its own for the migrations.
      assert.deepEqual(
        delays,
        Array.from({ length: CONNECTIONS + 1 }, () => 10_000),
      );
    });

    it('by its limits work moves within 15 s: after an answer or a connection that does not come, with some time left', () => {
      assert.ok(Math.max(TIME_LIMITS.answer, TIME_LIMITS.connect) <= 12_000);
      assert.ok(TIME_LIMITS.answer > TIME_LIMITS.statement, 'a slow statement is no silence');
      assert.ok(
        TIME_LIMITS.pause < TIME_LIMITS.statement,
        'who waits for the locks of one who is gone gets them',
      );
    });

    it('a row that somebody has locked holds up those who want it, and nobody else', async () => {
      const database = await openDatabase({ url, dataDir: '', poolSize: CONNECTIONS, limits: { lock: 300 } });
      afterTest(async () => await database.close());
      const transact = createTransact(database, new Jobs(database, testClock(), silent));
      const insert = (name: string) => database.sql.insertInto('settings').values({ name, value: '{}' });
      await insert('a').execute();
      const admin = new pg.Client(url);
      await admin.connect();
      afterTest(async () => await admin.end());
      await admin.query('BEGIN');
      await admin.query('SELECT FROM settings FOR UPDATE');

      const order: string[] = [];
      const crowd = Array.from({ length: 2 * CONNECTIONS }, async () => {
        const tried = transact(
          async ({ sql: trx }) => await trx.updateTable('settings').set({ value: '{}' }).execute(),
        );
        await assert.rejects(tried, Contended);
        order.push('told to come again');
      });
      await insert('b').execute();
      order.push('written');
      await Promise.all(crowd);
      assert.equal(order[0], 'written');
    });
  });
});
