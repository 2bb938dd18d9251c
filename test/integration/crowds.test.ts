import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { sql, type Kysely } from 'kysely';
import { lockKeys } from '../../src/calls/phones.ts';
import { limitsOf } from '../../src/permissions/callLimits.ts';
import type { Schema } from '../../src/database/schema.ts';
import { wordsOf } from '../support/chat/room.ts';
import type { DatabaseConfig } from '../../src/database/open.ts';
import { afterTest } from '../support/afterTest.ts';
import { onPostgres } from '../support/databases.ts';
import { until } from '../support/until.ts';
import { startWorld, type World } from '../support/world.ts';

/** More than there are connections. */
const MANY = 20;
const KEY = 'a-key-with-a-limit';
const yaml = `
limits: {createCallsPerSecond: 100, perCaller: 1000/1h, perCallee: 1000/1h}
apiKeys:
  - {name: ci, hash: ${createHash('sha256').update(KEY).digest('hex')}, may: [place, read, acknowledge], limit: 1000/1m}
`;

/**
 * Concurrent requests for the same thing wait for each other on database locks. The lock holder in these tests stands
 * for a slow replica; all other requests must still find a connection.
 */
describe('a crowd waiting for the same lock leaves connections for others', function () {
  onPostgres((open, freshUrl) => {
    let world: World;
    let elsewhere: Kysely<Schema>;

    // Waiters must wait for as long as the test holds the lock.
    const patient = { lock: 120_000, statement: 120_000, answer: 130_000 };

    async function start(limits: DatabaseConfig['limits'] = patient): Promise<void> {
      const url = await freshUrl();
      world = await startWorld({ database: await open(url, limits), yaml });
      elsewhere = (await open(url)).sql;
    }
    beforeEach(async () => await start());

    /** Holds the rows that `lock` locks until released, at the latest at the end of the test. */
    async function hold(lock: (held: Kysely<Schema>) => Promise<unknown>): Promise<() => Promise<void>> {
      const letGo = Promise.withResolvers<void>();
      const held = Promise.withResolvers<void>();
      const holding = elsewhere
        .transaction()
        .execute(async (trx) => {
          await lock(trx);
          held.resolve();
          await letGo.promise;
        })
        .catch((error: unknown) => held.reject(error));
      await held.promise;
      const end = async (): Promise<void> => {
        letGo.resolve();
        await holding;
      };
      afterTest(end);
      return end;
    }

    const waiting = async (): Promise<number> =>
      (await sql`SELECT FROM pg_locks WHERE NOT granted`.execute(elsewhere)).rows.length;
    const somebodyWaits = async (): Promise<void> =>
      await until(async () => (await waiting()) > 0, 'somebody waits for the lock');
    /** Each from another person, for another person. */
    const everybodyWants = (verb: string): Promise<string>[] =>
      Array.from({ length: MANY }, async (_, n) => {
        const { displayName } = world.emulator.people.add({ displayName: `Asker ${n}` });
        const { id } = world.emulator.people.add({ displayName: `Callee ${n}` });
        return await say(displayName, `${verb} ${id}: the build is red`);
      });

    const say = async (from: string, text: string): Promise<string> => {
      const { conversationId } = await world.emulator.channel.send({ from, text });
      const last = world.emulator.channel.messages(conversationId).at(-1);
      return last ? wordsOf(last) : '';
    };
    const callsOf = async (name: string): Promise<number> => {
      const { calls } = await elsewhere
        .selectFrom('calls')
        .select(sql<number>`count(*)::integer`.as('calls'))
        .where(sql<boolean>`requested_by ->> 'name' = ${name}`)
        .executeTakeFirstOrThrow();
      return calls;
    };
    const callOf = (user: string): object => ({ target: { user }, message: 'The build is red' });
    const ask = async (path: string, body?: object, once?: string): Promise<Response> =>
      await fetch(`${world.url}${path}`, {
        method: body ? 'POST' : 'GET',
        headers: {
          authorization: `Bearer ${KEY}`,
          ...(body ? { 'content-type': 'application/json' } : {}),
          ...(once ? { 'idempotency-key': once } : {}),
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
    const api = async (...request: Parameters<typeof ask>): Promise<number> => (await ask(...request)).status;
    const escalations = async (): Promise<{ id: string }[]> =>
      await elsewhere.selectFrom('escalations').select('id').execute();

    it('requests of one person in a chat', async () => {
      assert.match(await say('Megan Bowen', 'call Adele Vance: the build is red'), /Adele Vance/);
      const { requested_by: megan } = await elsewhere
        .selectFrom('calls')
        .select('requested_by')
        .executeTakeFirstOrThrow();
      const letGo = await hold(async (held) => {
        const limits = limitsOf({
          requestedBy: megan,
          target: { kind: 'communicationUser', id: '8:acs:nobody', displayName: '' },
        });
        await lockKeys(
          { sql: held, isEmbedded: false },
          { limits, phones: [] },
          { limits: true, phones: true },
        );
      });
      const people = Array.from({ length: MANY }, (_, n) =>
        world.emulator.people.add({ displayName: `Person ${n}` }),
      );
      const crowd = people.map(async ({ id }) => await say('Megan Bowen', `call ${id}: the build is red`));
      await somebodyWaits();

      assert.match(
        await say('Alex Wilber', 'call Debra Berger: the build is red'),
        /^Debra Berger: (Calling|Placing the call) …/,
      );
      assert.equal((await world.api('GET', '/api/v1/calls')).status, 200);
      await letGo();
      for (const answer of await Promise.all(crowd)) assert.match(answer, /Person/);
      assert.equal(await callsOf('Megan Bowen'), MANY + 1);
    });

    it('requests of a program with a limit, and tells those to retry that wait too long', async () => {
      await start({ ...patient, turn: 500 });
      assert.equal(await api('/api/v1/calls'), 200);
      const letGo = await hold(
        async (held) => await held.updateTable('request_limits').set({ slot: 0 }).execute(),
      );
      const first = api('/api/v1/calls');
      await somebodyWaits();
      const crowd = Array.from({ length: MANY }, async () => await ask('/api/v1/calls'));

      assert.equal((await world.api('GET', '/api/v1/calls')).status, 200);
      assert.equal(await waiting(), 1, 'the crowd holds one connection');
      for (const { status, headers } of await Promise.all(crowd)) {
        assert.equal(status, 503);
        assert.ok(headers.has('retry-after'));
      }
      await letGo();
      assert.equal(await first, 200);
      assert.equal(await api('/api/v1/calls'), 200);
    });

    it('copies of the same alert, and acts on its escalation', async () => {
      const alert = {
        steps: [{ targets: [{ user: 'Adele Vance' }] }],
        summary: 'Checkout errors',
        dedupKey: 'checkout',
      };
      assert.equal(await api('/api/v1/escalations', alert), 202);
      const letGo = await hold(
        async (held) => await held.selectFrom('escalations').select('id').forUpdate().execute(),
      );
      const path = `/api/v1/escalations/${(await escalations())[0]?.id}/acknowledge`;
      const crowd = Array.from({ length: MANY }, async () => await api('/api/v1/escalations', alert));
      const acts = Array.from({ length: MANY }, async () => await api(path, { by: 'Adele Vance' }));
      await until(async () => (await waiting()) > 1, 'both wait for the lock');

      assert.match(
        await say('Alex Wilber', 'call Debra Berger: the build is red'),
        /^Debra Berger: (Calling|Placing the call) …/,
      );
      assert.ok((await waiting()) <= 3, 'each crowd holds one connection');
      await letGo();
      assert.deepEqual(new Set(await Promise.all(crowd)), new Set([202]));
      assert.deepEqual(new Set(await Promise.all(acts)), new Set([200]));
      assert.equal((await escalations()).length, 1);
    });

    for (const [path, body] of [
      ['calls', { target: { user: 'Adele Vance' }, message: 'The build is red' }],
      ['escalations', { steps: [{ targets: [{ user: 'Adele Vance' }] }], summary: 'Checkout errors' }],
    ] as const) {
      it(`a request with the key of one that another replica is about to answer (${path})`, async () => {
        assert.equal(await api(`/api/v1/${path}`, body, 'first'), 202);
        const first = await elsewhere.selectFrom('idempotency').selectAll().executeTakeFirstOrThrow();
        const letGo = await hold(async (held) => {
          const answered = { ...first, key: 'second', answer: JSON.stringify({ id: 'of another replica' }) };
          await held.insertInto('idempotency').values(answered).execute();
        });
        const second = ask(`/api/v1/${path}`, body, 'second');
        await somebodyWaits();
        await letGo();
        assert.deepEqual(await (await second).json(), { id: 'of another replica' });
        const { placed } = await elsewhere
          .selectFrom(path)
          .select(sql<number>`count(*)::integer`.as('placed'))
          .executeTakeFirstOrThrow();
        assert.equal(placed, 1);
      });
    }

    it('requests for different calls: the running call gets its events', async () => {
      await say('Megan Bowen', 'call Adele Vance: the build is red');
      const adele = world.emulator.phone('Adele Vance');
      await until(() => adele.rings().length === 1, 'the phone rings');
      const letGo = await hold(async (held) => await sql`LOCK TABLE cards`.execute(held));
      const crowd = everybodyWants('call');
      await somebodyWaits();

      assert.ok(adele.answer());
      await until(async () => {
        const { events } = await elsewhere
          .selectFrom('call_events')
          .select(sql<number>`count(*)::integer`.as('events'))
          .where('type', 'like', '%CallConnected')
          .executeTakeFirstOrThrow();
        return events > 0;
      }, 'the event that she answered is stored');
      assert.ok((await waiting()) > 0, 'while the others still wait');
      await letGo();
      await Promise.all(crowd);
    });

    it('requests of people: a placed call is not refused when its message is delivered again', async () => {
      await start({ ...patient, turn: 1_000 });
      const message = {
        from: 'Megan Bowen',
        text: 'call Adele Vance: the build is red',
        fields: { id: 'the-same' },
      };
      const { conversationId } = await world.emulator.channel.send(message);
      const letGo = await hold(async (held) => await sql`LOCK TABLE idempotency`.execute(held));
      const crowd = Array.from(
        { length: MANY },
        async (_, n) => await api('/api/v1/calls', callOf('Debra Berger'), `key-${n}`),
      );
      await until(async () => (await waiting()) >= 5, 'requests wait for the table');
      assert.equal((await world.emulator.channel.send(message)).status, 200);
      const said = world.emulator.channel.messages(conversationId);
      assert.deepEqual(
        said.map(wordsOf).filter((words) => /No call was placed(?!, unless)/.test(words)),
        [],
      );
      assert.ok((await waiting()) >= 5, 'while the others still wait');
      await letGo();
      await Promise.all(crowd);
    });
  });
});
