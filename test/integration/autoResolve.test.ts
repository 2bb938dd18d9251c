import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { sweep } from '../../src/operations/retention.ts';
import { alertmanagerBody } from '../support/alerts/bodies.ts';
import { wordsOf } from '../support/chat/room.ts';
import { openEmbedded } from '../support/databases.ts';
import { startWorld, type World } from '../support/world.ts';

const second = 1000;
const day = 86_400 * second;
const adele = 'Adele Vance';

const yaml = `
autoResolve: 15s
retentionDays: 30
webhooks: [{url: "http://127.0.0.1:9/hook", secrets: [s], events: [resolved], allowPrivate: true}]
policies:
  payments: {steps: [{targets: [{user: ${adele}}]}]}
`;

interface Answer {
  id: string;
  status: string;
  endedBy: object | null;
  endedAt: string | null;
  timeline: { type: string; data?: object }[];
}

const alert = async (world: World): Promise<void> => {
  const { status } = await world.api('POST', '/api/v1/alerts/alertmanager/payments', alertmanagerBody());
  assert.equal(status, 202);
  await world.pass(2 * second);
};

async function all(world: World): Promise<Answer[]> {
  const { body } = await world.api('GET', '/api/v1/escalations');
  const { items } = body as { items: { id: string }[] };
  return await Promise.all(
    items.map(async ({ id }) => (await world.api('GET', `/api/v1/escalations/${id}`)).body as Answer),
  );
}

async function say(world: World, text: string): Promise<string> {
  const { channel } = world.emulator;
  await channel.send({ from: adele, text });
  await world.settle();
  return channel.messages(channel.personal(adele).id).map(wordsOf).at(-1) ?? '';
}

describe('an escalation that is acknowledged and never resolved', function () {
  it('closes automatically, says so everywhere, and blocks nothing afterwards', async () => {
    const world = await startWorld({ database: await openEmbedded(), yaml });
    const { channel } = world.emulator;
    world.emulator.people.script(adele, { byHand: true });
    await alert(world);
    assert.match(await say(world, 'ack'), /You have acknowledged/);
    const card = channel
      .messages(channel.personal(adele).id)
      .find(({ activity }) => JSON.stringify(activity).includes('"id":"details"'));
    assert.ok(card);
    await world.pass(13 * second);
    assert.equal((await all(world))[0]?.status, 'acknowledged');
    assert.match(await say(world, 'forget me'), /An alert that concerns you is open/);

    await world.pass(3 * second);
    const [closed] = await all(world);
    assert.ok(closed);
    assert.equal(closed.status, 'resolved');
    assert.deepEqual({ ...closed.endedBy, at: '' }, { name: 'Ringdown', way: 'auto', at: '' });
    const last = closed.timeline.filter(({ type }) => type !== 'webhookGivenUp').at(-1);
    assert.deepEqual([last?.type, last?.data], ['resolved', { name: 'Ringdown', way: 'auto', seconds: 15 }]);
    const shown = channel.messages(channel.personal(adele).id).find(({ id }) => id === card.id);
    assert.match(
      JSON.stringify(shown?.activity),
      /Closed automatically: nobody resolved it within 15 seconds of the acknowledgement/,
    );
    const { sql: db } = world.app.database;
    const [webhook] = await db.selectFrom('webhook_deliveries').select('body').execute();
    const told = JSON.parse(webhook?.body ?? '{}') as { type: string; by: object };
    assert.deepEqual([told.type, told.by], ['resolved', { name: 'Ringdown', way: 'auto' }]);

    assert.match(await say(world, 'status'), /No call is running/);
    assert.doesNotMatch(await say(world, 'forget me'), /An alert that concerns you is open/);
    // Its sender still reports it as firing, so somebody is called again.
    await alert(world);
    assert.deepEqual((await all(world)).map(({ status }) => status).toSorted(), ['open', 'resolved']);
    const later = Date.parse(closed.endedAt ?? '') + 31 * day;
    await sweep(db, later, 30);
    assert.ok(!(await all(world)).some(({ id }) => id === closed.id), 'it is not kept forever');
  });

  it('does not keep others from closing if it cannot be read', async () => {
    const world = await startWorld({ database: await openEmbedded(), yaml: yaml.replace('15s', '7d') });
    const { sql: db } = world.app.database;
    const ids: string[] = [];
    for (const summary of ['one', 'two', 'three']) {
      const { body } = await world.api('POST', '/api/v1/escalations', { policy: 'payments', summary });
      ids.push((body as { id: string }).id);
    }
    const at = '"2020-01-01T00:00:00.000Z"';
    await sql`UPDATE escalations SET status = 'acknowledged', alarm_at = NULL, ladder = ladder ||
      ${`{"status": "acknowledged", "wakeAt": null, "acknowledgedBy": {"key": "a", "name": "A", "way": "chat", "at": ${at}}}`}::jsonb`.execute(
      db,
    );
    await sql`UPDATE escalations SET ladder = '{"status": "acknowledged"}' WHERE id = ${ids[1] ?? ''}`.execute(
      db,
    );
    await world.app.transact((work) => work.enqueue({ name: 'housekeeping', data: {} }));
    await world.pass(second);
    const rows = await db.selectFrom('escalations').select(['id', 'status']).execute();
    const statusOf = new Map(rows.map(({ id, status }) => [id, status]));
    assert.deepEqual(
      ids.map((id) => statusOf.get(id)),
      ['resolved', 'acknowledged', 'resolved'],
    );
    assert.match(world.log.join(), /could not wake an acknowledged escalation/);
  });

  it('closes even if the previous version stored the acknowledgement', async () => {
    const world = await startWorld({ database: await openEmbedded(), yaml: yaml.replace('15s', '7d') });
    world.emulator.people.script(adele, { byHand: true });
    await alert(world);
    await say(world, 'ack');
    // As the previous version stored it, long ago.
    const at = '2020-01-01T00:00:00.000Z';
    await sql`UPDATE escalations SET alarm_at = NULL, alert = alert - 'autoResolveMs',
      ladder = jsonb_set(ladder || '{"wakeAt": null}', '{acknowledgedBy,at}', ${JSON.stringify(at)}::jsonb)`.execute(
      world.app.database.sql,
    );
    await world.pass(second);
    assert.equal((await all(world))[0]?.status, 'acknowledged');
    // Hourly.
    await world.app.transact((work) => work.enqueue({ name: 'housekeeping', data: {} }));
    await world.pass(second);
    assert.equal((await all(world))[0]?.status, 'resolved');
  });
});
