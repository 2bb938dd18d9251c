import assert from 'node:assert/strict';
import type { Message } from '../../../emulator/connector/activity.ts';
import type { Conversation } from '../../../emulator/connector/conversations.ts';
import { view } from '../../../src/calls/lifecycle/lifecycle.ts';
import type { Escalation } from '../../../src/escalations/escalation.ts';
import { openEmbedded } from '../../support/databases.ts';
import { referenceJson } from '../../support/reference.ts';
import { startWorld, type World, type WorldOptions } from '../../support/world.ts';
import { wordsOf } from '../../support/chat/room.ts';

const second = 1000;
const adele = 'Adele Vance';
const alex = 'Alex Wilber';
const megan = 'Megan Bowen';
const diego = 'Diego Siciliani';
const channelId = '19:ops@thread.tacv2';

const yaml = `
timeZone: Europe/Berlin
permissions:
  acknowledge: [{user: sian@contoso.example}]
  callees: {deny: [{user: diego@contoso.example}]}
rotations:
  web: {members: [adele@contoso.example, alex@contoso.example], every: 1w, handover: "Mon 09:00"}
policies:
  payments:
    steps:
      - {targets: [{user: adele@contoso.example}, {user: alex@contoso.example}], ringTimeoutSeconds: 60}
      - {targets: [{user: megan@contoso.example}]}
  out of hours:
    steps:
      - {targets: [{rotation: web}], ringTimeoutSeconds: 60}
  empty:
    steps:
      - {targets: [{user: henrietta@contoso.example}]}
  shown:
    channel: "${channelId}"
    steps:
      - {targets: [{user: adele@contoso.example}], ringTimeoutSeconds: 60}
`;

/** A world in which nobody answers unless a test says so. */
async function open(more: Partial<WorldOptions> = {}): Promise<Story> {
  const database = await openEmbedded();
  const world = await startWorld({ database, yaml, ...more });
  for (const name of [adele, alex, megan, diego]) world.emulator.people.script(name, { byHand: true });
  return new Story(world);
}

class Story {
  readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  /** @returns what the bot has said there since */
  async say(from: string, text: string, conversation?: Conversation): Promise<string[]> {
    const { channel } = this.world.emulator;
    const where = conversation ?? channel.personal(from);
    const before = new Set(channel.messages(where.id).map(({ id }) => id));
    const said = conversation ? { conversation, mentions: ['bot'] } : {};
    const heard = await channel.send({ from, text, ...said });
    assert.equal(heard.status, 200, JSON.stringify(heard.body));
    // Some time must pass, because calls are rate limited.
    await this.world.pass(500);
    const saidSince = (): Message[] => channel.messages(where.id).filter(({ id }) => !before.has(id));
    // Messages and card updates in a chat are rate limited, so the answer may come a little later.
    if (saidSince().length === 0) await this.world.pass(3 * second);
    return saidSince().map(wordsOf);
  }

  /** @returns the words of the card that the person sees after the press */
  async press(from: string, message: Message, button: string): Promise<string> {
    const heard = await this.world.emulator.channel.press(from, message, button);
    await this.world.settle();
    assert.equal(heard.status, 200, JSON.stringify(heard.body));
    const answer = JSON.stringify(heard.body);
    return /"fallbackText":"((?:[^"\\]|\\.)*)"/.exec(answer)?.[1]?.replaceAll('\\"', '"') ?? answer;
  }

  cards(name: string): Message[] {
    const { channel } = this.world.emulator;
    const messages = channel.messages(channel.personal(name).id);
    return messages.filter(({ activity }) => JSON.stringify(activity).includes('"id":"details"'));
  }

  card(name: string): Message {
    const card = this.cards(name).at(-1);
    assert.ok(card, `${name} has a card`);
    return card;
  }

  async newest(): Promise<Escalation> {
    const [newest] = await this.world.app.escalations.list({ limit: 1 });
    assert.ok(newest);
    return newest;
  }

  /** The people who are being called now. */
  async called(): Promise<string[]> {
    const calls = await this.world.app.calls.list({ limit: 50, open: true });
    return calls
      .filter((call) => view(call).status !== 'ended' && !call.facts.hangUp)
      .map(({ target }) => target.displayName)
      .toSorted();
  }
}

