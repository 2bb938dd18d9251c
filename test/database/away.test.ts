import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { sql } from 'kysely';
import pg from 'pg';
import { isDatabaseAway, isSilence, NoConnection } from '../../src/database/away.ts';
import { CommitUnknown } from '../../src/database/transactionErrors.ts';
import { onPostgres } from '../support/databases.ts';
import { until } from '../support/until.ts';

/** What is thrown. */
async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return await promise.then(
    () => assert.fail('nothing was thrown'),
    (error: unknown) => error,
  );
}

async function listening(onSocket: (socket: Socket) => void): Promise<{ port: number; server: Server }> {
  const server = createServer(onSocket).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return { port: typeof address === 'object' ? (address?.port ?? 0) : 0, server };
}

const coded = (code: string, more: object = {}) => Object.assign(new Error('x'), { code, ...more });

describe('isDatabaseAway', () => {
  for (const code of [
    '08006',
    '08P01',
    '53300',
    '53100',
    '57P01',
    '57P02',
    '57P03',
    '57P05',
    '57014',
    '25006',
    '25P03',
    '25P04',
    '55P03',
    '58030',
  ]) {
    it(`knows ${code}`, () => assert.equal(isDatabaseAway(coded(code)), true));
  }
  for (const [name, error] of Object.entries({
    'a broken rule': coded('23505'),
    'a wrong query': coded('42601'),
    'a text with NUL': coded('22021'),
    'a deadlock': coded('40P01'),
    'another service that refused the connection': coded('ECONNREFUSED'),
    fetch: new TypeError('fetch failed', { cause: coded('ECONNREFUSED', { syscall: 'connect' }) }),
    'any other error': new Error('x'),
    'no error': 'ECONNREFUSED',
    nothing: undefined,
  })) {
    it(`is not misled by ${name}`, () => assert.equal(isDatabaseAway(error), false));
  }

  describe('knows what pg throws when', () => {
    it('nobody listens', async () => {
      const { port, server } = await listening(() => undefined);
      server.close();
      await once(server, 'close');
      for (const host of ['127.0.0.1', 'localhost']) {
        const client = new pg.Client({ host, port });
        assert.equal(isDatabaseAway(await errorOf(client.connect())), true, host);
      }
    });

    it('the host is not known', async () => {
      const client = new pg.Client({ host: 'database.invalid' });
      assert.equal(isDatabaseAway(await errorOf(client.connect())), true);
    });

    it('the connection is closed at once', async () => {
      const { port, server } = await listening((socket) => socket.destroy());
      const client = new pg.Client({ host: '127.0.0.1', port });
      assert.equal(isDatabaseAway(await errorOf(client.connect())), true);
      server.close();
    });

    it('the server does not answer', async () => {
      const sockets: Socket[] = [];
      const { port, server } = await listening((socket) => sockets.push(socket));
      const pool = new pg.Pool({ host: '127.0.0.1', port, connectionTimeoutMillis: 20 });
      assert.equal(isDatabaseAway(await errorOf(pool.query('SELECT 1'))), true);
      await pool.end();
      assert.equal(isDatabaseAway(await errorOf(pool.query('SELECT 1'))), true, 'after the pool has ended');
      for (const socket of sockets) socket.destroy();
      server.close();
    });
  });

  onPostgres((_, freshUrl) => {
    it('knows what pg throws when a connection is terminated, a query takes too long, and no connection is free', async () => {
      const pool = new pg.Pool({
        connectionString: await freshUrl(),
        max: 1,
        connectionTimeoutMillis: 1_000,
      });
      pool.on('error', () => undefined);
      const terminated = await errorOf(pool.query('SELECT pg_terminate_backend(pg_backend_pid())'));
      const slow = await errorOf(
        pool.query({ text: 'SELECT pg_sleep(20)', query_timeout: 20 } as pg.QueryConfig),
      );
      const held = await pool.connect();
      const noneFree = await errorOf(pool.query('SELECT 1'));
      await held.query(`SET statement_timeout = 20`);
      const cancelled = await errorOf(held.query('SELECT pg_sleep(20)'));
      const wrong = await errorOf(held.query('SELECT nothing'));
      held.release(true);
      await pool.end();
      for (const error of [terminated, slow, noneFree, cancelled])
        assert.equal(isDatabaseAway(error), true, String(error));
      assert.equal(isDatabaseAway(wrong), false);
      assert.ok(isSilence(slow) && isSilence(new CommitUnknown(slow)) && !isSilence(cancelled));
    });

    it('knows what comes through Kysely after the database was closed', async () => {
      const { openDatabase } = await import('../../src/database/open.ts');
      const database = await openDatabase({ url: await freshUrl(), dataDir: '' });
      const admin = new pg.Client(await freshUrl());
      await admin.connect();
      const running = errorOf(sql`SELECT pg_sleep(20)`.execute(database.sql));
      const { rows } = await sql<{ name: string }>`SELECT current_database() AS name`.execute(database.sql);
      await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [
        rows[0]?.name,
      ]);
      assert.equal(isDatabaseAway(await running), true);
      // Whatever keeps a connection from being made: here a database that is being restored, as well as a password that
      // was changed or a certificate that has expired.
      await admin.query(`ALTER DATABASE "${rows[0]?.name}" ALLOW_CONNECTIONS false`);
      await admin.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()',
        [rows[0]?.name],
      );
      let shutOut: unknown;
      await until(async () => {
        shutOut = await sql`SELECT 1`.execute(database.sql).catch((error: unknown) => error);
        return shutOut instanceof NoConnection;
      }, 'no connection is left');
      assert.equal(isDatabaseAway(shutOut), true);
      await admin.query(`ALTER DATABASE "${rows[0]?.name}" ALLOW_CONNECTIONS true`);
      await admin.end();
      await database.close();
    });
  });
});
