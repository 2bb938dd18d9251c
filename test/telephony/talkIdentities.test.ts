import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import { sql } from 'kysely';
import { RingdownError } from '../../src/errors.ts';
import { forEachDatabaseByTurns, onPostgres } from '../support/databases.ts';
import { say, talkWorld } from '../support/talk.ts';
import { until } from '../support/until.ts';
import { newestCall, type World } from '../support/world.ts';

const nadia = encodeURIComponent('webchat|nadia');
const minute = 60_000;

/** Somebody outside Teams requests a call and gets a link. @returns the call's id */
async function linked(world: World): Promise<string> {
  // Calls are distinguished by their time.
  await world.pass(1_000);
  await say(world, 'call Adele Vance');
  const call = await newestCall(world);
  assert.equal(call?.status, 'queued');
  return call.id;
}

/** Ends the newest call. */
async function hangUp(world: World): Promise<void> {
  await say(world, 'hang up');
  assert.equal((await newestCall(world))?.status, 'ended');
}

const token = async (world: World, callId: string, isWanted = true) =>
  await world.app.identities.token(callId, async () => isWanted);

/** The service's requests, in order. */
const asked = (world: World): string[] =>
  world.emulator.requests
    .list()
    .map(({ operation }) => operation)
    .filter((name) => /identity|token/i.test(name));

async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return error instanceof RingdownError ? error.code : String(error);
}

