import assert from 'node:assert/strict';
import { sql } from 'kysely';
import type { Message } from '../../../emulator/connector/activity.ts';
import { readRingdownYaml } from '../../../src/config/ringdownYaml.ts';
import { openEmbedded } from '../../support/databases.ts';
import { startWorld, type World } from '../../support/world.ts';
import { wordsOf } from '../../support/chat/room.ts';

const second = 1000;
const hour = 3_600_000;
const adele = 'Adele Vance';
const channelId = '19:ops@thread.tacv2';

const yaml = `
policies:
  payments:
    channel: "${channelId}"
    repeat: 1
    steps: [{targets: [{user: ${adele}}], ringTimeoutSeconds: 60}, {targets: [{user: ${adele}}], ringTimeoutSeconds: 60}]
`;
const alert = { policy: 'payments', summary: 'red', dedupKey: 'red', severity: 'warning' };

async function begin(more = ''): Promise<World> {
  const world = await startWorld({ database: await openEmbedded(), yaml: `${yaml}${more}` });
  world.emulator.channel.teamChannel([adele], 'Ops', channelId);
  world.emulator.people.script(adele, { byHand: true });
  await starts(world);
  return world;
}

async function starts(world: World): Promise<void> {
  assert.equal((await world.api('POST', '/api/v1/escalations', alert)).status, 202);
  await world.pass(3 * second);
}

async function declines(world: World, times = 1): Promise<void> {
  for (let time = 0; time < times; time++) {
    assert.ok(world.emulator.phone(adele).decline());
    await world.pass(3 * second);
  }
}

/** Makes the cards look older by this much. */
async function later(world: World, ms: number): Promise<void> {
  await sql`UPDATE card_deliveries SET sent_at = sent_at - ${ms} * interval '1 millisecond'`.execute(
    world.app.database.sql,
  );
}

function cards(world: World): string[] {
  const { channel } = world.emulator;
  return channel.messages(channel.personal(adele).id).map(wordsOf);
}

const buttons = ({ activity }: Message): number =>
  JSON.stringify(activity).split('Action.Execute').length - 1;

describe('A card that would be far up in the chat is sent again', function () {
  it('when the ladder starts again, for callees and the channel; the old card says so', async () => {
    const world = await begin();
    const { channel } = world.emulator;
    const [old] = structuredClone(channel.messages(channel.personal(adele).id));
    await declines(world, 4);
    assert.deepEqual(cards(world), ['red – Nobody acknowledged']);
    await starts(world);
    assert.deepEqual(cards(world), ['red – continued in a newer message', 'You are being called: red']);
    assert.deepEqual(channel.messages(channelId).map(wordsOf), [
      'red – continued in a newer message',
      'red – Adele Vance: Calling …',
    ]);
    const [past] = channel.messages(channel.personal(adele).id);
    assert.match(JSON.stringify(past?.activity), /Continued at .* in a newer message\./);
    assert.equal(past && buttons(past), 0);
    // People who still see the old card may press its buttons.
    assert.ok(old);
    const { body } = await channel.press(adele, old, 'Acknowledge');
    assert.match(JSON.stringify(body), /newer message/);
    await world.pass(2 * second);
    assert.deepEqual(cards(world), ['red – continued in a newer message', 'red – Acknowledged: Adele Vance']);
  });

  it('when somebody is called again after an hour, and not before', async () => {
    const world = await begin();
    await later(world, hour - 10 * second);
    await declines(world);
    assert.deepEqual(cards(world), ['You are being called: red']);
    await later(world, 10 * second);
    await declines(world);
    assert.deepEqual(cards(world), ['red – continued in a newer message', 'You are being called: red']);
    await declines(world);
    assert.equal(cards(world).length, 2);
    assert.equal(world.emulator.channel.messages(channelId).length, 1, 'a channel has one for each run');
  });

  it('when a call has waited that long', async () => {
    const time = (hours: number): string => new Date(Date.now() + hours * hour).toISOString().slice(11, 16);
    const world = await begin(`\nquietHours: {from: "${time(-2)}", to: "${time(2)}"}\n`);
    assert.equal(cards(world).length, 1);
    await later(world, 2 * hour);
    await sql`UPDATE calls SET created_at = created_at - interval '2 hours'`.execute(world.app.database.sql);
    await world.app.reload(readRingdownYaml(yaml, {}));
    const [call] = await world.app.calls.list({ limit: 1 });
    await world.app.transact((work) => work.enqueue({ name: 'call.dial', data: { callId: call?.id ?? '' } }));
    await world.pass(3 * second);
    assert.deepEqual(cards(world), ['red – continued in a newer message', 'You are being called: red']);
  });

  it('when the old message was deleted; a replaced message says that it was continued', async () => {
    const world = await begin();
    await declines(world, 4);
    const { channel } = world.emulator;
    const [old] = channel.messages(channel.personal(adele).id);
    assert.ok(old);
    old.deleted = true;
    await starts(world);
    const [newest, ...others] = cards(world).toReversed();
    assert.equal(newest, 'You are being called: red');
    // The update of the deleted message and the new message race.
    assert.ok(others.length < 2 && others.every((words) => words === 'red – continued in a newer message'));
  });
});
