import assert from 'node:assert/strict';
import type { CallRecord } from '../../emulator/callAutomation/call.ts';
import type { Message } from '../../emulator/connector/activity.ts';
import { wordsOf } from '../support/chat/room.ts';
import { forEachDatabaseByTurns, openEmbedded } from '../support/databases.ts';
import { referenceJson } from '../support/reference.ts';
import { startWorld, type World } from '../support/world.ts';
import * as z from 'zod';

const second = 1000;

const yaml = `
policies:
  payments:
    steps:
      - {targets: [{user: debra@contoso.example}], ringTimeoutSeconds: 30}
      - {targets: [{user: nestor@contoso.example}], ringTimeoutSeconds: 20}
      - {targets: [{user: alex@contoso.example}], ringTimeoutSeconds: 60}
  joni:
    steps:
      - {targets: [{user: joni@contoso.example}]}
  both:
    steps:
      - {targets: [{user: alex@contoso.example}, {user: megan@contoso.example}], mode: parallel, ringTimeoutSeconds: 60}
  lynne:
    steps:
      - {targets: [{user: lynne@contoso.example}], ringTimeoutSeconds: 30}
  twice:
    steps:
      - {targets: [{user: diego@contoso.example}], tries: 3}
      - {targets: [{user: megan@contoso.example}]}
  nobody:
    onExhausted: {notify: [megan@contoso.example]}
    steps:
      - {targets: [{user: henrietta@contoso.example}]}
`;

const answer = z.object({
  id: z.string(),
  status: z.string(),
  acknowledgedBy: z.object({ name: z.string(), way: z.string() }).nullable(),
  calls: z.array(
    z.object({ target: z.object({ displayName: z.string() }), disposition: z.string().nullable() }),
  ),
  timeline: z.array(
    z.object({ at: z.string(), type: z.string(), data: z.record(z.string(), z.unknown()).optional() }),
  ),
});
type Answer = z.infer<typeof answer>;

const alert = { summary: 'Checkout errors over 5 %', details: 'Since 02:58', severity: 'critical' };

async function escalate(world: World, policy: string): Promise<Answer> {
  const started = await world.api('POST', '/api/v1/escalations', { policy, ...alert });
  assert.equal(started.status, 202, JSON.stringify(started.body));
  return answer.parse(started.body);
}

async function read(world: World, { id }: { id: string }): Promise<Answer> {
  return answer.parse((await world.api('GET', `/api/v1/escalations/${id}`)).body);
}

/** The bot's messages in a person's chat, in their current version. */
function chatOf(world: World, name: string): Message[] {
  return world.emulator.channel.messages(world.emulator.channel.personal(name).id);
}

function cardOf(world: World, name: string): Message {
  const [card, ...more] = chatOf(world, name);
  assert.ok(card, `${name} has a card`);
  assert.equal(more.length, 0, `${name} has one card`);
  return card;
}

function whole({ activity }: Message): string {
  return JSON.stringify(activity.attachments ?? []);
}

/** The last event of an unanswered call. */
const ownUntold = [
  {
    id: 'without-a-result',
    source: 'calling/callConnections/<callConnectionId>',
    type: 'Microsoft.Communication.CallDisconnected',
    time: '<now>',
    specversion: '1.0',
    data: { callConnectionId: '<callConnectionId>', serverCallId: '<serverCallId>' },
  },
];

/** Posts service events of this call, with its token. @returns the status */
async function tell({ emulator }: World, call: CallRecord, events: unknown): Promise<number> {
  const { issuer, resourceId } = emulator.addresses;
  const token = await emulator.keys.sign({ iss: issuer, aud: resourceId }, 60_000);
  const body = JSON.stringify(events)
    .replaceAll('<callConnectionId>', call.callConnectionId)
    .replaceAll('<serverCallId>', call.serverCallId)
    .replaceAll('<correlationId>', call.correlationId)
    .replaceAll('<now>', new Date().toISOString());
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return (await fetch(call.callbackUri, { method: 'POST', headers, body })).status;
}

/** Who was called and with what result, as the card shows it. */
const inOrder = (text: string, ...parts: string[]): void => {
  let from = 0;
  for (const part of parts) {
    const at = text.indexOf(part, from);
    assert.ok(at >= 0, `"${part}" is missing after ${from} in ${text}`);
    from = at + part.length;
  }
};

