import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { startWorld } from '../support/emulator/world.ts';
import type { World } from '../support/emulator/world.ts';

describe('emulator: the phones page', () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld();
  });
  afterEach(() => world.stop());

  it('loads nothing from other origins, and other pages cannot use its API', async () => {
    const { controlUrl, phonesUrl } = world.at;
    const { id } = world.emulator.people.get('Adele Vance');
    const asked = await fetch(`${controlUrl}/people/${id}/script`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://evil.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'x-emulator-control',
      },
    });
    assert.equal(asked.headers.get('access-control-allow-origin'), null);
    const policy = (await fetch(phonesUrl)).headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe|https?:/);
  });

  it('contains no secrets of calls', async () => {
    const told = randomUUID();
    world.emulator.people.add({ displayName: told, script: { byHand: true } });
    await world.call(told);
    const state = await (await fetch(`${world.at.phonesUrl}/state`)).text();
    assert.ok(state.includes(told));
    assert.ok(!state.includes(world.application.callbackUri));
    assert.doesNotMatch(state, /accesskey/);
  });
});
