import assert from 'node:assert/strict';
import pg from 'pg';
import type { CallRecord } from '../../emulator/callAutomation/call.ts';
import { inTime } from '../../src/clock.ts';
import { afterTest } from '../support/afterTest.ts';
import { alertmanagerBody } from '../support/alerts/bodies.ts';
import { forEachDatabaseByTurns, onPostgres, pollingOften } from '../support/databases.ts';
import { gateTo } from '../support/gate.ts';
import { cases, itLong, runs, itInBoth } from '../support/long.ts';
import { ASKING_MS, until } from '../support/until.ts';
import { newestCall, startWorld, type CallAnswer, type World } from '../support/world.ts';

const second = 1000;
const HOUR = 3_600_000;
/** Concurrent requests for one phone, and calls to others while a row is locked. */
const MANY = 4;

const callsOf = async (world: World): Promise<CallAnswer[]> =>
  ((await world.api('GET', '/api/v1/calls?limit=200')).body as { items: CallAnswer[] }).items;
const place = async (world: World, user: string): Promise<CallAnswer> => {
  const { status, body } = await world.api('POST', '/api/v1/calls', {
    target: { user },
    message: 'It is red',
  });
  assert.equal(status, 202, JSON.stringify(body));
  return body as CallAnswer;
};

/** Delivers events of a call again in one request, as the service may. @returns the status */
async function deliver({ emulator }: World, call: CallRecord, ...types: string[]): Promise<number> {
  const { issuer, resourceId } = emulator.addresses;
  const token = await emulator.keys.sign({ iss: issuer, aud: resourceId }, 60_000);
  const events = types.map((type) => {
    const { id, at, data } = call.events.find((sent) => sent.type === type) ?? assert.fail(type);
    return {
      id,
      data,
      type: `Microsoft.Communication.${type}`,
      specversion: '1.0',
      source: `calling/callConnections/${call.callConnectionId}`,
      time: new Date(at).toISOString(),
    };
  });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return (await fetch(call.callbackUri, { method: 'POST', headers, body: JSON.stringify(events) })).status;
}

describe('service events', function () {
  this.timeout(60_000);

  forEachDatabaseByTurns((open) => {
    it('that are duplicates are skipped in a request with new ones', async () => {
      const world = await startWorld({ database: await open() });
      const { emulator } = world;
      emulator.people.script('Adele Vance', { answers: { afterMs: second } });
      emulator.eventFaults.add({ kind: 'drop', type: 'PlayCompleted' });
      await place(world, 'Adele Vance');
      await world.pass(12 * second);
      const [call = assert.fail('it was placed')] = emulator.calls.list();
      assert.equal(
        (await newestCall(world))?.status,
        'connected',
        'nothing has reported the end of the message',
      );
      assert.equal(await deliver(world, call, 'CallConnected', 'PlayCompleted', 'CallConnected'), 200);
      await world.pass(2 * second);
      const { status, disposition, timeline } = (await newestCall(world)) ?? assert.fail('it is there');
      assert.deepEqual([status, disposition], ['ended', 'answered']);
      assert.equal(timeline.filter(({ type }) => type === 'connected').length, 1);
      assert.equal(emulator.phone('Adele Vance').spoken().length, 1);
    });
  });
});