describe('an escalation from end to end', function () {
  it('calls the same person again if the service ends a call without a reason', async () => {
    const world = await startWorld({ database: await openEmbedded(), yaml });
    const { emulator } = world;
    emulator.people.script('Diego Siciliani', { byHand: true });
    const started = await escalate(world, 'twice');
    await world.pass(2 * second);
    for (const body of [ownUntold, referenceJson('cases/callback-without-result.json') ?? ownUntold]) {
      const ringing = emulator.calls.list().at(-1);
      assert.ok(ringing && emulator.phone('Diego Siciliani').incoming());
      assert.equal(await tell(world, ringing, body), 200);
      await world.pass(3 * second);
    }
    const { calls, status, timeline } = await read(world, started);
    assert.equal(status, 'open');
    assert.deepEqual(
      calls.map(({ target, disposition }) => [target.displayName, disposition]),
      [
        ['Diego Siciliani', 'failed'],
        ['Diego Siciliani', 'failed'],
        ['Diego Siciliani', null],
      ],
    );
    const end = timeline.find(({ type }) => type === 'callEnded')?.data;
    assert.deepEqual([end?.['cause'], end?.['code'], end?.['subCode']], ['causeNotTold', null, null]);
  });

  forEachDatabaseByTurns((open) => {
    it('goes from a person who declines to one who does not answer, and to one who acknowledges on the card', async () => {
      const world = await startWorld({ database: await open(), yaml });
      const { emulator } = world;
      emulator.people.script('Alex Wilber', { byHand: true });
      const started = await escalate(world, 'payments');
      await world.pass(2 * second);
      assert.match(wordsOf(cardOf(world, 'Debra Berger')), /You are being called: Checkout errors/);
      await world.pass(10 * second);
      assert.equal(emulator.phone('Nestor Wilke').rings().length, 1);
      await world.pass(25 * second);

      const card = cardOf(world, 'Alex Wilber');
      assert.equal(wordsOf(card), 'You are being called: Checkout errors over 5 %');
      const pressed = await emulator.channel.press('Alex Wilber', card, 'Acknowledge');
      await world.settle();
      assert.equal(pressed.status, 200);
      assert.match(JSON.stringify(pressed.body), /You have acknowledged/);
      // The unanswered phone stops ringing within two seconds.
      await world.pass(2 * second);
      assert.equal(emulator.phone('Alex Wilber').incoming(), null);
      await world.pass(10 * second);

      const now = await read(world, started);
      assert.equal(now.status, 'acknowledged');
      assert.deepEqual(now.acknowledgedBy && [now.acknowledgedBy.name, now.acknowledgedBy.way], [
        'Alex Wilber',
        'card',
      ]);
      assert.deepEqual(
        now.calls.map(({ target, disposition }) => [target.displayName, disposition]),
        [
          ['Debra Berger', 'declined'],
          ['Nestor Wilke', 'no_answer'],
          ['Alex Wilber', 'cancelled'],
        ],
      );
      // Every card tells the same story as the API.
      for (const name of ['Debra Berger', 'Nestor Wilke', 'Alex Wilber']) {
        const text = whole(cardOf(world, name));
        inOrder(
          text,
          'Acknowledged by Alex Wilber, on the card.',
          'Debra Berger',
          'Declined',
          'Nestor Wilke',
          'No answer',
          'Alex Wilber',
          'No longer needed',
        );
        assert.doesNotMatch(text, /"verb":"acknowledge"/);
      }
      const types = now.timeline.map(({ type }) => type);
      assert.ok(!types.includes('cardNotDelivered'), types.join());
    });

    it('is acknowledged by a key press, confirmed on the phone, and keys are offered from then on', async () => {
      const world = await startWorld({ database: await open(), yaml });
      const first = await escalate(world, 'joni');
      await world.pass(60 * second);
      const now = await read(world, first);
      assert.deepEqual(now.acknowledgedBy && [now.acknowledgedBy.name, now.acknowledgedBy.way], [
        'Joni Sherman',
        'keys',
      ]);
      const [asked = '', ...then] = world.emulator.phone('Joni Sherman').spoken();
      assert.match(asked, /Hello Joni.*Checkout errors.*Please acknowledge it on the card/);
      assert.match(then.at(-1) ?? '', /You have acknowledged the alert/);
      inOrder(whole(cardOf(world, 'Joni Sherman')), 'Acknowledged by Joni Sherman, on the phone.');

      await escalate(world, 'joni');
      await world.pass(30 * second);
      const again = world.emulator.phone('Joni Sherman').rings()[1]?.spoken[0] ?? '';
      assert.match(again, /Press 1 to acknowledge/);
    });

    it('is acknowledged by "ack" in chat; the person on the phone hears one sentence, and the call ends', async () => {
      const world = await startWorld({ database: await open(), yaml });
      const { emulator } = world;
      emulator.people.script('Alex Wilber', { answers: { afterMs: 1000 } });
      emulator.people.script('Megan Bowen', { byHand: true });
      const started = await escalate(world, 'both');
      await world.pass(5 * second);
      assert.ok(emulator.phone('Alex Wilber').current(), 'Alex is on the phone');
      assert.ok(emulator.phone('Megan Bowen').incoming(), 'Megan is being called');

      await emulator.channel.send({ from: 'Megan Bowen', text: 'ack' });
      await world.settle();
      const said = chatOf(world, 'Megan Bowen').map(wordsOf);
      assert.ok(
        said.some((text) => /You have acknowledged "Checkout errors over 5 %"/.test(text)),
        said.join(),
      );
      await world.pass(2 * second);
      assert.equal(emulator.phone('Megan Bowen').incoming(), null);
      await world.pass(8 * second);
      assert.equal(emulator.phone('Alex Wilber').current(), null, 'Alex was hung up within ten seconds');
      assert.match(
        emulator.phone('Alex Wilber').spoken().at(-1) ?? '',
        /Megan Bowen has acknowledged the alert/,
      );
      const now = await read(world, started);
      assert.deepEqual(now.acknowledgedBy && [now.acknowledgedBy.name, now.acknowledgedBy.way], [
        'Megan Bowen',
        'chat',
      ]);
      inOrder(whole(cardOf(world, 'Alex Wilber')), 'Acknowledged by Megan Bowen, in chat.');

      // The second person is told who was first.
      await emulator.channel.send({ from: 'Alex Wilber', text: 'ack' });
      await world.settle();
      assert.match(
        chatOf(world, 'Alex Wilber').map(wordsOf).at(-1) ?? '',
        /Megan Bowen has already acknowledged/,
      );
    });

    it('installs the app for a callee who does not have it', async () => {
      const world = await startWorld({
        database: await open(),
        yaml,
        env: { TEAMS_APP_ID: '2c7a1b3e-4d5f-4a6b-8c9d-0e1f2a3b4c5d' },
      });
      const started = await escalate(world, 'lynne');
      await world.pass(5 * second);
      // People who get the app are greeted too.
      const [greeting = '', card = '', ...more] = chatOf(world, 'Lynne Robbins').map(wordsOf).toSorted();
      assert.match(greeting, /^Hello/);
      assert.match(card, /You are being called/);
      assert.deepEqual(more, []);
      const types = (await read(world, started)).timeline.map(({ type }) => type);
      assert.ok(types.includes('appInstalled'), types.join());
      assert.ok(!types.includes('cardNotDelivered'), types.join());
    });

    it('says why a callee has no card, and calls them anyway', async () => {
      const world = await startWorld({ database: await open(), yaml });
      const started = await escalate(world, 'lynne');
      await world.pass(5 * second);
      assert.equal(chatOf(world, 'Lynne Robbins').length, 0);
      assert.equal(world.emulator.phone('Lynne Robbins').rings().length, 1);
      const entry = (await read(world, started)).timeline.find(({ type }) => type === 'cardNotDelivered');
      assert.deepEqual(entry?.data, { name: 'Lynne Robbins', reason: 'appNotInstalled' });
    });

    it('says that installing is not permitted', async () => {
      const world = await startWorld({
        database: await open(),
        yaml,
        env: { TEAMS_APP_ID: '2c7a1b3e-4d5f-4a6b-8c9d-0e1f2a3b4c5d' },
      });
      world.emulator.graph.permissions.delete('TeamsAppInstallation.ReadWriteSelfForUser.All');
      const started = await escalate(world, 'lynne');
      await world.pass(5 * second);
      const entry = (await read(world, started)).timeline.find(({ type }) => type === 'cardNotDelivered');
      assert.deepEqual(entry?.data, { name: 'Lynne Robbins', reason: 'installNotPermitted' });
    });

    it('notifies the people whom the policy names if nobody acknowledged; they still can', async () => {
      const world = await startWorld({ database: await open(), yaml });
      const started = await escalate(world, 'nobody');
      await world.pass(5 * second);
      const card = cardOf(world, 'Megan Bowen');
      assert.match(whole(card), /You get this because nobody in the policy nobody acknowledged/);
      await world.emulator.channel.send({ from: 'Megan Bowen', text: 'ack' });
      await world.settle();
      assert.match(chatOf(world, 'Megan Bowen').map(wordsOf).at(-1) ?? '', /You have acknowledged/);
      const now = await read(world, started);
      assert.equal(now.status, 'acknowledged');
      const types = now.timeline.map(({ type }) => type);
      assert.deepEqual(types, ['opened', 'skipped', 'nobodyInStep', 'exhausted', 'told', 'acknowledged']);
    });
  });
});
