import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';
import { openDatabase } from '../../src/database/open.ts';
import { afterTest } from '../support/afterTest.ts';
import { entraStandIn } from '../support/database/entraStandIn.ts';
import { serverWithPasswords, type OwnServer } from '../support/database/ownServer.ts';

const script = fileURLToPath(new URL('../../scripts/databaseRole.ts', import.meta.url));
const ROLE = 'ringdown-identity';
const OBJECT_ID = '50000000-0000-4000-8000-000000000005';
const run = promisify(execFile);

async function give(
  server: OwnServer,
  { token = 'token-of-admin', administrator = 'ringdown admin', role = ROLE, identity = OBJECT_ID } = {},
) {
  const { port } = new URL(server.url);
  const words = [script, '127.0.0.1', administrator, role, identity];
  return await run(execPath, words, { env: { PGPASSWORD: token, PGPORT: port } }).then(
    ({ stdout }) => ({ status: 0, said: stdout }),
    (error: unknown) => ({ status: 1, said: String(Reflect.get(Object(error), 'stderr')) }),
  );
}

describe('scripts/databaseRole.ts', function () {
  this.timeout(60_000);

  it('creates a role that is not an administrator and can create Ringdown’s tables; a second run changes nothing', async () => {
    const server = await serverWithPasswords();
    await server.query(entraStandIn);
    const first = await give(server);
    assert.equal(
      first.said,
      'Role ringdown-identity: done\nDatabase ringdown: done\nRight to create tables in ringdown: done\n',
    );
    const { rows } = await server.query('SELECT * FROM principals');
    assert.deepEqual(rows, [{ name: ROLE, oid: OBJECT_ID, kind: 'service', is_admin: false, is_mfa: false }]);

    const address = new URL('/ringdown', server.url);
    address.username = ROLE;
    const database = await openDatabase({
      url: address.href,
      dataDir: '',
      password: async () => 'token-of-ringdown',
    });
    afterTest(async () => await database.close());
    assert.ok(database.version > 0);

    const second = await give(server);
    assert.equal(second.said, first.said.replaceAll('done', 'already done'));
    const roles = await server.query(
      `SELECT rolsuper OR rolcreaterole OR rolcreatedb AS mighty FROM pg_roles WHERE rolname = '${ROLE}'`,
    );
    assert.deepEqual(roles.rows, [{ mighty: false }]);
  });

  it('reports why the server refuses the administrator, and never shows the token', async () => {
    const server = await serverWithPasswords();
    await server.query(entraStandIn);
    const { status, said } = await give(server, { token: 'a-wrong-token' });
    assert.equal(status, 1);
    assert.match(said, /28P01/);
    assert.ok(!said.includes('a-wrong-token'));
  });

  it('accepts a role with quotes and spaces in its name', async () => {
    const server = await serverWithPasswords();
    await server.query(entraStandIn);
    const role = `o'brien "on call"`;
    const { status, said } = await give(server, { role });
    assert.equal(status, 0, said);
    assert.equal((await give(server, { role })).said, said.replaceAll('done', 'already done'));
  });

  it('reports a role that exists for another identity', async () => {
    const server = await serverWithPasswords();
    await server.query(entraStandIn);
    await give(server, { identity: '50000000-0000-4000-8000-00000000000f' });
    const { status, said } = await give(server);
    assert.equal(status, 1);
    assert.match(said, /The role ringdown-identity exists, but not for the identity 50000000-.*5/);
  });

  it('reports the owner if another administrator created the database', async () => {
    const server = await serverWithPasswords();
    await server.query(entraStandIn);
    await server.query(`CREATE ROLE "ringdown second" LOGIN PASSWORD 'token-of-second'`);
    await server.query('CREATE DATABASE ringdown OWNER "ringdown admin"');
    const second = { administrator: 'ringdown second', token: 'token-of-second' };
    const refused = await give(server, second);
    assert.equal(refused.status, 1);
    assert.match(refused.said, /ringdown belongs to ringdown admin, the only one who may grant rights in it/);
    assert.equal((await give(server)).status, 0);
    assert.equal((await give(server, second)).said, refused.said, 'the database still refuses him');
  });

  it('continues after it was killed between two grants', async () => {
    const server = await serverWithPasswords();
    await server.query(entraStandIn);
    await give(server);
    const inside = new pg.Client(new URL('/ringdown', server.url).href);
    await inside.connect();
    await inside.query(`REVOKE CREATE ON SCHEMA public FROM "${ROLE}"`);
    await inside.end();
    assert.match((await give(server)).said, /Right to create tables in ringdown: done\n/);
    assert.match((await give(server)).said, /Right to create tables in ringdown: already done\n/);
  });

  it('reports in one line that the server closed the connection', async () => {
    const server = await serverWithPasswords();
    await server.query(entraStandIn);
    await server.query(`CREATE OR REPLACE FUNCTION pgaadauth_create_principal_with_oid(name text, oid text, kind text,
      is_admin boolean, is_mfa boolean) RETURNS text LANGUAGE sql SECURITY DEFINER
      AS $$ SELECT pg_terminate_backend(pg_backend_pid())::text $$`);
    const { status, said } = await give(server);
    assert.equal(status, 1);
    assert.match(said, /^Database error \(57P01\): .*\n$/);
  });
});
