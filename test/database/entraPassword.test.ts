import assert from 'node:assert/strict';
import type { AccessToken, TokenCredential } from '@azure/core-auth';
import { sql } from 'kysely';
import { clouds } from '../../src/config/clouds.ts';
import { entraPassword, NoDatabaseToken } from '../../src/database/entraPassword.ts';
import { isDatabaseAway, NoConnection } from '../../src/database/away.ts';
import { inspectDatabase } from '../../src/database/inspect.ts';
import { openDatabase, type Database } from '../../src/database/open.ts';
import { afterTest } from '../support/afterTest.ts';
import { testClock } from '../support/clock.ts';
import { serverWithPasswords } from '../support/database/ownServer.ts';
import { until } from '../support/until.ts';

const MINUTE = 60_000;
const ROLE = 'ringdown-identity';
const scope = clouds.public.databaseScope;

/** An identity whose token can be exchanged. It remembers what it was asked for. */
function identity(clock: { now(): number }) {
  const asked: string[] = [];
  let token: string | null = null;
  const credential: TokenCredential = {
    getToken: async (wanted): Promise<AccessToken> => {
      asked.push(String(wanted));
      if (token === null) throw new Error('IMDS does not answer');
      return { token, expiresOnTimestamp: clock.now() + 60 * MINUTE };
    },
  };
  return { credential, asked, give: (next: string | null) => (token = next) };
}

describe('a database that lets an Entra identity in', function () {
  this.timeout(60_000);

  async function setUp() {
    const clock = testClock();
    const server = await serverWithPasswords();
    const entra = identity(clock);
    /** The server takes this token from now on; the identity gives it when it is asked next. */
    const valid = async (token: string): Promise<void> => {
      await server.query(`ALTER ROLE "${ROLE}" PASSWORD '${token}'`);
      entra.give(token);
    };
    await server.query(`CREATE ROLE "${ROLE}" LOGIN`);
    await server.query(`CREATE DATABASE ringdown OWNER "${ROLE}"`);
    await valid('token-one');
    const address = new URL('/ringdown', server.url);
    address.username = ROLE;
    const access = {
      url: address.href,
      dataDir: '',
      password: entraPassword(entra.credential, scope, clock),
    };
    const open = async (): Promise<Database> => {
      const database = await openDatabase(access);
      afterTest(async () => await database.close());
      return database;
    };
    return { clock, server, entra, valid, access, open };
  }

  const whoAmI = async ({ sql: db }: Database): Promise<string> => {
    const { rows } = await sql<{ name: string }>`SELECT current_user AS name`.execute(db);
    return rows[0]?.name ?? '';
  };
  const atOnce = async (database: Database, count: number): Promise<void> => {
    await Promise.all(
      Array.from({ length: count }, async () => await sql`SELECT pg_sleep(0.2)`.execute(database.sql)),
    );
  };

  it('makes its tables and works with a token as password; many connections ask for it once', async () => {
    const { entra, open } = await setUp();
    const database = await open();
    assert.equal(await whoAmI(database), ROLE);
    await atOnce(database, 8);
    assert.deepEqual(entra.asked, [scope]);
  });

  it('opens new connections with the new token before the old one expires, and keeps those that are open', async () => {
    const { clock, entra, valid, open } = await setUp();
    const database = await open();
    await whoAmI(database);
    await valid('token-two');
    assert.equal(await whoAmI(database), ROLE, 'a connection that is open stays');
    await clock.tick(56 * MINUTE);
    await atOnce(database, 5);
    assert.deepEqual(entra.asked, [scope, scope]);
  });

  it('goes on with a token that still holds while Entra gives no new one, and then says what is missing', async () => {
    const { clock, server, entra, access, open } = await setUp();
    const database = await open();
    entra.give(null);
    await clock.tick(57 * MINUTE);
    await atOnce(database, 3);
    await clock.tick(4 * MINUTE);
    await assert.rejects(atOnce(database, 6), (error: unknown) => {
      assert.ok(error instanceof NoConnection && error.cause instanceof NoDatabaseToken);
      assert.match(error.message, /DATABASE_AUTH=entra.*AZURE_CLIENT_ID/);
      return isDatabaseAway(error);
    });
    assert.deepEqual(await inspectDatabase(access, Date.now), { kind: 'refused', code: 'NO_TOKEN' });
    await until(async () => {
      const waiting = await server.query(`SELECT FROM pg_stat_activity WHERE state = 'starting'`);
      return waiting.rowCount === 0;
    }, 'no connection waits for a password');
    entra.give('token-one');
    await atOnce(database, 6);
  });

  it('names the state by its code when the server does not take the token, and never the token', async () => {
    const { clock, entra, access } = await setUp();
    entra.give('token-of-another-tenant');
    await clock.tick(60 * MINUTE);
    const state = await inspectDatabase(access, Date.now);
    assert.deepEqual(state, { kind: 'refused', code: '28P01' });
    await assert.rejects(openDatabase(access), (error: unknown) => {
      assert.ok(error instanceof Error);
      assert.ok(!JSON.stringify([error.message, error]).includes('token-of-another-tenant'));
      return true;
    });
  });

  it('keeps no token whose expiry cannot be read, and takes no empty one', async () => {
    let given: AccessToken = { token: 'token-one', expiresOnTimestamp: NaN };
    const password = entraPassword({ getToken: async () => given }, scope, testClock());
    assert.equal(await password(), 'token-one');
    given = { token: 'token-two', expiresOnTimestamp: NaN };
    assert.equal(await password(), 'token-two');
    given = { token: '', expiresOnTimestamp: Infinity };
    await assert.rejects(password(), NoDatabaseToken);
  });

  it('asks an identity that never answered again', async () => {
    const clock = testClock();
    let asked = 0;
    const silent = new Promise<AccessToken>(() => undefined);
    const given = { token: 'token-one', expiresOnTimestamp: clock.now() + 60 * MINUTE };
    const getToken = async (): Promise<AccessToken> => await (asked++ === 0 ? silent : given);
    const password = entraPassword({ getToken }, scope, clock);
    const first = assert.rejects(password(), NoDatabaseToken);
    await clock.tick(11_000);
    await first;
    assert.equal(await password(), 'token-one');
  });
});
