import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import { sql } from 'kysely';
import { RingdownError } from '../../src/errors.ts';
import { forEachDatabaseByTurns, onPostgres } from '../support/databases.ts';
import { until } from '../support/until.ts';
import { startWorld, type World } from '../support/world.ts';

const nadia = { key: 'webchat|nadia', tenantId: 'a tenant' };
const minute = 60_000;

/** What the service was asked, in its order. */
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

describe('the identities that people talk with', () => {
  forEachDatabaseByTurns((open) => {
    it('are created when they are needed first, and kept', async () => {
      const world = await startWorld({ database: await open() });
      const first = await world.app.identities.token(nadia);
      const second = await world.app.identities.token(nadia);
      assert.equal(second.id, first.id);
      assert.deepEqual(world.emulator.identities.list(), [first.id]);
      assert.deepEqual(asked(world), ['createIdentity', 'issueAccessToken', 'issueAccessToken']);
    });

    it('get tokens for calls only, good for an hour, that stand in no log', async () => {
      const world = await startWorld({ database: await open() });
      const { token, expiresOn, id } = await world.app.identities.token(nadia);
      const claims = decodeJwt(token);
      assert.equal(claims['csi'], 'voip');
      assert.equal(claims['skypeid'], id.slice(2));
      assert.equal(expiresOn.getTime() - (claims.iat ?? 0) * 1000, 60 * minute);
      assert.ok(!world.log.join('').includes(token));
    });

    it('are another for another person, and for the same name in another tenant', async () => {
      const world = await startWorld({ database: await open() });
      const ids = [];
      for (const who of [nadia, { ...nadia, tenantId: 'another' }, { key: nadia.key }, { key: 'webchat|b' }])
        ids.push((await world.app.identities.token(who)).id);
      assert.equal(new Set(ids).size, 4);
    });

    it('are one for all who need it at the same time', async () => {
      const world = await startWorld({ database: await open() });
      const tokens = await Promise.all(
        Array.from({ length: 5 }, async () => await world.app.identities.token(nadia)),
      );
      await world.settle();
      assert.equal(new Set(tokens.map(({ id }) => id)).size, 1);
      assert.deepEqual(world.emulator.identities.list(), [tokens[0]?.id]);
    });

    it('are not kept for what is not wanted any more', async () => {
      const world = await startWorld({ database: await open() });
      assert.equal(await codeOf(world.app.identities.token(nadia, async () => false)), 'wrong_state');
      await world.settle();
      assert.deepEqual(world.emulator.identities.list(), []);
      assert.deepEqual(await world.app.identities.export(nadia.key), []);
    });

    it('are replaced when somebody has deleted them at the service', async () => {
      const world = await startWorld({ database: await open() });
      const { id } = await world.app.identities.token(nadia);
      world.emulator.identities.delete(id);
      const next = await world.app.identities.token(nadia);
      assert.notEqual(next.id, id);
      assert.deepEqual(world.emulator.identities.list(), [next.id]);
    });

    it('are not had while the service does not answer, and that is told by a code', async () => {
      const world = await startWorld({ database: await open() });
      world.emulator.faults.add({ operation: 'createIdentity', kind: 'status', status: 503 });
      assert.equal(await codeOf(world.app.identities.token(nadia)), 'unavailable');
      world.emulator.faults.add({ operation: 'issueAccessToken', kind: 'status', status: 429 });
      assert.equal(await codeOf(world.app.identities.token(nadia)), 'unavailable');
      const { id } = await world.app.identities.token(nadia);
      assert.deepEqual(world.emulator.identities.list(), [id]);
    });

    it('go with the person: here at once, at the service as soon as it answers', async () => {
      const world = await startWorld({ database: await open() });
      const { id } = await world.app.identities.token(nadia);
      const person = `/api/v1/people/${encodeURIComponent(nadia.key)}`;
      const exported = (await world.api('GET', person)).body as { identities: { id: string }[] };
      assert.deepEqual(
        exported.identities.map((one) => one.id),
        [id],
      );
      world.emulator.faults.add({ operation: 'deleteIdentity', kind: 'status', status: 503, times: 2 });
      world.emulator.faults.add({ operation: 'deleteIdentity', kind: 'status', status: 401 });
      const done = await world.api('DELETE', person);
      assert.equal((done.body as { identities: number }).identities, 1, JSON.stringify(done.body));
      assert.deepEqual(await world.app.identities.export(nadia.key), []);
      assert.deepEqual(world.emulator.identities.list(), [id], 'the service did not answer');
      await world.pass(2 * minute);
      assert.deepEqual(world.emulator.identities.list(), []);
      const again = await world.api('DELETE', person);
      assert.equal((again.body as { identities: number }).identities, 0);
    });

    it('go with `forget me`', async () => {
      const world = await startWorld({ database: await open() });
      const { person } = world.emulator.phone('Adele Vance');
      await world.app.identities.token({ key: person.id, tenantId: world.emulator.addresses.tenantId });
      const say = async (text: string): Promise<void> => {
        await world.emulator.channel.send({ from: 'Adele Vance', text });
        await world.settle();
      };
      await say('forget me');
      assert.equal(world.emulator.identities.list().length, 1);
      await say('1');
      assert.deepEqual(world.emulator.identities.list(), []);
    });

    it('that are suspected are revoked at the service, and no token from before is handed out', async () => {
      const world = await startWorld({ database: await open() });
      const { id } = await world.app.identities.token(nadia);
      const person = `/api/v1/people/${encodeURIComponent(nadia.key)}`;
      const revoked = await world.api('POST', `${person}/revoke`);
      assert.deepEqual(revoked, { status: 200, body: { identities: 1 } });
      await world.settle();
      assert.equal(asked(world).at(-1), 'revokeAccessTokens');
      const audit = await sql<{ what: string }>`SELECT what FROM audit`.execute(world.app.database.sql);
      assert.deepEqual(audit.rows, [{ what: 'personRevoked' }]);

      const slow = world.emulator.faults.add({ operation: 'issueAccessToken', kind: 'slow', ms: 5_000 });
      const waiting = codeOf(world.app.identities.token(nadia));
      await until(() => slow.left === 0, 'the service has got it');
      await world.api('POST', `${person}/revoke`);
      await world.pass(6_000);
      assert.equal(await waiting, 'wrong_state');
      assert.equal((await world.app.identities.token(nadia)).id, id);
    });

    it('that nobody has used for retentionDays are deleted', async () => {
      const world = await startWorld({ database: await open() });
      await world.app.identities.token(nadia);
      const sweep = async (): Promise<void> => {
        await world.app.transact((work) => work.enqueue({ name: 'housekeeping', data: {} }));
        await world.settle();
      };
      await sweep();
      assert.equal(world.emulator.identities.list().length, 1);
      await sql`UPDATE user_identities SET used_at = used_at - interval '91 days'`.execute(
        world.app.database.sql,
      );
      await sweep();
      assert.deepEqual(world.emulator.identities.list(), []);
    });
  });

  onPostgres((open, freshUrl) => {
    it('are one for two replicas that are asked at the same time; the other is deleted', async () => {
      const url = await freshUrl();
      const one = await startWorld({ database: await open(url) });
      const other = await startWorld({ database: await open(url), with: one });
      // Both have created theirs before either stores it.
      const slow = one.emulator.faults.add({
        ...{ operation: 'createIdentity', kind: 'slow', ms: 1_000, times: 2 },
      });
      const both = Promise.all([one.app.identities.token(nadia), other.app.identities.token(nadia)]);
      await until(() => slow.left === 0, 'the service has got it');
      await one.pass(1_000);
      const [a, b] = await both;
      assert.equal(a.id, b.id);
      for (const world of [one, other]) await world.settle();
      assert.deepEqual(one.emulator.identities.list(), [a.id]);
      assert.equal(one.emulator.requests.count('deleteIdentity'), 1);
    });
  });
});
