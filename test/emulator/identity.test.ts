import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import { refusalOf, startWorld } from '../support/emulator/world.ts';
import type { World } from '../support/emulator/world.ts';

describe('emulator: communication identities', () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld();
  });
  afterEach(() => world.stop());

  it('creates a user of the resource', async () => {
    const { communicationUserId } = await world.identities.createUser();
    assert.match(communicationUserId, new RegExp(`^8:acs:${world.at.resourceId}_[0-9a-f-]{36}$`));
    assert.deepEqual(world.emulator.identities.list(), [communicationUserId]);
  });

  it('creates a user with a token that says when it expires', async () => {
    const { user, token, expiresOn } = await world.identities.createUserAndToken(['voip'], {
      tokenExpiresInMinutes: 60,
    });
    assert.equal(expiresOn.getTime(), world.clock.now() + 3_600_000);
    assert.equal(decodeJwt(token).exp, expiresOn.getTime() / 1000);
    assert.equal(decodeJwt(token)['skypeid'], user.communicationUserId.slice(2));
  });

  it('issues and revokes tokens, and forgets a deleted user', async () => {
    const user = await world.identities.createUser();
    const { expiresOn } = await world.identities.getToken(user, ['voip', 'chat']);
    assert.equal(expiresOn.getTime(), world.clock.now() + 86_400_000);
    await world.identities.revokeTokens(user);
    await world.identities.deleteUser(user);
    assert.equal(await refusalOf(world.identities.getToken(user, ['voip'])), '404 NotFound');
    assert.equal(await refusalOf(world.identities.deleteUser(user)), '404 NotFound');
  });

  it('enforces the limits: 60 to 1440 minutes, known scopes', async () => {
    const user = await world.identities.createUser();
    for (const tokenExpiresInMinutes of [59, 1441]) {
      const asked = world.identities.getToken(user, ['voip'], { tokenExpiresInMinutes });
      assert.equal(await refusalOf(asked), '400 InvalidRequest');
    }
    assert.equal(await refusalOf(world.identities.getToken(user, [])), '400 InvalidRequest');
    const stranger = { communicationUserId: '8:acs:another-resource_1' };
    assert.equal(await refusalOf(world.identities.getToken(stranger, ['voip'])), '404 NotFound');
  });
});
