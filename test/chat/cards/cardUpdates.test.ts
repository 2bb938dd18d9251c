import assert from 'node:assert/strict';
import { ended, happen } from '../../support/chat/calls.ts';
import { openRoom, wordsOf } from '../../support/chat/room.ts';
import { inRoom, storyOf } from '../../support/chat/story.ts';

const alex = 'Alex Wilber';
const megan = 'Megan Bowen';
const { sent, accepted, answered } = happen;

describe('A card in its conversation', function () {
  const room = inRoom();
  const { say, onlyCall, happens, nowOf } = storyOf(room);
  const declined = ended(603, 0);
  const updates = (): number => room().emulator.requests.count('connector.updateActivity');
  const creations = (): number => room().emulator.requests.count('connector.replyToActivity');

  it('shows the last state even if changes come faster than they can be shown', async () => {
    const [card] = await say('call Adele Vance: red');
    const call = await onlyCall();
    const before = updates();
    const events = [sent, accepted, answered, happen.hangUp, ended(200, 7000)];
    await Promise.all(events.map(async (event) => await room().calls.apply(call.id, event)));
    await room().pass(15_000);
    assert.match(wordsOf(nowOf(card)), /ended before the message was finished/);
    assert.ok(updates() - before <= events.length);
  });

  it('keeps to Teams’ limits for one conversation', async () => {
    const conversation = room().emulator.channel.groupChat([alex, megan]);
    const people = ['Adele Vance', 'Diego Siciliani', 'Debra Berger', 'Nestor Wilke', 'Lee Gu'];
    for (const [index, person] of people.entries()) {
      if (index % 2 === 0) await room().pass(1_500);
      await say(`call ${person}: red`, { conversation, mentions: ['bot'] });
    }
    const calls = await room().placed();
    for (const event of [sent, accepted, answered, ended(200, 5010)]) {
      await Promise.all(calls.map(async ({ id }) => await room().calls.apply(id, event)));
    }
    await room().pass(40_000);
    const refused = room()
      .emulator.requests.list()
      .filter(({ status }) => status === 429);
    assert.deepEqual(refused, []);
    for (const said of room().said(conversation.id)) assert.match(said, /answered and hung up/);
  });

  const passing: readonly [
    what: string,
    fault: Parameters<ReturnType<typeof room>['emulator']['faults']['add']>[0],
  ][] = [
    [
      '429 with Retry-After',
      { operation: 'connector.updateActivity', kind: 'status', status: 429, retryAfter: 3 },
    ],
    ['429 without', { operation: 'connector.updateActivity', kind: 'status', status: 429, times: 2 }],
    ['401', { operation: 'connector.updateActivity', kind: 'status', status: 401, times: 2 }],
    ['412', { operation: 'connector.updateActivity', kind: 'status', status: 412, times: 1 }],
    [
      '412, again and again',
      { operation: 'connector.updateActivity', kind: 'status', status: 412, times: 9 },
    ],
    ['500', { operation: 'connector.updateActivity', kind: 'status', status: 500, times: 2 }],
    ['502', { operation: 'connector.updateActivity', kind: 'status', status: 502, times: 2 }],
    ['503', { operation: 'connector.updateActivity', kind: 'status', status: 503, times: 2 }],
    ['a reset', { operation: 'connector.updateActivity', kind: 'reset', times: 2 }],
    [
      'an answer that is lost',
      { operation: 'connector.updateActivity', kind: 'reset', when: 'after', times: 2 },
    ],
  ];
  for (const [what, fault] of passing) {
    it(`is updated eventually: ${what}`, async () => {
      const [card] = await say('call Adele Vance: red');
      room().emulator.faults.add(fault);
      await happens(await onlyCall(), sent, accepted, declined);
      await room().pass(60_000);
      assert.deepEqual(room().emulator.faults.pending, []);
      assert.match(wordsOf(nowOf(card)), /declined/);
    });
  }

  it('shows its end however long the chat service is down, without constant retries', async () => {
    const [card] = await say('call Adele Vance: red');
    const away = room().emulator.faults.add({
      operation: 'connector.updateActivity',
      kind: 'status',
      status: 503,
      times: 100_000,
    });
    const before = updates();
    await happens(await onlyCall(), sent, accepted, declined);
    for (let hour = 0; hour < 12; hour++) {
      room().clock.setTime(room().clock.now() + 3_600_000);
      await room().pass(500);
    }
    const asked = updates() - before;
    assert.ok(asked > 5 && asked < 60, `${asked} times in 12 hours`);
    away.remove();
    await room().pass(61_000);
    assert.match(wordsOf(nowOf(card)), /declined/);
  });

  it('does not retry sooner than the service asks', async () => {
    await say('call Adele Vance: red');
    const call = await onlyCall();
    room().emulator.faults.add({
      operation: 'connector.updateActivity',
      kind: 'status',
      status: 429,
      retryAfter: 20,
    });
    const before = updates();
    await happens(call, answered);
    await room().pass(15_000);
    assert.equal(updates() - before, 1);
    await room().pass(15_000);
    assert.equal(updates() - before, 2);
  });

  it('is sent as a new message if the old one is gone', async () => {
    const [card] = await say('call Adele Vance: red');
    assert.ok(card);
    card.deleted = true;
    await happens(await onlyCall(), sent, accepted, answered);
    const fresh = room().messages(card.conversationId).at(-1);
    assert.notEqual(fresh?.id, card.id);
    assert.equal(fresh && wordsOf(fresh), 'Adele Vance: Speaking the message …');
    await happens(await onlyCall(), ended(200, 5010));
    assert.match(wordsOf(nowOf(fresh)), /answered and hung up/);
  });

  it('is given up quietly if the bot was removed', async () => {
    const conversation = room().emulator.channel.groupChat([alex, megan]);
    await say('call Adele Vance: red', { conversation, mentions: ['bot'] });
    conversation.botRemoved = true;
    await happens(await onlyCall(), sent, declined);
    const before = updates();
    await room().pass(60_000);
    assert.equal(updates(), before);
    assert.ok(room().log.some((line) => line.includes('gave up updating a card')));
    assert.ok(!room().log.some((line) => line.includes('"level":"error"')));
  });

  describe('that the turn could not send', () => {
    for (const status of [401, 412, 429]) {
      it(`is sent soon, once, if it certainly was not sent: ${status}`, async () => {
        const operation = 'connector.replyToActivity';
        const { id } = room().emulator.channel.personal(alex);
        const before = room().said(id).length;
        room().emulator.faults.add({ operation, kind: 'status', status });
        assert.deepEqual(await say('call Adele Vance: red'), []);
        await room().pass(3_000);
        await happens(await onlyCall(), sent);
        assert.deepEqual(room().said(id).slice(before), ['Adele Vance: Calling …']);
      });
    }

    it('is sent no sooner than the chat service asks', async () => {
      const operation = 'connector.replyToActivity';
      room().emulator.faults.add({ operation, kind: 'status', status: 429, retryAfter: 20 });
      const before = creations();
      await say('call Adele Vance: red');
      await room().pass(15_000);
      assert.equal(creations() - before, 1);
      await room().pass(10_000);
      assert.equal(creations() - before, 2);
    });

    for (const fault of ['status', 'reset'] as const) {
      it(`is not sent again if it may have arrived, until the end: ${fault}`, async () => {
        const when = 'after';
        const operation = 'connector.replyToActivity';
        room().emulator.faults.add(
          fault === 'status'
            ? { operation, kind: 'status', status: 503, when }
            : { operation, kind: 'reset', when },
        );
        const before = room().messages().length;
        await say('call Adele Vance: red');
        const call = await onlyCall();
        await happens(call, sent, accepted);
        await room().pass(20_000);
        assert.equal(room().messages().length - before, 1);
        await happens(call, declined);
        await room().pass(5_000);
        assert.match(room().said(room().emulator.channel.personal(alex).id).at(-1) ?? '', /declined/);
        assert.equal(room().messages().length - before, 2);
      });
    }

    it('is sent by another process if its own died', async () => {
      const [card] = await say('call Adele Vance: red');
      assert.ok(card);
      // As if the turn had ended between its transaction and its answer.
      card.deleted = true;
      await room().database.sql.updateTable('cards').set({ activity_id: null, shown_revision: 0 }).execute();
      const call = await onlyCall();
      await happens(call, sent);
      assert.deepEqual(
        room()
          .messages(card.conversationId)
          .slice(-1)
          .map(({ id }) => id)
          .filter((id) => id > card.id),
        [],
      );
      await room().pass(45_000);
      const fresh = room().messages(card.conversationId).at(-1);
      assert.equal(fresh && wordsOf(fresh), 'Adele Vance: Calling …');
      await happens(call, declined);
      assert.match(wordsOf(nowOf(fresh)), /declined/);
    });
  });

  it('is updated by one of several replicas at a time', async () => {
    const other = await openRoom({ beside: room() });
    try {
      const [card] = await say('call Adele Vance: red');
      const call = await onlyCall();
      await Promise.all([
        room().calls.apply(call.id, sent),
        other.calls.apply(call.id, accepted),
        room().calls.apply(call.id, answered),
        other.calls.apply(call.id, ended(200, 5010)),
      ]);
      await room().settle();
      await other.settle();
      await room().pass(20_000);
      await other.settle();
      assert.match(wordsOf(nowOf(card)), /answered and hung up/);
      assert.equal(
        room()
          .messages(card?.conversationId)
          .filter(({ id }) => id >= (card?.id ?? '')).length,
        1,
      );
    } finally {
      await other.close();
    }
  });

  describe('on a channel without cards', () => {
    const bob = { id: 'bob', name: 'Bob' };

    it('is plain text, and its end is a separate message', async () => {
      const conversation = room().emulator.channel.personal(bob, 'slack');
      const before = room().messages(conversation.id).length;
      const [answer] = await say('help', { from: bob, channelId: 'slack' });
      assert.equal(answer?.activity.attachments, undefined);
      assert.match(answer?.activity.text ?? '', /call Adele Vance – calls Adele and connects you/);
      assert.equal(room().messages(conversation.id).length - before, 1);
    });
  });
});

