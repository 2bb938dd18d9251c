import assert from 'node:assert/strict';
import { sql } from 'kysely';
import type { Conversation } from '../../../emulator/connector/conversations.ts';
import { openEmbedded } from '../../support/databases.ts';
import { startWorld, type World } from '../../support/world.ts';
import { wordsOf } from '../../support/chat/room.ts';

const second = 1000;
const adele = 'Adele Vance';
const megan = 'Megan Bowen';

const yaml = `
policies:
  payments: {steps: [{targets: [{user: ${adele}}], ringTimeoutSeconds: 120}]}
  office: {steps: [{targets: [{user: Alex Wilber}], ringTimeoutSeconds: 120}]}
`;

/** Alex first, then Adele. */
const climbs = `  climbs: {steps: [
    {targets: [{user: Alex Wilber}], ringTimeoutSeconds: 120, tries: 1}, {targets: [{user: ${adele}}], tries: 1}]}
`;

async function say(world: World, from: string, text: string, group?: Conversation): Promise<string> {
  const { channel } = world.emulator;
  const { id } = group ?? channel.personal(from);
  const before = channel.messages(id).length;
  await channel.send({ from, text, ...(group ? { conversation: group, mentions: ['bot'] } : {}) });
  await world.pass(500);
  return channel.messages(id).slice(before).map(wordsOf).join('\n');
}

/** Oldest first. */
async function stands(world: World): Promise<string[]> {
  const { items } = (await world.api('GET', '/api/v1/escalations')).body as {
    items: { status: string; summary: string }[];
  };
  return items.map(({ status, summary }) => `${status}: ${summary}`).toReversed();
}

/** Adds this many newer escalations like the newest one, started by a program. */
async function many(world: World, status: string, changes: object = {}): Promise<void> {
  const alert = { summary: `another, ${status}`, startedBy: { kind: 'api', key: 'ci', name: 'ci' } };
  const rungs = { status, rungs: [], phase: 'over', wakeAt: null, ...changes };
  await sql`INSERT INTO escalations (id, status, policy, source, alert, ladder, revision, created_at)
    SELECT 'esc_' || ${status} || n, ${status}, 'office', source, alert || ${JSON.stringify(alert)}::jsonb,
      ladder || ${JSON.stringify(rungs)}::jsonb, 1, created_at + n * interval '1 second'
    FROM (SELECT * FROM escalations ORDER BY created_at DESC LIMIT 1) AS newest, generate_series(1, 120) AS n`.execute(
    world.app.database.sql,
  );
}

const by = { key: 'x', name: 'X', way: 'api', at: '2020-01-01T00:00:00.000Z' };

describe('Escalations that concern somebody are found, however many others are open', function () {
  async function crowded(): Promise<World> {
    const world = await startWorld({ database: await openEmbedded(), yaml });
    for (const name of [adele, 'Alex Wilber']) world.emulator.people.script(name, { byHand: true });
    await say(world, megan, 'escalate payments: mine');
    await world.pass(3 * second);
    await many(world, 'open');
    await many(world, 'acknowledged', { acknowledgedBy: by });
    await many(world, 'exhausted');
    return world;
  }

  it('by ack, resolve, status and history of a callee', async () => {
    const world = await crowded();
    assert.match(await say(world, adele, 'status'), /^One call or alert is running:\sAlert "mine"/);
    assert.match(await say(world, adele, 'history'), /Alert mine/);
    assert.match(await say(world, adele, 'ack'), /You have acknowledged "mine"/);
    assert.match(await say(world, megan, 'ack'), /Adele Vance has already acknowledged/);
    assert.match(await say(world, adele, 'resolve'), /"mine" is resolved/);
  });

  it('by status and cancel of the person who started it', async () => {
    const world = await crowded();
    assert.match(await say(world, megan, 'status'), /^One call or alert is running:\sAlert "mine"/);
    assert.match(await say(world, megan, 'cancel'), /"mine" is stopped/);
  });

  it('by ack of people in its policy who have not been called yet', async () => {
    const world = await startWorld({ database: await openEmbedded(), yaml });
    world.emulator.people.script('Alex Wilber', { byHand: true });
    await say(world, megan, 'escalate office: theirs');
    await world.pass(2 * second);
    // As if the older one belonged to a policy in which nobody has been called yet.
    await sql`UPDATE escalations SET policy = 'payments', source = 'key',
      alert = alert || '{"steps": [{"targets": [{"user": "Adele Vance"}], "mode": "sequence", "tries": 1, "pauseSeconds": 0}]}'`.execute(
      world.app.database.sql,
    );
    await many(world, 'open', {});
    await sql`UPDATE escalations SET alert = alert || '{"steps": []}' WHERE policy = 'office'`.execute(
      world.app.database.sql,
    );
    assert.match(await say(world, adele, 'ack'), /You have acknowledged "theirs"/);
  });

  it('the one whose call is at the phone comes before those that wait for it', async () => {
    const world = await startWorld({ database: await openEmbedded(), yaml });
    world.emulator.people.script(adele, { byHand: true });
    await say(world, megan, 'escalate payments: at the phone');
    await world.pass(2 * second);
    for (const name of ['waits', 'waits too']) await say(world, megan, `escalate payments: ${name}`);
    await world.pass(2 * second);
    assert.match(await say(world, adele, 'ack'), /You have acknowledged "at the phone"/);
  });

  it('an open one elsewhere comes before an exhausted one that called the asker', async () => {
    const world = await startWorld({ database: await openEmbedded(), yaml: `${yaml}${climbs}` });
    for (const name of [adele, 'Alex Wilber']) world.emulator.people.script(name, { declines: {} });
    await say(world, megan, 'escalate climbs: the night before');
    await world.pass(30 * second);
    assert.deepEqual(await stands(world), ['exhausted: the night before']);
    await sql`UPDATE escalations SET ended_at = ended_at - interval '20 hours'`.execute(
      world.app.database.sql,
    );
    // It rings Alex; Adele's step comes later.
    world.emulator.people.script('Alex Wilber', { byHand: true });
    await say(world, megan, 'escalate climbs: this night');
    await world.pass(3 * second);
    assert.match(await say(world, adele, 'ack'), /You have acknowledged "this night"/);
    assert.deepEqual(await stands(world), ['exhausted: the night before', 'acknowledged: this night']);
    // Nothing is open now.
    assert.match(await say(world, adele, 'ack'), /You have acknowledged "the night before"/);
  });

  it('in a group that shows only escalations that the asker has no right to, the one they have a right to', async () => {
    const world = await startWorld({ database: await openEmbedded(), yaml: `${yaml}${climbs}` });
    world.emulator.people.script('Alex Wilber', { byHand: true });
    const group = world.emulator.channel.groupChat([adele, megan]);
    await say(world, megan, 'escalate office: theirs', group);
    await world.pass(2 * second);
    await say(world, megan, 'escalate climbs: mine');
    await world.pass(2 * second);
    assert.match(await say(world, adele, 'ack', group), /You have acknowledged "mine"/);
    assert.deepEqual(await stands(world), ['open: theirs', 'acknowledged: mine']);
  });
});