describe('identities for calls from a browser', () => {
  forEachDatabaseByTurns((open) => {
    it('are created when first needed, one per call, and deleted with it', async () => {
      const world = await talkWorld({ database: await open() });
      const first = await linked(world);
      assert.deepEqual(asked(world), []);
      const { id } = await token(world, first);
      assert.equal((await token(world, first)).id, id);
      await hangUp(world);
      // The newest call is found by its time.
      await world.pass(1);
      const second = await token(world, await linked(world));
      assert.notEqual(second.id, id);
      assert.deepEqual(world.emulator.identities.list(), [second.id]);
      assert.deepEqual(asked(world), [
        'createIdentity',
        'issueAccessToken',
        'issueAccessToken',
        'revokeAccessTokens',
        'deleteIdentity',
        'createIdentity',
        'issueAccessToken',
      ]);
    });

    it('get tokens for calls only, valid for an hour, which are never logged', async () => {
      const world = await talkWorld({ database: await open(), env: { LOG_LEVEL: 'debug' } });
      const issued = await token(world, await linked(world));
      const claims = decodeJwt(issued.token);
      assert.equal(claims['csi'], 'voip');
      assert.equal(claims['skypeid'], issued.id.slice(2));
      assert.equal((claims.exp ?? 0) - (claims.iat ?? 0), 3_600);
      assert.ok(!world.log.join('').includes(issued.token));
    });

    it('are created once for concurrent requests', async () => {
      const world = await talkWorld({ database: await open() });
      const callId = await linked(world);
      const tokens = await Promise.all(Array.from({ length: 5 }, async () => await token(world, callId)));
      await world.settle();
      assert.equal(new Set(tokens.map(({ id }) => id)).size, 1);
      assert.deepEqual(world.emulator.identities.list(), [tokens[0]?.id]);
    });

    it('are not kept if the call no longer needs one', async () => {
      const world = await talkWorld({ database: await open() });
      assert.equal(await codeOf(token(world, await linked(world), false)), 'wrong_state');
      await world.settle();
      assert.deepEqual(world.emulator.identities.list(), []);
      assert.deepEqual(await world.app.identities.export('webchat|nadia'), []);
    });

    it('fail with a code while the service does not answer', async () => {
      const world = await talkWorld({ database: await open() });
      const callId = await linked(world);
      world.emulator.faults.add({ operation: 'createIdentity', kind: 'status', status: 503 });
      assert.equal(await codeOf(token(world, callId)), 'unavailable');
      world.emulator.faults.add({ operation: 'issueAccessToken', kind: 'status', status: 429 });
      assert.equal(await codeOf(token(world, callId)), 'unavailable');
      const { id } = await token(world, callId);
      assert.deepEqual(world.emulator.identities.list(), [id]);
    });

    it('are deleted as soon as the service answers, whatever it said before; meanwhile they get no token', async () => {
      const world = await talkWorld({ database: await open() });
      const callId = await linked(world);
      const { id } = await token(world, callId);
      for (const [operation, status] of [
        ['revokeAccessTokens', 503] as const,
        ['revokeAccessTokens', 403] as const,
        ['deleteIdentity', 400] as const,
        ['deleteIdentity', 500] as const,
      ]) {
        world.emulator.faults.add({ operation, kind: 'status', status });
      }
      await hangUp(world);
      assert.deepEqual(world.emulator.identities.list(), [id], 'the service did not answer');
      assert.equal(await codeOf(token(world, callId)), 'wrong_state');
      await world.pass(2 * minute);
      assert.deepEqual(world.emulator.identities.list(), []);
    });

    it('that somebody has deleted at the service need nothing more', async () => {
      const world = await talkWorld({ database: await open() });
      const { id } = await token(world, await linked(world));
      world.emulator.identities.delete(id);
      await hangUp(world);
      await world.pass(2 * minute);
      const { rows } = await sql`SELECT FROM jobs WHERE name = 'identity.delete'`.execute(
        world.app.database.sql,
      );
      assert.equal(rows.length, 0);
    });

    it('are exported for the person, and deleted when the person is forgotten', async () => {
      const world = await talkWorld({ database: await open() });
      const { id } = await token(world, await linked(world));
      await hangUp(world);
      const exported = (await world.api('GET', `/api/v1/people/${nadia}`)).body as {
        identities: { id: string; withdrawnAt: string | null }[];
      };
      assert.deepEqual(
        exported.identities.map((one) => [one.id, one.withdrawnAt === null]),
        [[id, false]],
      );
      const done = await world.api('DELETE', `/api/v1/people/${nadia}`);
      assert.equal((done.body as { identities: number }).identities, 1, JSON.stringify(done.body));
      assert.deepEqual(await world.app.identities.export('webchat|nadia'), []);
      const again = await world.api('DELETE', `/api/v1/people/${nadia}`);
      assert.equal((again.body as { identities: number }).identities, 0);
    });

    it('of a suspected account are deleted at once, and no earlier token is handed out', async () => {
      const world = await talkWorld({ database: await open() });
      const callId = await linked(world);
      await token(world, callId);
      const slow = world.emulator.faults.add({ operation: 'issueAccessToken', kind: 'slow', ms: 5_000 });
      const waiting = codeOf(token(world, callId));
      await until(() => slow.left === 0, 'the service has received it');
      const revoked = await world.api('POST', `/api/v1/people/${nadia}/revoke`);
      assert.deepEqual(revoked, { status: 200, body: { calendarLinks: 0, identities: 1 } });
      await world.pass(6_000);
      assert.match(await waiting, /wrong_state|unavailable/);
      assert.deepEqual(world.emulator.identities.list(), []);
      const audit = await sql<{ what: string }>`SELECT what FROM audit`.execute(world.app.database.sql);
      assert.deepEqual(audit.rows, [{ what: 'personRevoked' }]);
    });

    it('that the previous version left, one per person, are deleted when their tokens have expired', async () => {
      const world = await talkWorld({ database: await open() });
      const left = [world.emulator.identities.create(), world.emulator.identities.create()];
      for (const [index, id] of left.entries()) {
        await sql`INSERT INTO user_identities (tenant_id, person, acs_id, created_at, used_at)
          VALUES ('', ${`webchat|${index}`}, ${id}, now(), ${new Date(Date.now() - index * 61 * minute)})`.execute(
          world.app.database.sql,
        );
      }
      await world.app.transact((work) => work.enqueue({ name: 'housekeeping', data: {} }));
      await world.settle();
      assert.deepEqual(world.emulator.identities.list(), left.slice(0, 1));
      await world.pass(61 * minute);
      assert.deepEqual(world.emulator.identities.list(), []);
    });
  });

  onPostgres((open, freshUrl) => {
    it('are shared by two replicas that are asked at the same time; the surplus one is deleted', async () => {
      const url = await freshUrl();
      const one = await talkWorld({ database: await open(url) });
      const callId = await linked(one);
      const other = await talkWorld({ database: await open(url), with: one });
      // Both create theirs before either stores it.
      const slow = one.emulator.faults.add({
        operation: 'createIdentity',
        kind: 'slow',
        ms: 1_000,
        times: 2,
      });
      const both = Promise.all([token(one, callId), token(other, callId)]);
      await until(() => slow.left === 0, 'the service has received it');
      await one.pass(1_000);
      const [a, b] = await both;
      assert.equal(a.id, b.id);
      for (const world of [one, other]) await world.settle();
      assert.deepEqual(one.emulator.identities.list(), [a.id]);
      assert.equal(one.emulator.requests.count('deleteIdentity'), 1);
    });
  });
});
