import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { signed } from '../support/emulator/signedRequest.ts';
import { startWorld } from '../support/emulator/world.ts';
import type { World } from '../support/emulator/world.ts';

describe('emulator: repeated requests', () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld();
  });
  afterEach(() => world.stop());

  const create = async (headers: Record<string, string>): Promise<{ status: number; text: string }> => {
    const { id } = world.emulator.people.get('Adele Vance');
    const answer = await signed({
      method: 'POST',
      url: `${world.at.url}/calling/callConnections?api-version=2026-03-12`,
      connectionString: world.at.connectionString,
      body: JSON.stringify({
        targets: [{ microsoftTeamsUser: { userId: id } }],
        callbackUri: world.application.callbackUri,
        source: { id: `8:acs:${world.at.resourceId}_x` },
      }),
      headers: { 'content-type': 'application/json', ...headers },
    });
    return { status: answer.status, text: await answer.text() };
  };
  const repeatable = (id: string = randomUUID()): Record<string, string> => ({
    'Repeatability-Request-ID': id,
    'Repeatability-First-Sent': new Date().toUTCString(),
  });
  const timesCalled = (): number => world.emulator.phone('Adele Vance').rings().length;

  it('get the same answer byte for byte, and the phone rings once', async () => {
    const headers = repeatable();
    const first = await create(headers);
    const second = await create(headers);
    assert.deepEqual(second, first);
    assert.equal(timesCalled(), 1);
  });

  it('wait for the first one if it is still running', async () => {
    const headers = repeatable();
    const answers = await Promise.all([1, 2, 3, 4].map(() => create(headers)));
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
    assert.equal(timesCalled(), 1);
  });

  it('get the answer even if the first one was lost', async () => {
    world.emulator.faults.add({ operation: 'createCall', kind: 'reset', when: 'after' });
    const headers = repeatable();
    await assert.rejects(create(headers));
    assert.equal((await create(headers)).status, 201);
    assert.equal(timesCalled(), 1);
  });

  it('with another id place another call', async () => {
    await create(repeatable());
    await create(repeatable());
    assert.equal(timesCalled(), 2);
  });

  it('are executed again if the service does not keep the promise', async () => {
    world.emulator.repeatability.enabled = false;
    const headers = repeatable();
    await create(headers);
    await create(headers);
    assert.equal(timesCalled(), 2);
  });

  const wrong: [what: string, headers: Record<string, string>][] = [
    ['an id without a date', { 'Repeatability-Request-ID': randomUUID() }],
    ['a date without an id', { 'Repeatability-First-Sent': new Date().toUTCString() }],
    ['an id that is not a UUID', { ...repeatable('42') }],
    [
      'a date that is not an HTTP date',
      { ...repeatable(), 'Repeatability-First-Sent': new Date().toISOString() },
    ],
  ];
  for (const [what, headers] of wrong) {
    it(`are refused with 400: ${what}`, async () => {
      assert.equal((await create(headers)).status, 400);
      assert.equal(timesCalled(), 0);
    });
  }
});