describe('two replicas', function () {
  this.timeout(180_000);

  onPostgres((open, freshUrl) => {
    /** Two replicas that share the emulator and its clock. */
    async function both(clock: 'fake' | 'real' = 'fake', yaml = ''): Promise<[World, World, string]> {
      const url = await freshUrl();
      const one = await startWorld({
        database: await open(url),
        clock,
        yaml,
        emulator: { timings: { perCharacterMs: 2 } },
      });
      // Callbacks for calls of the second replica go to the first.
      const other = await startWorld({
        database: await open(url),
        with: one,
        yaml,
        env: { PUBLIC_URL: one.url },
      });
      return [one, other, url];
    }

    it('carry out a call of one replica whose callbacks the other receives', async () => {
      const [world, other] = await both();
      const { emulator } = world;
      emulator.people.script('Adele Vance', { answers: { afterMs: second } });
      emulator.channel.connect(`${other.url}/api/messages`);
      const said = await emulator.channel.send({ from: 'Megan Bowen', text: 'call Adele Vance: it is red' });
      await world.pass(20 * second);
      const [call = assert.fail('it was placed')] = emulator.calls.list();
      assert.ok(call.callbackUri.startsWith(world.url));
      assert.equal((await newestCall(other))?.disposition, 'answered');
      assert.equal(emulator.phone('Adele Vance').spoken().length, 1);
      const cards = emulator.channel.messages(said.conversationId);
      assert.match(JSON.stringify(cards.at(-1)?.activity), /Adele Vance answered and heard the message/);
    });

    it('call one phone for one caller at a time, even if both get requests at once', async () => {
      const [world, other] = await both();
      const { emulator } = world;
      emulator.people.script('Adele Vance', { answers: { afterMs: second } });
      const adele = emulator.phone('Adele Vance');
      let atOnce = 0;
      emulator.changes.subscribe(() => (atOnce = Math.max(atOnce, adele.ringing().length)));
      const placed = await Promise.all(
        Array.from(
          { length: MANY },
          async (_, nth) => await place(nth % 2 === 0 ? world : other, 'Adele Vance'),
        ),
      );
      assert.equal(new Set(placed.map(({ id }) => id)).size, MANY);
      await world.pass(60 * second);
      assert.deepEqual(
        (await callsOf(world)).map(({ disposition }) => disposition),
        Array.from({ length: MANY }, () => 'answered'),
      );
      assert.equal(adele.rings().length, MANY, 'each request was carried out');
      assert.equal(atOnce, 1, 'never two at a time');
    });

    itInBoth(
      'call everybody else in time while a call, its escalation and its alert are locked',
      async () => {
        // One per second; in the long suite for a minute.
        const people = Array.from({ length: runs(MANY, 60) }, (_, nth) => `Person ${nth}`);
        const policies = people.map((user, nth) => `  p${nth}: {steps: [{targets: [{user: ${user}}]}]}\n`);
        const [world, other, url] = await both(
          'real',
          `policies:\n  locked: {steps: [{targets: [{user: Adele Vance}], ringTimeoutSeconds: 120}]}\n${policies.join('')}`,
        );
        const { emulator } = world;
        emulator.people.script('Adele Vance', { byHand: true });
        const alert = async (to: World, policy: string, fingerprint: string): Promise<void> => {
          const body = alertmanagerBody([{ fingerprint }]);
          assert.equal((await to.api('POST', `/api/v1/alerts/alertmanager/${policy}`, body)).status, 202);
        };
        await alert(world, 'locked', 'first');
        await until(() => emulator.phone('Adele Vance').incoming() !== null, 'her phone rings');
        const holder = new pg.Client(url);
        await holder.connect();
        afterTest(async () => await holder.end());
        await holder.query('BEGIN');
        await holder.query('SELECT FROM calls FOR UPDATE');
        await holder.query('SELECT FROM escalations FOR UPDATE');
        await holder.query('SELECT FROM alerts FOR UPDATE');
        assert.ok(emulator.phone('Adele Vance').answer(), 'its events block nobody');

        for (const [nth, displayName] of people.entries()) {
          emulator.people.add({ displayName, script: { answers: { afterMs: 10 } } });
          const to = nth % 2 === 0 ? world : other;
          // Alerts that arrive together are handled together: those of the locked escalation with the others.
          const placed: Promise<unknown> =
            nth % 4 < 2
              ? place(to, displayName)
              : Promise.all([alert(to, 'locked', displayName), alert(to, `p${nth}`, displayName)]);
          const called = placed.then(
            async () =>
              await until(() => emulator.phone(displayName).spoken().length > 0, `${displayName} is told`),
          );
          await inTime(called, 20 * second, () => assert.fail(`${displayName} was not called in time`));
          await new Promise((resolve) => void setTimeout(resolve, second));
        }
        await holder.query('ROLLBACK');
        const isTold = (): boolean => emulator.phone('Adele Vance').spoken().length > 0;
        await until(isTold, 'what was blocked continues after the lock is released');
        const { sql } = world.app.database;
        const joined = async (): Promise<boolean> => {
          const own = await sql
            .selectFrom('alerts')
            .select('escalation_id')
            .where('policy', '=', 'locked')
            .execute();
          return (
            own.length === 1 + people.length / 2 && new Set(own.map((one) => one.escalation_id)).size === 1
          );
        };
        await until(joined, 'the alerts have joined their escalation', ASKING_MS);
        for (const name of people) assert.equal(emulator.phone(name).rings().length, 1);
      },
    );

    for (const [title, wrongBy] of cases(
      'wrong clocks of replicas',
      [
        ['ahead', HOUR],
        ['behind', -HOUR],
      ] as const,
      [],
    )) {
      itLong(`call nobody early, late or never if the clock of one is an hour ${title}`, async () => {
        const url = await freshUrl();
        const shared = { clock: 'real', sharesTime: true } as const;
        const right = await startWorld({ database: pollingOften(await open(url)), ...shared });
        const wrong = await startWorld({
          database: pollingOften(await open(url)),
          ...shared,
          with: right,
          // It may be gone when the service has something to tell.
          env: { PUBLIC_URL: right.url },
          machine: (clock) => ({ ...clock, now: () => clock.now() + wrongBy }),
        });
        const { emulator } = right;
        const nights = [
          { world: right, first: 'Adele Vance', second: 'Alex Wilber' },
          { world: wrong, first: 'Megan Bowen', second: 'Diego Siciliani' },
        ];
        for (const { world, first, second: next } of nights) {
          emulator.people.script(first, { noAnswer: true });
          emulator.people.script(next, { byHand: true });
          const steps = [first, next].map((user) => ({ targets: [{ user }], ringTimeoutSeconds: 10 }));
          assert.equal(
            (await world.api('POST', '/api/v1/escalations', { summary: 'It burns', steps })).status,
            202,
          );
        }
        const rings = (name: string): boolean => emulator.phone(name).incoming() !== null;
        await until(() => nights.every(({ second: next }) => rings(next)), 'the ring timeouts have passed');
        for (const { first } of nights) {
          const [ring = assert.fail(first), ...more] = emulator.phone(first).rings();
          assert.deepEqual(more, []);
          const rangMs = (ring.endedAt ?? 0) - ring.at;
          // The timeout is ten seconds; a busy machine takes some of them to ring.
          assert.ok(rangMs > 6 * second, `${first} had ${rangMs} ms to answer`);
        }
        await wrong.app.stop(second);
        emulator.people.script('Lee Gu', { byHand: true });
        await place(right, 'Lee Gu');
        await until(() => rings('Lee Gu'), 'calls go on without that one');
      });
    }

    itLong('work again within 15 s when another server replaces a silent one', async () => {
      const url = new URL(await freshUrl());
      const gate = await gateTo({ host: url.hostname, port: Number(url.port) });
      afterTest(async () => await gate.shut());
      url.port = String(gate.port);
      const world = await startWorld({
        database: await open(url.href),
        clock: 'real',
        emulator: { timings: { perCharacterMs: 2 } },
      });
      const { emulator } = world;
      emulator.people.script('Adele Vance', { byHand: true });
      emulator.people.script('Alex Wilber', { answers: { afterMs: 10 } });
      const adele = emulator.phone('Adele Vance');
      await place(world, 'Adele Vance');
      await until(() => adele.incoming() !== null, 'her phone rings');
      gate.fallSilent();
      assert.ok(adele.answer(), 'the service sends events, which nobody can store');
      gate.failOver();
      const isPlaced = async (): Promise<boolean> =>
        (await world.api('POST', '/api/v1/calls', { target: { user: 'Alex Wilber' }, message: 'It is red' }))
          .status === 202;
      const working = until(isPlaced, 'requests are taken', ASKING_MS).then(
        async () => await until(() => emulator.phone('Alex Wilber').spoken().length > 0, 'calls are placed'),
      );
      await inTime(working, 15 * second, () => assert.fail('nothing proceeds'));
      await until(() => adele.spoken().length > 0, 'calls in progress continue');
      assert.equal(adele.rings().length, 1);
    });
  });
});
