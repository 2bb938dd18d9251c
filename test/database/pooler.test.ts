import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { sql } from 'kysely';
import { inspectDatabase } from '../../src/database/inspect.ts';
import { openDatabase, type Database } from '../../src/database/open.ts';
import { afterTest } from '../support/afterTest.ts';
import { onPostgres } from '../support/databases.ts';

const LIMITS = ['idle_in_transaction_session_timeout', 'lock_timeout', 'statement_timeout'];

/** What the server keeps to in the sessions of this database, by LIMITS. */
async function limitsOf(database: Database): Promise<string[]> {
  const { rows } = await sql<{
    setting: string;
  }>`SELECT current_setting(name) AS setting FROM unnest(${LIMITS}::text[]) AS name ORDER BY name`.execute(
    database.sql,
  );
  return rows.map(({ setting }) => setting);
}

/** What PgBouncer 1.18 answers a startup parameter that it does not know. */
function refusal(parameter: string): Buffer {
  const message = `unsupported startup parameter: ${parameter}`;
  const fields = Buffer.from(`SFATAL\0VFATAL\0C08P01\0M${message}\0\0`);
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

/** Stands before a server as PgBouncer does. @returns its address, with the path of `url` */
async function poolerBefore(url: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const server = createServer((client) => {
    client.on('error', () => undefined);
    client.once('data', (startup) => {
      const unknown = LIMITS.find((name) => startup.includes(name));
      if (unknown !== undefined) {
        client.end(refusal(unknown));
        return;
      }
      const behind = connect(Number(port), hostname);
      behind.on('error', () => client.destroy());
      behind.write(startup);
      client.pipe(behind).pipe(client);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  afterTest(() => void server.close());
  const address = server.address();
  const through = new URL(url);
  through.port = String(typeof address === 'object' ? address?.port : '');
  return through.href;
}

describe('a pooler that takes no parameters of a session', function () {
  onPostgres((_open, freshUrl) => {
    it('is worked through without them, and the doctor says what it leaves out', async () => {
      const url = await poolerBefore(await freshUrl());
      const database = await openDatabase({ url, dataDir: '' });
      afterTest(async () => await database.close());
      assert.deepEqual(await limitsOf(database), ['0', '0', '0']);
      const state = await inspectDatabase({ url, dataDir: '' }, Date.now);
      assert.ok(state.kind === 'there' && state.pooled);
    });

    it('is not seen where there is none: the server ends what takes too long, waits for a lock or pauses', async () => {
      const url = await freshUrl();
      const database = await openDatabase({ url, dataDir: '' });
      afterTest(async () => await database.close());
      assert.deepEqual(await limitsOf(database), ['5s', '2s', '10s']);
      const state = await inspectDatabase({ url, dataDir: '' }, Date.now);
      assert.ok(state.kind === 'there' && !state.pooled);
    });
  });
});