describe('An answer that the chat service rejects', function () {
  const room = inRoom();
  const { say, onlyCall } = storyOf(room);
  const operation = 'connector.replyToActivity';
  type Fault = Parameters<ReturnType<typeof room>['emulator']['faults']['add']>[0];

  const faults: readonly [what: string, fault: Fault][] = [
    ...[401, 408, 412, 429, 500, 502, 503, 504].map((status): [string, Fault] => [
      `${status}`,
      { operation, kind: 'status', status },
    ]),
    ['a reset', { operation, kind: 'reset' }],
    ['412 from everything, for a while', { operation: 'connector.*', kind: 'status', status: 412, times: 4 }],
  ];
  for (const [what, fault] of faults) {
    it(`arrives a moment later: ${what}`, async () => {
      room().emulator.faults.add(fault);
      assert.deepEqual(await say('who is Adele Vance'), []);
      const { id } = room().emulator.channel.personal(alex);
      const before = room().said(id).length;
      await room().pass(10_000);
      const [answer, ...more] = room().said(id).slice(before);
      assert.match(answer ?? '', /Adele Vance/);
      assert.deepEqual(more, []);
    });
  }

  it('arrives a moment later in a channel thread too', async () => {
    const conversation = room().emulator.channel.teamChannel([alex], 'Build');
    room().emulator.faults.add({ operation, kind: 'status', status: 412 });
    const heard = await room().emulator.channel.send({
      from: alex,
      text: 'who is Adele Vance',
      conversation,
      mentions: ['bot'],
    });
    await room().pass(3_000);
    assert.match(room().said(heard.conversationId).join(), /Adele Vance/);
  });

  it('is given up if the bot is blocked, or if it is too late to be of use', async () => {
    const { faults: plan } = room().emulator;
    const { id } = room().emulator.channel.personal(alex);
    const before = room().said(id).length;
    plan.add({ operation, kind: 'status', status: 403 });
    await say('help');
    await room().pass(3_000);
    const away = plan.add({ operation: 'connector.*', kind: 'status', status: 503, times: 1_000 });
    await say('help');
    room().clock.setTime(room().clock.now() + 700_000);
    await room().pass(1_000);
    away.remove();
    await room().pass(61_000);
    assert.equal(room().said(id).length, before);
    assert.equal(room().log.filter((line) => line.includes('an answer could not be sent')).length, 2);
  });

  it('replaces the card whose button was pressed a moment later', async () => {
    const [question] = await say('call Chris Green: red');
    assert.ok(question);
    const data = (JSON.stringify(question.activity).match(/"c":"(choice_[^"]+)"/) ?? [])[1];
    room().emulator.faults.add({ operation: 'connector.updateActivity', kind: 'status', status: 412 });
    const where = { from: alex, replyToId: question.id };
    await room().emulator.channel.submit({ ...where, value: { c: data, verb: 'choose1' } });
    await room().pass(3_000);
    const { target } = await onlyCall();
    const [now] = room()
      .messages(question.conversationId)
      .filter(({ id }) => id === question.id);
    assert.ok(now && wordsOf(now).startsWith(target.displayName), now && wordsOf(now));
  });
});

