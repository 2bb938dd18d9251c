import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openDatabase } from '../../src/database/open.ts';
import { afterTest } from '../support/afterTest.ts';
import { entraStandIn } from '../support/database/entraStandIn.ts';
import { serverWithPasswords, type OwnServer } from '../support/database/ownServer.ts';

const script = fileURLToPath(new URL('../../scripts/databaseRole.ts', import.meta.url));
const ROLE = 'ringdown-identity';
const OBJECT_ID = '50000000-0000-4000-8000-000000000005';
const run = promisify(execFile);

async function give(server: OwnServer, token = 'token-of-admin', role = ROLE) {
  const { port } = new URL(server.url);
  const words = [script, '127.0.0.1', 'ringdown admin', role, OBJECT_ID];
  return await run(execPath, words, { env: { PGPASSWORD: token, PGPORT: port } }).then(
    ({ stdout }) => ({ status: 0, said: stdout }),
    (error: unknown) => ({ status: 1, said: String(Reflect.get(Object(error), 'stderr')) }),
  );
}

describe('scripts/databaseRole.ts', function () {
  this.timeout(60_000);

  it('gives the identity a role that is no administrator and can make Ringdown’s tables; a second run changes nothing', async () => {
    const server = await serverWithPasswords();
    await server.query(entraStandIn);
    const first = await give(server);
    assert.equal(
      first.said,
      'Role ringdown-identity: done\nDatabase ringdown: done\nRight to make tables in ringdown: done\n',
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
    assert.equal(second.said, first.said.replaceAll('done', 'done before'));
    const roles = await server.query(
      `SELECT rolsuper OR rolcreaterole OR rolcreatedb AS mighty FROM pg_roles WHERE rolname = '${ROLE}'`,
    );
    assert.deepEqual(roles.rows, [{ mighty: false }]);
  });

  it('says what the server says when it does not let the administrator in, and never the token', async () => {
    const server = await serverWithPasswords();
    await server.query(entraStandIn);
    const { status, said } = await give(server, 'a-wrong-token');
    assert.equal(status, 1);
    assert.match(said, /28P01/);
    assert.ok(!said.includes('a-wrong-token'));
  });
});
