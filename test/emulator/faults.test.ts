import assert from 'node:assert/strict';
import { CallAutomationClient } from '@azure/communication-call-automation';
import { until } from '../support/until.ts';
import { refusalOf, startWorld } from '../support/emulator/world.ts';
import type { World } from '../support/emulator/world.ts';

describe('emulator: faults of the services', () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld();
  });
  afterEach(() => world.stop());

  const timesCalled = (): number => world.emulator.phone('Adele Vance').rings().length;

  it('hit an operation a number of times, before it is executed', async () => {
    const fault = world.emulator.faults.add({
      operation: 'createCall',
      kind: 'status',
      status: 503,
      times: 2,
      retryAfter: 3,
    });
    assert.equal(await refusalOf(world.call('Adele Vance')), '503 503');
    assert.equal(fault.left, 1);
    assert.equal(await refusalOf(world.call('Adele Vance')), '503 503');
    assert.equal(timesCalled(), 0);
    await world.call('Adele Vance');
    assert.equal(timesCalled(), 1);
    const [first, , third] = world.exchanges;
    assert.equal(first?.answer.headers['retry-after'], '3');
    assert.equal(third?.answer.status, 201);
    assert.deepEqual(
      world.emulator.requests.list('createCall').map(({ fault: kind }) => kind),
      ['status', 'status', null],
    );
  });

  it('lose the answer after the operation was executed', async () => {
    world.emulator.faults.add({ operation: 'createCall', kind: 'status', status: 500, when: 'after' });
    assert.equal(await refusalOf(world.call('Adele Vance')), '500 500');
    assert.equal(timesCalled(), 1);
  });

  it('cut the connection before or after', async () => {
    for (const [when, times] of [['before', 0], ['after', 1]] as const) {
      world.emulator.faults.add({ operation: 'createCall', kind: 'reset', when });
      await assert.rejects(world.call('Adele Vance'), /socket hang up|ECONNRESET/);
      assert.equal(timesCalled(), times);
    } // prettier-ignore
    assert.equal(world.emulator.requests.list('createCall')[0]?.status, null);
  });

  it('corrupt the answer: half of the JSON, or no id', async () => {
    world.emulator.faults.add({ operation: 'createCall', kind: 'malformed' });
    assert.match(await refusalOf(world.call('Adele Vance')), /PARSE_ERROR/);
    world.emulator.faults.add({ operation: 'createCall', kind: 'noId' });
    // Here the SDK throws a plain string.
    await assert.rejects(world.call('Adele Vance'), (thrown) =>
      String(thrown).includes('callConnectionId is missing'),
    );
    assert.equal(timesCalled(), 2);
  });

  it('delay an answer by the clock, which does not count as busy', async () => {
    world.emulator.faults.add({ operation: 'createCall', kind: 'slow', ms: 4000 });
    const call = world.call('Adele Vance');
    await until(() => world.emulator.faults.pending.length === 0, 'the request has arrived');
    await world.pass(3999);
    assert.equal(timesCalled(), 0);
    assert.equal(world.emulator.requests.count('createCall'), 0);
    await world.pass(1);
    await call;
    assert.equal(timesCalled(), 1);
  });

  it('do not keep the emulator busy after the client has given up', async () => {
    world.emulator.faults.add({ operation: 'graph.listUsers', kind: 'slow', ms: 60_000 });
    const abort = new AbortController();
    const request = fetch(`${world.at.graphUrl}/v1.0/users`, { signal: abort.signal });
    await until(() => world.emulator.faults.pending.length === 0, 'the request has arrived');
    abort.abort();
    await assert.rejects(request);
    await world.pass(60_000);
    assert.equal(world.emulator.requests.count('graph.listUsers'), 1);
  });

  it('hit at random, and all operations of a service', async () => {
    const drawn = [0.2, 0.8, 0.2];
    const other = await startWorld({ random: () => drawn.shift() ?? 1 });
    other.emulator.faults.add({ operation: 'graph.*', kind: 'status', status: 429, probability: 0.5 });
    const headers = { authorization: `Bearer ${other.at.graphToken}` };
    const statuses: number[] = [];
    for (const path of ['users', 'users', 'groups/x/members']) {
      statuses.push((await fetch(`${other.at.graphUrl}/v1.0/${path}`, { headers })).status);
    }
    assert.deepEqual(statuses, [429, 200, 429]);
    other.emulator.faults.clear();
    assert.equal((await fetch(`${other.at.graphUrl}/v1.0/users`, { headers })).status, 200);
    await other.stop();
  });

  it('are handled by the unmodified SDK, which retries a cut request', async () => {
    world.emulator.faults.add({ operation: 'createCall', kind: 'reset', when: 'after' });
    const client = new CallAutomationClient(world.at.connectionString, {
      allowInsecureConnection: true,
      retryOptions: { retryDelayInMs: 1 },
      sourceIdentity: { communicationUserId: `8:acs:${world.at.resourceId}_x` },
    });
    const { id } = world.emulator.people.get('Adele Vance');
    await client.createCall(
      { targetParticipant: { microsoftTeamsUserId: id } },
      world.application.callbackUri,
    );
    assert.equal(world.emulator.requests.count('createCall'), 2);
    assert.equal(timesCalled(), 1);
  });
});
