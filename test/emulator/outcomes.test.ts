import assert from 'node:assert/strict';
import { CallAutomationClient } from '@azure/communication-call-automation';
import type { Script } from '../../emulator/people/script.ts';
import { insecure, startWorld } from '../support/emulator/world.ts';
import type { World } from '../support/emulator/world.ts';

describe('emulator: outcomes of a call', () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld();
  });
  afterEach(() => world.stop());

  const scripts: [script: Script, ms: number, story: string[], rings: number][] = [
    [{ declines: { afterMs: 1500 } }, 1500, ['CallDisconnected 487/10024'], 1],
    [{ declines: { code: '603/0' } }, 2000, ['CallDisconnected 603/0'], 1],
    [{ noAnswer: true }, 115_000, ['CreateCallFailed 487/10004'], 1],
    [{ busy: true }, 2500, ['CreateCallFailed 486/560486'], 0],
    [{ unreachable: true }, 2500, ['CreateCallFailed 480/10078'], 0],
    [{ notAllowed: '403/10124' }, 2500, ['CreateCallFailed 403/10124'], 0],
    [{ byHand: true }, 115_000, ['CreateCallFailed 487/10004'], 1],
    [
      { answers: { afterMs: 500, hangsUpAfterMs: 1000 } },
      1500,
      ['CallConnected 200/0', 'ParticipantsUpdated 200/0', 'CallDisconnected 200/0'],
      1,
    ],
  ];
  for (const [script, ms, story, rings] of scripts) {
    it(`${JSON.stringify(script)}: ${story.join(', ')}`, async () => {
      world.emulator.people.script('Alex Wilber', script);
      await world.call('Alex Wilber');
      await world.pass(ms - 1);
      assert.deepEqual(world.application.story, story.slice(0, -1));
      await world.pass(1);
      assert.deepEqual(world.application.story, story);
      assert.equal(world.emulator.phone('Alex Wilber').rings().length, rings);
      assert.equal(world.emulator.calls.list()[0]?.state, 'disconnected');
    });
  }

  const builtIn: [who: string, ms: number, last: string][] = [
    ['Debra Berger', 3000, 'CallDisconnected 487/10024'],
    ['Nestor Wilke', 115_000, 'CreateCallFailed 487/10004'],
    ['Lee Gu', 2500, 'CreateCallFailed 486/560486'],
    ['Isaiah Langer', 2500, 'CreateCallFailed 480/10078'],
    ['Grady Archie', 2500, 'CreateCallFailed 403/10124'],
    ['Patti Fernandez', 2500, 'CreateCallFailed 403/10391'],
    ['Irvin Sayers', 2500, 'CreateCallFailed 403/10391'],
    ['Henrietta Mueller', 2500, 'CreateCallFailed 480/10078'],
    ['Help Desk', 2500, 'CreateCallFailed 480/10078'],
    ['田中 太郎', 2000, 'ParticipantsUpdated 200/0'],
  ];
  for (const [who, ms, last] of builtIn) {
    it(`${who}: ${last}`, async () => {
      await world.call(who);
      await world.pass(ms);
      assert.equal(world.application.story.at(-1), last);
    });
  }

  const telephones: [last: string, ms: number, result: string][] = [
    ['001', 2000, 'ParticipantsUpdated 200/0'],
    ['002', 2500, 'CreateCallFailed 486/560486'],
    ['003', 3000, 'CreateCallFailed 603/560603'],
    ['004', 115_000, 'CreateCallFailed 480/560480'],
    ['005', 2500, 'CreateCallFailed 480/560480'],
    ['006', 90_000, 'CallDisconnected 0/560000'],
    ['007', 2500, 'CreateCallFailed 503/560503'],
    ['999', 2500, 'CreateCallFailed 404/560404'],
  ];
  for (const [last, ms, result] of telephones) {
    it(`the telephone +493023125${last}: ${result}`, async () => {
      const { phoneNumber } = world.emulator.addresses;
      const targetParticipant = { phoneNumber: `+493023125${last}` };
      const sourceCallIdNumber = { phoneNumber };
      await world.client.createCall({ targetParticipant, sourceCallIdNumber }, world.application.callbackUri);
      await world.pass(ms);
      assert.equal(world.application.story.at(-1), result);
    });
  }

  it('blocks a call to a telephone that comes from no number of the resource', async () => {
    const targetParticipant = { phoneNumber: '+493023125001' };
    const { callbackUri } = world.application;
    await world.client.createCall({ targetParticipant }, callbackUri);
    const sourceCallIdNumber = { phoneNumber: '+493023125777' };
    await world.client.createCall({ targetParticipant, sourceCallIdNumber }, callbackUri);
    await world.pass(2500);
    const blocked = 'CreateCallFailed 403/510403';
    assert.deepEqual(world.application.story, [blocked, blocked]);
    assert.equal(world.emulator.phone('+493023125001').rings().length, 0);
  });

  it('reaches a resource account by its application identifier', async () => {
    const { id } = world.emulator.people.get('Help Desk');
    await world.client.createCall(
      { targetParticipant: { teamsAppId: id, cloud: 'public' } },
      world.application.callbackUri,
    );
    await world.pass(500);
    assert.equal(world.application.story[0], 'CallConnected 200/0');
  });

  it('reaches a communication user who was added as a person', async () => {
    const user = await world.identities.createUser();
    world.emulator.people.add({ id: user.communicationUserId, displayName: 'Browser page' });
    await world.client.createCall({ targetParticipant: user }, world.application.callbackUri);
    await world.pass(2000);
    assert.equal(world.application.story[0], 'CallConnected 200/0');
  });

  it('fails with 403/10391 without a source identity', async () => {
    const client = new CallAutomationClient(world.at.connectionString, insecure);
    const { id } = world.emulator.people.get('Adele Vance');
    await client.createCall(
      { targetParticipant: { microsoftTeamsUserId: id } },
      world.application.callbackUri,
    );
    await world.pass(2500);
    assert.deepEqual(world.application.story, ['CreateCallFailed 403/10391']);
  });

  it('fails with 403/7507 when the source identity was deleted', async () => {
    const sourceIdentity = await world.identities.createUser();
    await world.identities.deleteUser(sourceIdentity);
    const client = new CallAutomationClient(world.at.connectionString, { ...insecure, sourceIdentity });
    const { id } = world.emulator.people.get('Adele Vance');
    await client.createCall(
      { targetParticipant: { microsoftTeamsUserId: id } },
      world.application.callbackUri,
    );
    await world.pass(2500);
    assert.deepEqual(world.application.story, ['CreateCallFailed 403/7507']);
  });

  it('is busy for a second caller while on a call, and rings twice while it only rings', async () => {
    await world.call('Adele Vance');
    await world.call('Adele Vance');
    assert.equal(world.emulator.phone('Adele Vance').ringing().length, 2);
    await world.pass(2000);
    assert.deepEqual(world.application.story.toSorted(), [
      'CallConnected 200/0',
      'CreateCallFailed 486/560486',
      'ParticipantsUpdated 200/0',
    ]);
    await world.call('Adele Vance');
    await world.pass(2500);
    assert.equal(world.application.story.at(-1), 'CreateCallFailed 486/560486');
    assert.equal(world.emulator.phone('Adele Vance').rings().length, 2);
  });

  it('follows several scripts one after another, and keeps the last', async () => {
    world.emulator.people.script('Adele Vance', { busy: true }, { declines: { afterMs: 0 } });
    for (const last of [
      'CreateCallFailed 486/560486',
      'CallDisconnected 487/10024',
      'CallDisconnected 487/10024',
    ]) {
      await world.call('Adele Vance');
      await world.pass(2500);
      assert.equal(world.application.story.at(-1), last);
    }
  });

  it('is answered, declined and ended by hand', async () => {
    world.emulator.people.script('Megan Bowen', { byHand: true });
    const phone = world.emulator.phone('Megan Bowen');
    assert.equal(phone.answer(), false);
    await world.call('Megan Bowen');
    assert.equal(phone.incoming()?.callerName, 'Ringdown');
    assert.equal(phone.decline(), true);
    await world.pass(0);
    assert.equal(world.application.story.at(-1), 'CallDisconnected 487/10024');
    await world.call('Megan Bowen');
    assert.equal(phone.answer(), true);
    assert.equal(phone.current()?.state, 'onCall');
    assert.equal(phone.hangUp(), true);
    await world.pass(0);
    assert.equal(world.application.story.at(-1), 'CallDisconnected 200/0');
    assert.deepEqual(
      phone.rings().map(({ state }) => state),
      ['declined', 'ended'],
    );
  });
});