/** The people who got no card of the newest escalation, and why. */
async function undelivered(story: Story): Promise<unknown[]> {
  const timeline = await story.world.app.escalations.timeline((await story.newest()).id);
  return timeline.flatMap((entry) => (entry.type === 'cardNotDelivered' ? [entry.data] : []));
}

describe('Escalations in chat', function () {
  describe('escalate', () => {
    it('calls the people in a policy, and shows the ladder on one card', async () => {
      const story = await open();
      const [card, ...more] = await story.say(megan, 'Escalate Payments: checkout *errors*');
      assert.match(card ?? '', /^checkout \*errors\* – /);
      assert.deepEqual(more, []);
      await story.world.pass(2 * second);
      assert.deepEqual(await story.called(), [adele]);
      const { policy, summary, startedBy, test } = await story.newest();
      assert.deepEqual(
        [policy, summary, startedBy.name, test],
        ['payments', 'checkout *errors*', megan, false],
      );
      assert.match(wordsOf(story.card(adele)), /^You are being called: checkout \*errors\*$/);
      assert.match(wordsOf(story.card(megan)), /Adele Vance: Calling …$/);
      assert.equal(story.cards(megan).length, 1);
    });

    it('calls named people one after another', async () => {
      const story = await open();
      await story.say(megan, 'escalate Adele Vance, alex@contoso.example: the build is red');
      await story.world.pass(2 * second);
      assert.deepEqual(await story.called(), [adele]);
      story.world.emulator.phone(adele).decline();
      await story.world.pass(2 * second);
      assert.deepEqual(await story.called(), [alex]);
      assert.match(JSON.stringify(story.card(alex)), /because Megan Bowen named you/);
    });

    const refused: readonly [text: string, answer: RegExp][] = [
      [
        'escalate nonsense of all kinds: red',
        /I found nobody called "nonsense of all kinds".*There is no policy.*payments/,
      ],
      ['escalate Chris Green: red', /Several people match "Chris Green": .*chris.green2@contoso.example/],
      ['escalate payments, Adele Vance: red', /"payments" is a policy. Please name either/],
      ['escalate Diego Siciliani: red', /Diego Siciliani/],
      ['escalate', /Who should I call\?/],
      ['escalate payments', /What is it about\?/],
      ['test nonsense', /There is no policy "nonsense". The policies are: payments/],
      ['test', /Which policy\? The policies are: payments/],
      ['on call nonsense', /There is no policy "nonsense"/],
      ['ack', /You have no (?:open )?alerts/],
      ['resolve', /You have no (?:open )?alerts/],
    ];
    it('says what is wrong, and calls nobody', async () => {
      const story = await open();
      for (const [text, answer] of refused) {
        assert.match((await story.say(megan, text)).join(' '), answer, text);
        await story.world.pass(2 * second);
      }
      assert.deepEqual(await story.world.app.escalations.list({ limit: 10 }), []);
    });

    it('says at once that nobody in a policy can be called', async () => {
      const story = await open();
      const said = await story.say(megan, 'escalate empty: red');
      assert.match(said.at(-1) ?? '', /^Nobody in this policy can be called\. .*account is disabled/);
      await story.world.pass(3 * second);
      assert.equal((await story.newest()).ladder.status, 'exhausted');
    });

    it('is refused to people without an identity', async () => {
      const story = await open();
      const { channel } = story.world.emulator;
      const mallory = { id: 'mallory', name: 'Mallory' };
      for (const text of ['escalate payments: red', 'test payments', 'ack', 'cover payments until 18:00']) {
        const heard = await channel.send({ from: mallory, channelId: 'webchat', text });
        await story.world.settle();
        const said = channel.messages(heard.conversationId).map(wordsOf).at(-1) ?? '';
        assert.match(said, /not allowed|cannot verify who you are|only in Teams|who may/i, text);
      }
      assert.deepEqual(await story.world.app.escalations.list({ limit: 10 }), []);
    });

    it('starts one escalation if the message is delivered twice', async () => {
      const story = await open();
      const message = { from: megan, text: 'escalate payments: red', fields: { id: 'the-same' } };
      const { channel } = story.world.emulator;
      await Promise.all([channel.send(message), channel.send(message)]);
      await story.world.pass(2 * second);
      assert.equal((await story.world.app.escalations.list({ limit: 10 })).length, 1);
    });

    it('marks a test for everybody, and never joins it with a real alert', async () => {
      const story = await open();
      await story.say(megan, 'test payments');
      await story.world.pass(2 * second);
      const { test, dedupKey } = await story.newest();
      assert.deepEqual([test, dedupKey], [true, null]);
      assert.match(wordsOf(story.card(adele)), /^Test: You are being called: Test of the policy payments/);
      story.world.emulator.phone(adele).answer();
      await story.world.pass(5 * second);
      assert.match(
        story.world.emulator.phone(adele).spoken()[0] ?? '',
        /This is a test of Ringdown\. Nothing is wrong/,
      );
    });
  });

  describe('the buttons', () => {
    it('call the next person within two seconds of "Can\'t take it"', async () => {
      const story = await open();
      await story.say(megan, 'escalate payments: red');
      await story.world.pass(2 * second);
      const answer = await story.press(adele, story.card(adele), "Can't take it");
      assert.match(answer, /"red" has been passed on/);
      await story.world.pass(2 * second);
      assert.deepEqual(await story.called(), [alex]);
      assert.doesNotMatch(JSON.stringify(story.card(adele).activity), /Can't take it/);
      assert.match(JSON.stringify(story.card(megan).activity), /Passed on by Adele Vance, on the card/);
    });

    it('pass on once, however often "Call the next person" is pressed', async () => {
      const story = await open();
      await story.say(megan, 'escalate payments: red');
      await story.world.pass(2 * second);
      const card = story.card(megan);
      await story.press(megan, card, 'Call the next person');
      await story.press(megan, card, 'Call the next person');
      await story.world.pass(3 * second);
      assert.deepEqual(await story.called(), [alex]);
    });

    it('let exactly one acknowledgement win, and tell the other person who was first', async () => {
      const story = await open();
      await story.say(megan, 'escalate payments: red');
      await story.world.pass(2 * second);
      const [hers, his] = [story.card(adele), story.card(megan)];
      const answers = await Promise.all([
        story.press(adele, hers, 'Acknowledge'),
        story.press(megan, his, 'Acknowledge'),
      ]);
      const { ladder } = await story.newest();
      const winner = ladder.acknowledgedBy?.name ?? '';
      const [won, lost] = winner === adele ? answers : answers.toReversed();
      assert.match(won ?? '', /^You have acknowledged "red"\. Nobody else will be called\./);
      assert.match(lost ?? '', new RegExp(`^${winner} has already acknowledged it`));
      assert.equal(ladder.acknowledgedBy?.way, 'card');
      assert.ok((ladder.acknowledgedBy?.seenRevision ?? 0) > 0, 'it covers what was on the card');
    });

    it('may be pressed by people in the policy, the person who started it, and people named in the file', async () => {
      const story = await open();
      for (const [who, may] of [
        [diego, false],
        ['Chris Green', false],
        [megan, true],
        [alex, true],
        ["Siân O'Connor-Łukasz", true],
      ] as const) {
        await story.say('Irvin Sayers', 'escalate payments: red');
        await story.world.pass(2 * second);
        const answer = await story.press(who, story.card('Irvin Sayers'), 'Acknowledge');
        assert.match(answer, may ? /^You have acknowledged/ : /^Only people in the policy/, who);
        assert.equal((await story.newest()).ladder.status, may ? 'acknowledged' : 'open', who);
        await story.say('Irvin Sayers', 'resolve');
        await story.world.pass(31 * second);
      }
    });

    it('may be pressed by guests only if the policy names them; guests start no escalation', async () => {
      const guest = 'Patti Fernandez';
      const target = '{user: adele@contoso.example}';
      const story = await open({
        yaml: `policies:
  ours: {steps: [{targets: [${target}]}]}
  shared: {steps: [{targets: [${target}, {user: patti@fabrikam.example}]}]}`,
      });
      assert.match((await story.say(guest, 'escalate shared: red')).join(), /^You are a guest/);
      assert.match((await story.say(guest, 'test shared')).join(), /^You are a guest/);
      for (const [policy, may] of [
        ['ours', false],
        ['shared', true],
      ] as const) {
        await story.say(megan, `escalate ${policy}: red`);
        await story.world.pass(2 * second);
        const answer = await story.press(guest, story.card(megan), 'Acknowledge');
        assert.match(answer, may ? /^You have acknowledged/ : /^Only people in the policy/, policy);
        await story.say(megan, 'resolve');
        await story.world.pass(2 * second);
      }
    });

    it('get a friendly answer and the current card if they are stale', async () => {
      const story = await open();
      await story.say(megan, 'escalate payments: red');
      await story.world.pass(2 * second);
      const stale = structuredClone(story.card(adele));
      await story.press(megan, story.card(megan), 'Stop');
      assert.match(
        await story.press(adele, stale, 'Acknowledge'),
        /^Megan Bowen has already stopped it.* – Stopped/,
      );
      assert.match(await story.press(adele, stale, "Can't take it"), /^Megan Bowen has already stopped it/);
      await story.world.pass(3 * second);
      assert.deepEqual(await story.called(), []);
    });

    it('resolve what was acknowledged', async () => {
      const story = await open();
      await story.say(megan, 'escalate payments: red');
      await story.world.pass(2 * second);
      await story.press(adele, story.card(adele), 'Acknowledge');
      await story.world.pass(1 * second);
      assert.match(await story.press(adele, story.card(adele), 'Resolve'), /^"red" is resolved\./);
      assert.match(wordsOf(story.card(megan)), /Resolved: Adele Vance$/);
    });
  });

  describe('ack, resolve and cancel', () => {
    it('ask which one, if there are several', async () => {
      const story = await open();
      await story.say(megan, 'escalate payments: first');
      await story.say(megan, 'escalate payments: second');
      await story.world.pass(2 * second);
      const [question] = await story.say(megan, 'ack');
      assert.match(
        question ?? '',
        /Several alerts are open\. Which one do you want to acknowledge\?\s+1\. second.*\s+2\. first/,
      );
      assert.deepEqual(await story.say(megan, '2'), [
        'You have acknowledged "first". Nobody else will be called.',
      ]);
      assert.deepEqual(await story.say(megan, '2'), ['You have already chosen first.']);
      assert.deepEqual(await story.say(megan, 'ack'), [
        'You have acknowledged "second". Nobody else will be called.',
      ]);
      const states = (await story.world.app.escalations.list({ limit: 5 })).map(
        ({ ladder }) => ladder.status,
      );
      assert.deepEqual(states, ['acknowledged', 'acknowledged']);
    });

    it('take the one that is calling the asker right now', async () => {
      const story = await open();
      await story.say(megan, 'escalate Megan Bowen: other');
      await story.say(megan, 'escalate payments: mine');
      await story.world.pass(2 * second);
      assert.deepEqual(await story.say(adele, 'ack'), [
        'You have acknowledged "mine". Nobody else will be called.',
      ]);
    });

    it('stop what the asker started', async () => {
      const story = await open();
      await story.say(megan, 'escalate payments: red');
      await story.world.pass(2 * second);
      assert.deepEqual(await story.say(adele, 'cancel'), ['You have no running call or alert here.']);
      assert.deepEqual(await story.say(megan, 'cancel'), ['"red" is stopped. Nobody else will be called.']);
      await story.world.pass(3 * second);
      assert.deepEqual(await story.called(), []);
    });
  });

  describe('on call and cover', () => {
    it('say who would be called, and let somebody cover', async () => {
      const story = await open();
      const [before = ''] = await story.say(megan, 'who is on call for Out of Hours?');
      assert.match(
        before,
        /^out of hours calls these people, in this order:\sStep 1: (Adele Vance|Alex Wilber) \(until Mon, .*9:00 AM \(Europe\/Berlin\)\)$/,
      );
      const [covered = ''] = await story.say(megan, 'cover out of hours until 2h');
      assert.match(
        covered,
        /^You are on call for out of hours until .*\(Europe\/Berlin\)\. After that, the rotation/,
      );
      const [after = ''] = await story.say(adele, 'on call out of hours');
      assert.match(after, /Step 1: Megan Bowen\s+Megan Bowen is covering until /);
      assert.match((await story.say(alex, 'cover out of hours until 3h')).join(), /in place of Megan Bowen/);
      await story.say(megan, 'escalate out of hours: red');
      await story.world.pass(2 * second);
      assert.deepEqual(await story.called(), [alex]);
    });

    const refused: readonly [text: string, answer: RegExp][] = [
      ['cover payments until 18:00', /payments has no rotation/],
      ['cover nonsense until 18:00', /There is no policy "nonsense"/],
      ['cover out of hours until whenever', /I do not understand the time "whenever"/],
      ['cover out of hours until 2020-01-01', /has already passed/],
      ['cover out of hours until 200 days', /at most 90 days/],
      ['cover out of hours', /Until when\?/],
    ];
    it('say why a duty cannot be covered', async () => {
      const story = await open();
      for (const [text, answer] of refused) {
        assert.match((await story.say(megan, text)).join(), answer, text);
        await story.world.pass(second);
      }
      assert.match((await story.say('Irvin Sayers', 'cover out of hours until 2h')).join(), /only in Teams/);
    });
  });

  describe('status and history', () => {
    it('list calls and alerts; in a channel only its own', async () => {
      const story = await open();
      const channel = story.world.emulator.channel.teamChannel([megan, alex], 'Ops');
      await story.say(megan, 'escalate payments: from the channel', channel);
      await story.say(megan, 'escalate Megan Bowen: for myself');
      await story.world.pass(3 * second);
      const [there = ''] = await story.say(alex, 'status', channel);
      assert.match(there, /^One call or alert is running:\sAlert "from the channel": Adele Vance: Calling …/);
      const [mine = ''] = await story.say(megan, 'status');
      assert.match(mine, /^2 calls and alerts are running:\sAlert "for myself".*\sAlert "from the channel"/);
      await story.say(megan, 'call Alex Wilber: hello');
      await story.world.pass(3 * second);
      const [history = ''] = await story.say(megan, 'history');
      assert.match(
        history,
        /^Last calls and alerts\n.*: Alex Wilber · Calling ….*\n.*: Alert for myself · .*\n.*: Alert from the channel/,
      );
      const [channels = ''] = await story.say(megan, 'history', channel);
      assert.match(channels, /^Last calls and alerts\n.*: Alert from the channel · Adele Vance: Calling …$/);
      assert.deepEqual(await story.say(diego, 'history'), ['No calls or alerts yet.']);
    });
  });

  describe('unasked cards', () => {
    it('are posted to the policy’s channel and kept up to date', async () => {
      const story = await open();
      const { channel } = story.world.emulator;
      channel.teamChannel([megan], 'Ops', channelId);
      await story.say(megan, 'escalate shown: red');
      await story.world.pass(2 * second);
      const [card, ...more] = channel.messages(channelId);
      assert.ok(card);
      assert.equal(more.length, 0);
      await story.press(megan, card, 'Acknowledge');
      await story.world.pass(2 * second);
      const [now] = channel.messages(channelId);
      assert.ok(now);
      assert.match(wordsOf(now), /Acknowledged: Megan Bowen$/);
    });

    it('leave a timeline entry if the channel could not be reached', async () => {
      const story = await open();
      await story.say(megan, 'escalate shown: red');
      await story.world.pass(3 * second);
      const timeline = await story.world.app.escalations.timeline((await story.newest()).id);
      const [data] = timeline.flatMap((entry) => (entry.type === 'cardNotDelivered' ? [entry.data] : []));
      assert.deepEqual(data, { reason: 'notFound' });
    });

    it('leave a timeline entry if the bot is not in the channel', async () => {
      const story = await open();
      const { faults } = story.world.emulator;
      const body = { error: { code: 'BotNotInConversationRoster', message: 'x' } };
      faults.add({ operation: 'connector.createConversation', kind: 'status', status: 403, body });
      await story.say(megan, 'escalate shown: red');
      await story.world.pass(3 * second);
      assert.deepEqual(await undelivered(story), [{ reason: 'notInConversation' }]);
    });

    it('go to the chat in which the person has written', async () => {
      const story = await open({ env: { TEAMS_SERVICE_URL: 'http://127.0.0.1:9/connector' } });
      await story.say(adele, 'hello');
      await story.say(megan, 'escalate payments: red');
      await story.world.pass(2 * second);
      assert.match(wordsOf(story.card(adele)), /You are being called/);
      const created = story.world.emulator.requests
        .list()
        .filter(({ operation }) => operation === 'connector.createConversation');
      assert.equal(created.length, 0);
      // Nobody else has written, but the tenant's service URL is known by now.
      story.world.emulator.phone(adele).decline();
      await story.world.pass(2 * second);
      assert.match(wordsOf(story.card(alex)), /You are being called/);
    });

    it('are retried if the chat service is down for a moment', async () => {
      const story = await open();
      story.world.emulator.faults.add({
        operation: 'connector.createConversation',
        kind: 'status',
        status: 503,
        times: 2,
      });
      await story.world.api('POST', '/api/v1/escalations', { policy: 'payments', summary: 'red' });
      await story.world.pass(10 * second);
      assert.match(wordsOf(story.card(adele)), /You are being called/);
      assert.equal(story.cards(adele).length, 1);
    });

    // connectorAnswers.test.ts tests every other answer.
    for (const status of [412, 502]) {
      it(`reach a callee some seconds later, in a known or new chat: ${status}`, async () => {
        const story = await open();
        await story.say(adele, 'hello');
        const fault = { operation: 'connector.*', kind: 'status', status, times: 2 } as const;
        story.world.emulator.faults.add(fault);
        await story.world.api('POST', '/api/v1/escalations', {
          steps: [{ targets: [{ user: adele }, { user: alex }], mode: 'parallel', ringTimeoutSeconds: 60 }],
          summary: 'red',
        });
        await story.world.pass(10 * second);
        for (const name of [adele, alex]) assert.match(wordsOf(story.card(name)), /You are being called/);
        assert.deepEqual(await undelivered(story), []);
      });
    }

    it('leave a timeline entry that says exactly why somebody got none', async () => {
      const story = await open();
      const { faults } = story.world.emulator;
      for (const [name, code, reason] of [
        [adele, 'ConversationBlockedByUser', 'blocked'],
        [alex, 'BotDisabledByAdmin', 'disabledByAdmin'],
        [megan, 'BotNotInConversationRoster', 'appNotInstalled'],
      ] as const) {
        await story.say(name, 'hello');
        const body = { error: { code, message: 'x' } };
        faults.add({ operation: 'connector.*', kind: 'status', status: 403, times: 6, body });
        await story.world.api('POST', '/api/v1/escalations', {
          steps: [{ targets: [{ user: name }], ringTimeoutSeconds: 60 }],
          summary: 'red',
        });
        await story.world.pass(3 * second);
        assert.deepEqual(await undelivered(story), [{ name, reason }]);
        faults.clear();
      }
    });

    it('behave right with answers recorded in the field', async function () {
      const [again, last, blocked] = [
        'connector-412.json',
        'connector-412-last-update.json',
        'connector-403-blocked.json',
      ].map((name) => referenceJson(`cases/${name}`));
      if (!again || !last || !blocked) return this.skip();
      const story = await open();
      const { emulator } = story.world;
      const post = async (fault: unknown): Promise<void> => {
        const url = `${emulator.addresses.controlUrl}/faults`;
        const headers = { 'content-type': 'application/json', 'x-emulator-control': '1' };
        const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(fault) });
        assert.ok(answer.ok, await answer.text());
      };
      await post(again);
      await story.world.api('POST', '/api/v1/escalations', { policy: 'payments', summary: 'red' });
      await story.world.pass(10 * second);
      assert.match(wordsOf(story.card(adele)), /You are being called/);

      emulator.people.script('Nestor Wilke', { answers: { afterMs: 1_000 } });
      await story.say(megan, 'call Nestor Wilke: hi');
      await story.world.pass(3 * second);
      await post(last);
      await story.world.pass(60 * second);
      assert.match(
        emulator.channel.messages(emulator.channel.personal(megan).id).map(wordsOf).join(),
        /heard|finished/,
      );

      await post(blocked);
      await story.world.api('POST', '/api/v1/escalations', {
        steps: [{ targets: [{ user: 'Lee Gu' }], ringTimeoutSeconds: 60 }],
        summary: 'green',
      });
      await story.world.pass(5 * second);
      assert.deepEqual(await undelivered(story), [{ name: 'Lee Gu', reason: 'blocked' }]);
    });

    it('leave one timeline entry if the bot is blocked', async () => {
      const story = await open();
      await story.say(adele, 'hello');
      story.world.emulator.channel.personal(adele).writesBlocked = true;
      await story.world.api('POST', '/api/v1/escalations', {
        steps: [{ targets: [{ user: 'adele@contoso.example' }], tries: 3, ringTimeoutSeconds: 5 }],
        summary: 'red',
      });
      await story.world.pass(40 * second);
      const timeline = await story.world.app.escalations.timeline((await story.newest()).id);
      assert.deepEqual(
        timeline.flatMap((entry) => (entry.type === 'cardNotDelivered' ? [entry.data] : [])),
        [{ name: adele, reason: 'blocked' }],
      );
      assert.ok(timeline.filter(({ type }) => type === 'calling').length >= 3);
    });
  });
});