describe('A channel without cards whose people may place calls', function () {
  const room = inRoom({ yaml: 'permissions: {anonymous: {mayCall: [{domain: contoso.example}]}}' });
  const { say, words, onlyCall, happens } = storyOf(room);
  const bob = { id: 'bob', name: 'Bob' };
  const slack = { from: bob, channelId: 'slack' };

  it('reads about the start and the end, and nothing in between', async () => {
    const [first] = await say('call Adele Vance: red', slack);
    assert.equal(first?.activity.text, 'Adele Vance: Calling …');
    const call = await onlyCall();
    assert.equal(call.requestedBy.name, 'Bob (slack)');
    await happens(call, sent, accepted, answered, ended(200, 5010), ended(200, 7000));
    await room().pass(20_000);
    assert.deepEqual(room().said(first?.conversationId), [
      'Adele Vance: Calling …',
      'Adele Vance answered and hung up before the message was finished. Send the message in chat too, or call again.',
    ]);
    assert.equal(room().emulator.requests.count('connector.updateActivity'), 0);
  });

  it('answers choices by number', async () => {
    assert.match(
      (await words('call Chris Green: red', slack)).join(),
      /^Several people match.*\n1\. .*\n2\. /,
    );
    assert.deepEqual(await words('2', slack), ['Chris Green: Calling …']);
  });
});
