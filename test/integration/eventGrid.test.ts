import assert from 'node:assert/strict';
import type { EventGridSchema } from '../../emulator/eventGrid/eventGrid.ts';
import { builtInPeople } from '../../emulator/people/builtIn.ts';
import { forEachDatabaseByTurns } from '../support/databases.ts';
import { sweep } from '../../src/operations/retention.ts';
import { addressIn, callWith, Page, say, talkYaml } from '../support/talk.ts';
import { newestCall, startWorld, type World } from '../support/world.ts';

const second = 1000;
const env = { EVENT_GRID_SECRET: 'secret-of-event-grid' };
/** Event types that the service sends about a call of one of the resource's users. */
const ofBrowserCall = ['CallStarted', 'CallParticipantAdded', 'CallParticipantRemoved', 'CallEnded'];

async function subscribe(world: World, schema: EventGridSchema): Promise<boolean> {
  const url = new URL(`${world.url}/api/events?token=${env.EVENT_GRID_SECRET}`);
  return await world.emulator.eventGrid.subscribe(url, schema);
}

/** Ringdown calls Adele and speaks to her. */
async function talking(world: World): Promise<void> {
  await world.emulator.channel.send({ from: 'Megan Bowen', text: `call Adele Vance: ${'wait '.repeat(60)}` });
  await world.pass(5 * second);
}

/** Somebody outside Teams calls Adele from the browser page, and she answers. */
async function talkingFromBrowser(world: World): Promise<{ page: Page; names: object }> {
  world.emulator.people.script('Adele Vance', { byHand: true });
  const page = new Page(world, addressIn(world, await say(world, 'call Adele Vance')));
  const { body } = await page.join();
  const { serverCallId, callId } = (await callWith(world, body['token'], 'Adele Vance')).body;
  assert.ok(world.emulator.phone('Adele Vance').answer());
  await world.settle();
  return { page, names: { serverCallId, callId } };
}

const rows = async (world: World) =>
  await world.app.database.sql
    .selectFrom('grid_events')
    .select(['type', 'call_id', 'event_id'])
    .orderBy('at')
    .execute();

const types = async (world: World): Promise<string[]> =>
  (await newestCall(world))?.timeline.map(({ type }) => type) ?? [];

