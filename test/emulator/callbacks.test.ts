import assert from 'node:assert/strict';
import { createRemoteJWKSet } from 'jose';
import { z } from 'zod';
import { until } from '../support/until.ts';
import { verify } from '../support/emulator/application.ts';
import { startWorld } from '../support/emulator/world.ts';
import type { World } from '../support/emulator/world.ts';

describe('emulator: callbacks', () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld();
  });
  afterEach(() => world.stop());

  const check = async (authorization: string): Promise<{ lifetimeSeconds: number }> => {
    const document = z
      .object({ issuer: z.string(), jwks_uri: z.string() })
      .parse(await (await fetch(world.at.openIdUrl)).json());
    assert.equal(document.issuer, world.at.issuer);
    const keys = createRemoteJWKSet(new URL(document.jwks_uri));
    return verify(authorization, keys, {
      issuer: world.at.issuer,
      audience: world.at.resourceId,
      now: world.clock.now(),
    });
  };

  it('carry a new token each time, valid for five minutes', async () => {
    await world.call('Adele Vance');
    await world.pass(2000);
    const [first, second] = world.application.requests;
    assert.notEqual(first?.authorization, undefined);
    assert.deepEqual(await check(first?.authorization ?? ''), { lifetimeSeconds: 300 });
    await check(second?.authorization ?? '');
  });

  it('are signed with a new key after a rotation; old keys can be forgotten', async () => {
    await world.call('Adele Vance');
    await world.pass(2000);
    const old = world.application.requests[0]?.authorization ?? '';
    await world.emulator.keys.rotate();
    await check(old);
    world.emulator.phone('Adele Vance').hangUp();
    await world.pass(0);
    await check(world.application.requests.at(-1)?.authorization ?? '');
    await world.emulator.keys.rotate({ forgetOld: true });
    await assert.rejects(check(old));
  });

  it('are retried until they are accepted, and the next ones wait', async () => {
    world.application.answers.push(503, 'cut', 401);
    await world.call('Adele Vance');
    await world.pass(2000);
    assert.deepEqual(world.application.story, ['CallConnected 200/0']);
    for (const [delay, times] of [[1000, 2], [2000, 3], [4000, 5]] as const) {
      await world.pass(delay - 1);
      assert.equal(world.application.requests.length, times === 5 ? 3 : times - 1);
      await world.pass(1);
      assert.equal(world.application.requests.length, times);
    } // prettier-ignore
    assert.equal(new Set(world.application.events.map(({ id }) => id)).size, 2);
    assert.equal(world.application.story.at(-1), 'ParticipantsUpdated 200/0');
    const [record] = world.emulator.calls.list();
    assert.deepEqual(
      record?.events[0]?.deliveries.map(({ status }) => status),
      [503, null, 401, 200],
    );
  });

  it('are abandoned after ten minutes', async () => {
    world.application.answers.push(...Array.from({ length: 100 }, () => 500));
    await world.call('Adele Vance');
    for (let minute = 0; minute < 60; minute += 1) await world.pass(30_000);
    const [record] = world.emulator.calls.list();
    const tries = record?.events.map(({ deliveries }) => deliveries.length) ?? [];
    assert.equal(tries.length, 2);
    assert.ok((tries[0] ?? 0) > 20 && (tries[0] ?? 0) < 30, String(tries[0]));
  });

  it('may come twice', async () => {
    world.emulator.eventFaults.add({ kind: 'duplicate', type: 'CallConnected' });
    await world.call('Adele Vance');
    await world.pass(2000);
    assert.deepEqual(world.application.story, [
      'CallConnected 200/0',
      'CallConnected 200/0',
      'ParticipantsUpdated 200/0',
    ]);
    assert.equal(world.application.events[0]?.id, world.application.events[1]?.id);
  });

  it('may be lost', async () => {
    world.emulator.eventFaults.add({ kind: 'drop', operationContext: 'ctx' });
    await world.call('Adele Vance');
    await world.pass(2000);
    assert.deepEqual(world.application.story, ['ParticipantsUpdated 200/0']);
    assert.equal(world.emulator.calls.list()[0]?.events[0]?.fault, 'drop');
  });

  it('may be late', async () => {
    world.emulator.eventFaults.add({ kind: 'delay', ms: 7000, type: 'CallConnected' });
    const connection = await world.call('Adele Vance');
    await world.pass(2000);
    await connection.hangUp(true);
    await world.pass(7000);
    assert.deepEqual(world.application.story, [
      'ParticipantsUpdated 200/0',
      'CallDisconnected 200/7000',
      'CallConnected 200/0',
    ]);
  });

  it('may overtake each other, and the last one is not held forever', async () => {
    world.emulator.eventFaults.add({ kind: 'reorder', type: 'CallConnected' });
    world.emulator.eventFaults.add({ kind: 'reorder', type: 'CallDisconnected' });
    const connection = await world.call('Adele Vance');
    await world.pass(2000);
    assert.deepEqual(world.application.story, ['ParticipantsUpdated 200/0', 'CallConnected 200/0']);
    await connection.hangUp(true);
    await world.pass(3000);
    assert.equal(world.application.story.at(-1), 'CallDisconnected 200/7000');
  });

  it('may come together in one request', async () => {
    world.emulator.eventFaults.add({ kind: 'batch', type: 'CallConnected' });
    await world.call('Adele Vance');
    await world.pass(2000);
    assert.deepEqual(
      world.application.requests.map(({ events }) => events.length),
      [2],
    );
  });

  it('may be of an unknown type', async () => {
    world.emulator.eventFaults.add({ kind: 'unknown', type: 'CallConnected' });
    await world.call('Adele Vance');
    await world.pass(2000);
    assert.deepEqual(
      world.application.events.map(({ name }) => name),
      ['CallConnected', 'SomethingNew', 'ParticipantsUpdated'],
    );
  });

  it('are hit by faults at random', async () => {
    const drawn = [0.9, 0.1];
    const other = await startWorld({ random: () => drawn.shift() ?? 0.9 });
    other.emulator.eventFaults.add({ kind: 'drop', probability: 0.5 });
    await other.call('Adele Vance');
    await other.pass(2000);
    assert.deepEqual(other.application.story, ['CallConnected 200/0']);
    await other.stop();
  });

  it('may come before the answer to createCall', async () => {
    world.emulator.faults.add({ operation: 'createCall', kind: 'slow', ms: 5000, when: 'after' });
    const call = world.call('Adele Vance');
    await until(() => world.emulator.calls.list().length === 1, 'the call is placed');
    await world.pass(2000);
    assert.equal(world.application.story[0], 'CallConnected 200/0');
    await world.pass(3000);
    const { callConnectionState } = await (await call).getCallConnectionProperties();
    assert.equal(callConnectionState, 'connected');
  });
});
