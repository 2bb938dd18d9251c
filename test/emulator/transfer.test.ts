import assert from 'node:assert/strict';
import type { CallConnection } from '@azure/communication-call-automation';
import { refusalOf, startWorld } from '../support/emulator/world.ts';
import type { World } from '../support/emulator/world.ts';

describe('emulator: transfer', () => {
  let world: World;
  beforeEach(async () => {
    world = await startWorld();
  });
  afterEach(() => world.stop());

  const connected = async (): Promise<CallConnection> => {
    const connection = await world.call('Adele Vance');
    await world.pass(2000);
    world.application.requests.length = 0;
    return connection;
  };
  const transferTo = async (connection: CallConnection, who: string): Promise<void> => {
    const microsoftTeamsUserId = world.emulator.people.get(who).id;
    await connection.transferCallToParticipant({ microsoftTeamsUserId }, { operationContext: 'transfer' });
  };

  it('connects the two, and the call is over for the application', async () => {
    const connection = await connected();
    await transferTo(connection, 'Alex Wilber');
    assert.equal((await connection.getCallConnectionProperties()).callConnectionState, 'transferring');
    assert.equal(world.emulator.phone('Alex Wilber').incoming()?.callerName, 'Adele Vance');
    await world.pass(2000);
    assert.deepEqual(world.application.story, ['CallTransferAccepted 200/0', 'CallDisconnected 200/7015']);
    const { data } = world.application.last('CallTransferAccepted');
    assert.equal(data.operationContext, 'transfer');
    assert.deepEqual(
      Object.keys(data)
        .filter((name) => name.startsWith('transfer'))
        .toSorted(),
      ['transferTarget', 'transferee'],
    );
    assert.equal(world.emulator.phone('Adele Vance').current()?.state, 'onCall');
    assert.deepEqual(
      world.emulator.calls.list()[0]?.rings.map(({ reason }) => reason),
      ['call', 'transfer'],
    );
  });

  it('keeps both on the phone until one hangs up, or the talk time is over', async () => {
    await transferTo(await connected(), 'Alex Wilber');
    await world.pass(2000);
    world.emulator.phone('Adele Vance').hangUp();
    assert.equal(world.emulator.phone('Alex Wilber').current(), null);
    await transferTo(await connected(), 'Alex Wilber');
    await world.pass(2000 + 29_999);
    assert.ok(world.emulator.phone('Alex Wilber').current());
    await world.pass(1);
    assert.equal(world.emulator.phone('Adele Vance').current(), null);
  });

  const failing: [who: string, ms: number, story: string][] = [
    ['Debra Berger', 3000, 'CallTransferFailed 487/10024'],
    ['Nestor Wilke', 60_000, 'CallTransferFailed 487/10004'],
    ['Lee Gu', 2500, 'CallTransferFailed 486/560486'],
    ['Isaiah Langer', 2500, 'CallTransferFailed 480/10078'],
  ];
  for (const [who, ms, story] of failing) {
    it(`to ${who} is ${story}, and the call goes on`, async () => {
      const connection = await connected();
      await transferTo(connection, who);
      await world.pass(ms);
      assert.deepEqual(world.application.story, [story]);
      assert.equal((await connection.getCallConnectionProperties()).callConnectionState, 'connected');
      assert.equal(world.emulator.phone(who).incoming(), null);
    });
  }

  it('ends if the callee hangs up meanwhile, and the other phone stops ringing', async () => {
    await transferTo(await connected(), 'Alex Wilber');
    world.emulator.phone('Adele Vance').hangUp();
    await world.pass(60_000);
    assert.deepEqual(world.application.story, ['CallDisconnected 200/0']);
    assert.equal(world.emulator.phone('Alex Wilber').rings()[0]?.state, 'stopped');
  });

  it('is refused before the answer, and during another transfer', async () => {
    const connection = await world.call('Adele Vance');
    assert.equal(await refusalOf(transferTo(connection, 'Alex Wilber')), '409 8501');
    await world.pass(2000);
    await transferTo(connection, 'Alex Wilber');
    assert.equal(await refusalOf(transferTo(connection, 'Megan Bowen')), '409 8501');
  });
});