describe('Event Grid', () => {
  forEachDatabaseByTurns((open) => {
    for (const schema of ['EventGrid', 'CloudEvents'] as const) {
      it(`${schema}: the handshake succeeds, and events of a browser call are linked to it, each once`, async () => {
        const world = await startWorld({ database: await open(), env, yaml: talkYaml });
        assert.equal(await subscribe(world, schema), true);
        const { page, names } = await talkingFromBrowser(world);
        await page.report('connected', names);
        assert.ok(world.emulator.phone('Adele Vance').hangUp());
        await world.settle();
        await page.report('ended');
        const id = (await newestCall(world))?.id;
        assert.deepEqual(
          new Set((await rows(world)).map((row) => `${row.type} ${row.call_id}`)),
          new Set(ofBrowserCall.map((type) => `${type} ${id}`)),
        );
        const lines = await types(world);
        for (const line of [
          'gridCallStarted',
          'gridParticipantJoined',
          'gridParticipantLeft',
          'gridCallEnded',
        ]) {
          assert.equal(lines.filter((one) => one === line).length, 1, line);
        }
        assert.deepEqual(
          world.emulator.eventGrid.deliveries().map(({ statuses }) => statuses),
          [[200], [200], [200], [200]],
        );
      });
    }

    it('a browser call gets its events even if the page never reports the service’s ids', async () => {
      const world = await startWorld({ database: await open(), env, yaml: talkYaml });
      await subscribe(world, 'EventGrid');
      const { page } = await talkingFromBrowser(world);
      await page.report('connected');
      const id = (await newestCall(world))?.id;
      assert.deepEqual(new Set((await rows(world)).map((row) => row.call_id)), new Set([id]));
    });

    it('an event without a user is linked by the ids that the page reports: a stored recording', async () => {
      const world = await startWorld({ database: await open(), env, yaml: talkYaml });
      await subscribe(world, 'EventGrid');
      const { page, names } = await talkingFromBrowser(world);
      const [call] = world.emulator.calls.list();
      assert.ok(call);
      world.emulator.eventGrid.publish('RecordingFileStatusUpdated', call);
      await world.settle();
      assert.ok(!(await types(world)).includes('gridRecordingStored'), 'no call is known for it');
      await page.report('connected', names);
      assert.ok((await types(world)).includes('gridRecordingStored'));
    });

    it('a page cannot get events of another call by claiming its id', async () => {
      const world = await startWorld({ database: await open(), env, yaml: talkYaml });
      await subscribe(world, 'EventGrid');
      await world.emulator.channel.send({
        from: 'Megan Bowen',
        text: `call Alex Wilber: ${'wait '.repeat(60)}`,
      });
      await world.pass(5 * second);
      const [other] = world.emulator.calls.list();
      const { id: ofOther } = (await newestCall(world)) ?? {};
      assert.ok(other);
      const { page } = await talkingFromBrowser(world);
      await page.report('connected', { serverCallId: other.serverCallId, callId: other.correlationId });
      world.emulator.eventGrid.publish('RecordingFileStatusUpdated', other);
      await world.settle();
      const [recording] = (await rows(world)).filter(({ type }) => type === 'RecordingFileStatusUpdated');
      assert.equal(recording?.call_id, ofOther);
    });

    it('a page that claims an id that the database rejects gets an answer, and its call continues', async () => {
      const world = await startWorld({ database: await open(), env, yaml: talkYaml });
      const { page } = await talkingFromBrowser(world);
      const { status } = await page.report('connected', { serverCallId: 'a\0b', callId: 'é'.repeat(200) });
      assert.equal(status, 200);
      assert.equal((await newestCall(world))?.status, 'connected');
    });

    it('Call Automation’s calls to Teams users raise no events: their callbacks report everything', async () => {
      const world = await startWorld({ database: await open(), env });
      await subscribe(world, 'EventGrid');
      await talking(world);
      const [call] = world.emulator.calls.list();
      assert.ok(call);
      assert.equal(
        world.emulator.eventGrid.publish('CallStarted', call),
        null,
        'and a test cannot pretend otherwise',
      );
      world.emulator.phone('Adele Vance').hangUp();
      await world.settle();
      assert.equal((await newestCall(world))?.status, 'ended');
      assert.deepEqual(await rows(world), []);
    });

    it('a wrong secret fails both handshakes, and without a secret the endpoint does not exist', async () => {
      const world = await startWorld({ database: await open(), env });
      const { eventGrid } = world.emulator;
      for (const schema of ['EventGrid', 'CloudEvents'] as const) {
        assert.equal(await eventGrid.subscribe(new URL(`${world.url}/api/events?token=no`), schema), false);
      }
      const without = await startWorld({ database: await open() });
      const answer = await fetch(`${without.url}/api/events?token=`, { method: 'POST' });
      assert.equal(answer.status, 404);
    });

    it('a duplicate event is stored and applied once', async () => {
      const world = await startWorld({ database: await open(), env });
      await talking(world);
      const [call] = world.emulator.calls.list();
      const event = {
        id: 'e1',
        topic: 't',
        subject: 's',
        eventType: 'Microsoft.Communication.CallStarted',
        eventTime: new Date(0).toISOString(),
        data: { serverCallId: call?.serverCallId },
      };
      for (const body of [[event], [event, event]]) {
        const answer = await fetch(`${world.url}/api/events?token=${env.EVENT_GRID_SECRET}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        });
        assert.equal(answer.status, 200);
      }
      assert.equal((await rows(world)).length, 1);
      assert.equal((await types(world)).filter((type) => type === 'gridCallStarted').length, 1);
    });

    it('an event that arrives before the call’s ids is linked later; the rest is kept for the audit', async () => {
      const world = await startWorld({ database: await open(), env });
      await subscribe(world, 'EventGrid');
      world.emulator.eventFaults.add({ kind: 'delay', type: 'CallConnected', ms: 6 * second });
      await talking(world);
      const [call] = world.emulator.calls.list();
      assert.ok(call);
      // Only the server call id, which no answer to createCall contains.
      const { eventGrid } = world.emulator;
      eventGrid.publish('RecordingFileStatusUpdated', call);
      eventGrid.publish('RecordingFileStatusUpdated', { ...call, serverCallId: 'another call' });
      await world.settle();
      const known = (await newestCall(world))?.id;
      await world.pass(60 * second);
      assert.deepEqual(new Set((await rows(world)).map((row) => row.call_id)), new Set([known, null]));
      assert.equal((await types(world)).filter((type) => type === 'gridRecordingStored').length, 1);
      await sweep(world.app.database.sql, 91 * 24 * 3600 * second + Date.now(), 90);
      assert.deepEqual((await rows(world)).length, 0, 'the audit is deleted after the retention period');
    });

    it('the service is asked about a call whose end event was lost when Event Grid reports the end', async () => {
      const kiosk = '8:acs:resource_kiosk';
      const people = [...builtInPeople, { id: kiosk, displayName: 'Kiosk' }];
      const world = await startWorld({ database: await open(), env, emulator: { people } });
      await subscribe(world, 'EventGrid');
      await world.api('POST', '/api/v1/calls', {
        target: { communicationUser: kiosk },
        message: 'wait '.repeat(60),
      });
      await world.pass(5 * second);
      const [call] = world.emulator.calls.list();
      assert.ok(call);
      world.emulator.eventFaults.add({ kind: 'drop', type: 'CallDisconnected' });
      world.emulator.phone('Kiosk').hangUp();
      await world.settle();
      assert.equal((await newestCall(world))?.status, 'connected');
      world.emulator.eventGrid.publish('CallEnded', call);
      await world.settle();
      assert.equal((await newestCall(world))?.status, 'ended');
    });

    it('a stored recording proves that there was one, and people are told', async () => {
      const world = await startWorld({ database: await open(), env });
      await subscribe(world, 'CloudEvents');
      await talking(world);
      const [call] = world.emulator.calls.list();
      assert.ok(call);
      world.emulator.eventGrid.publish('RecordingFileStatusUpdated', call);
      await world.settle();
      const lines = await types(world);
      assert.ok(lines.includes('gridRecordingStored') && lines.includes('recordingStarted'), lines.join());
      assert.match(JSON.stringify(world.emulator.channel.messages()), /is being recorded/);
    });
  });
});
