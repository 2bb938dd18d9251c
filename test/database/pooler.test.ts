import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { sql } from 'kysely';
import { inspectDatabase } from '../../src/database/inspect.ts';
import { openDatabase } from '../../src/database/open.ts';
import { afterTest } from '../support/afterTest.ts';
import { onPostgres } from '../support/databases.ts';

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
      if (startup.includes('statement_timeout')) {
        client.end(refusal('statement_timeout'));
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
  this.timeout(60_000);
  onPostgres((_open, freshUrl) => {
    it('is worked through without them, and the doctor says what it leaves out', async () => {
      const url = await poolerBefore(await freshUrl());
      const database = await openDatabase({ url, dataDir: '' });
      afterTest(async () => await database.close());
      const { rows } = await sql`SHOW statement_timeout`.execute(database.sql);
      assert.deepEqual(rows, [{ statement_timeout: '0' }]);
      const state = await inspectDatabase({ url, dataDir: '' }, Date.now);
      assert.ok(state.kind === 'there' && state.pooled);
    });

    it('is not seen where there is none: the server ends what takes too long', async () => {
      const url = await freshUrl();
      const database = await openDatabase({ url, dataDir: '' });
      afterTest(async () => await database.close());
      const { rows } = await sql`SHOW statement_timeout`.execute(database.sql);
      assert.deepEqual(rows, [{ statement_timeout: '10s' }]);
      const state = await inspectDatabase({ url, dataDir: '' }, Date.now);
      assert.ok(state.kind === 'there' && !state.pooled);
    });
  });
});
