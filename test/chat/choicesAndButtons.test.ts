import assert from 'node:assert/strict';
import { ended, happen } from '../support/chat/calls.ts';
import { wordsOf } from '../support/chat/room.ts';
import { inRoom, storyOf } from '../support/chat/story.ts';

const alex = 'Alex Wilber';
const megan = 'Megan Bowen';
const adele = 'Adele Vance';
const { sent, accepted } = happen;

describe('Choices and buttons in a chat', function () {
  const room = inRoom();
  const { say, words, press, onlyCall, happens } = storyOf(room);

  describe('a choice', () => {
    it('is offered if several people match, and its card becomes the call’s card', async () => {
      const [question] = await say('call Chris Green: red');
      assert.ok(question);
      assert.equal(
        wordsOf(question),
        'Several people match "Chris Green". Who do you mean?\n1. Chris Green, Developer, Payments · Available\n2. Chris Green, Accountant, Finance · Available\nYou can also answer with the number.',
      );
      assert.deepEqual(await room().placed(), []);
      assert.equal(await press(alex, question, 'choose2'), 'Chris Green: Calling …');
      const call = await onlyCall();
      assert.equal(call.target.jobTitle, 'Accountant');
      assert.deepEqual(call.purpose, { kind: 'speak', message: 'red' });
      await happens(call, sent, accepted, ended(603, 0));
      assert.match(
        wordsOf(
          room()
            .messages(question.conversationId)
            .find(({ id }) => id === question.id) ?? question,
        ),
        /declined/,
      );
    });

    for (const [text, hint] of [
      ['call Adele, Alex: red', 'escalate Adele, Alex: red'],
      ['call Adele Vance and Alex Wilber: red', 'escalate Adele Vance, Alex Wilber: red'],
    ] as const) {
      it(`is offered if several people are named: ${text}`, async () => {
        const [question] = await say(text, { from: megan });
        assert.ok(question);
        assert.equal(
          wordsOf(question).split('\nYou can')[0],
          `I call one person at a time. Who should I call? To call them one after another until somebody acknowledges, say "${hint}".\n1. Adele Vance, Retail Manager, Retail · Available\n2. Alex Wilber, Site Reliability Engineer, Operations · Available`,
        );
        assert.deepEqual(await room().placed(), []);
        await press(megan, question, 'choose2');
        const call = await onlyCall();
        assert.equal(call.target.displayName, alex);
        assert.deepEqual(call.purpose, { kind: 'speak', message: 'red' });
      });
    }

    it('is offered with an example in the language of the answer', async () => {
      const japanese = { from: megan, fields: { locale: 'ja-JP' } };
      const [question] = await words('call Adele, Alex: red', japanese);
      assert.match(question ?? '', /「Adele、Alexにエスカレーションして：red」/);
      const german = { from: megan, fields: { locale: 'de-DE' } };
      const [answer] = await words('call Adele, build red', german);
      assert.match(answer ?? '', /ruf Adele an: build red$/);
    });

    it('is not offered if one of several names is unknown', async () => {
      assert.deepEqual(await words('call Adele and Zzyzx: red'), [
        'I found nobody called "Zzyzx". Try the full name or the email address, such as "adele@contoso.example".',
      ]);
      assert.deepEqual(await words('call Adele, Zzyzx: red'), [
        'I found nobody called "Adele, Zzyzx". Try the full name or the email address, such as "adele@contoso.example".',
      ]);
    });

    it('can be answered by number', async () => {
      await say('call Chris Green');
      assert.deepEqual(await words('2'), ['Chris Green: Calling …']);
      assert.equal((await onlyCall()).target.jobTitle, 'Accountant');
    });

    it('is taken only once, whatever is pressed and said afterwards', async () => {
      const [question] = await say('call Chris Green');
      assert.ok(question);
      const presses = [1, 2, 1, 2].map(
        async (number) => await room().emulator.channel.press(alex, question, `choose${number}`),
      );
      await Promise.all(presses);
      await room().settle();
      const { target } = await onlyCall();
      assert.deepEqual(await words('1'), [`You have already chosen ${target.displayName}.`]);
      await onlyCall();
    });

    it('accepts only the asker’s answer', async () => {
      const conversation = room().emulator.channel.groupChat([alex, megan]);
      const [question] = await say('call Chris Green', { conversation, mentions: ['bot'] });
      assert.ok(question);
      assert.equal(await press(megan, question, 'choose1'), 'Only the person who asked can do that.');
      assert.deepEqual(await words('1', { from: megan, conversation, mentions: ['bot'] }), [
        'There is nothing to choose right now. Say "call" and a name, or "help".',
      ]);
      assert.deepEqual(await room().placed(), []);
    });

    it('expires after ten minutes', async () => {
      const [question] = await say('call Chris Green');
      assert.ok(question);
      room().clock.setTime(room().clock.now() + 11 * 60_000);
      assert.equal(await press(alex, question, 'choose1'), 'That question has expired. Please ask again.');
      assert.deepEqual(await words('1'), ['That question has expired. Please ask again.']);
      assert.deepEqual(await room().placed(), []);
    });

    it('says which numbers are valid', async () => {
      await say('call Chris Green');
      assert.deepEqual(await words('7'), ['Please choose a number from 1 to 2.']);
      assert.deepEqual(
        await words('2', { conversation: room().emulator.channel.groupChat([alex]), mentions: ['bot'] }),
        ['There is nothing to choose right now. Say "call" and a name, or "help".'],
      );
    });
  });

  describe('the buttons', () => {
    it('let the asker hang up', async () => {
      const [card] = await say('call Adele Vance: red');
      assert.ok(card);
      await happens(await onlyCall(), sent, accepted);
      assert.equal(await press(alex, card, 'Hang up'), 'Adele Vance: Hanging up …');
      assert.equal((await onlyCall()).facts.hangUp?.by, 'requester');
      await happens(await onlyCall(), happen.hungUp);
      assert.match(room().said(card.conversationId).at(-1) ?? '', /cancelled/);
    });

    it('let the callee hang up, and nobody else', async () => {
      const conversation = room().emulator.channel.groupChat([alex, megan, adele]);
      const [card] = await say('call Adele Vance: red', { conversation, mentions: ['bot'] });
      assert.ok(card);
      await happens(await onlyCall(), sent, accepted);
      assert.equal(await press(megan, card, 'Hang up'), 'Only the person who asked can do that.');
      assert.equal((await onlyCall()).facts.hangUp, undefined);
      assert.equal(await press(adele, card, 'Hang up'), 'Adele Vance: Hanging up …');
      assert.equal((await onlyCall()).facts.hangUp?.by, 'callee');
    });

    it('work as Action.Submit on channels that support only that', async () => {
      const [card] = await say('call Adele Vance: red');
      assert.ok(card);
      await happens(await onlyCall(), sent, accepted);
      const { c } = await room().database.sql.selectFrom('cards').select('id as c').executeTakeFirstOrThrow();
      const heard = await room().emulator.channel.submit({
        from: alex,
        value: { c, verb: 'hangUp' },
        replyToId: card.id,
      });
      await room().settle();
      assert.equal(heard.status, 200);
      assert.deepEqual(room().said(card.conversationId).slice(-2), [
        'Adele Vance: Hanging up …',
        'Hanging up the call to Adele Vance …',
      ]);
    });

    it('refresh the card if they are stale', async () => {
      const [card] = await say('call Adele Vance: red');
      assert.ok(card);
      await happens(await onlyCall(), sent, accepted, ended(603, 0));
      const { id } = await room().database.sql.selectFrom('cards').select('id').executeTakeFirstOrThrow();
      const value = { action: { type: 'Action.Execute', verb: 'hangUp', data: { c: id } } };
      const heard = await room().emulator.channel.invoke({ from: alex, name: 'adaptiveCard/action', value });
      assert.match(JSON.stringify(heard.body), /declined/);
    });

    it('of unknown cards get a friendly answer', async () => {
      for (const data of [{ c: 'card_gone' }, { c: "'; DROP TABLE cards" }, {}, null]) {
        for (const verb of ['hangUp', 'choose1', 'callAgain', 'somethingNew', undefined]) {
          const value = { action: { type: 'Action.Execute', verb, data } };
          const heard = await room().emulator.channel.invoke({
            from: alex,
            name: 'adaptiveCard/action',
            value,
          });
          assert.equal(heard.status, 200);
          assert.match(JSON.stringify(heard.body), /That card has expired/);
        }
      }
    });

    it('call again: a new call with a new card; the old card stays', async () => {
      const [card] = await say('call Adele Vance: red');
      const first = await onlyCall();
      await happens(first, sent, accepted, ended(603, 0));
      const [old] = room()
        .messages(card?.conversationId)
        .filter(({ id }) => id === card?.id);
      assert.ok(old);
      await room().pass(1_000);
      assert.match(await press(alex, old, 'Call again'), /declined/);
      const [second] = await room().placed();
      assert.notEqual(second?.id, first.id);
      assert.deepEqual(second?.purpose, { kind: 'speak', message: 'red' });
      assert.deepEqual(
        room()
          .said(card?.conversationId)
          .slice(-2)
          .map((said) => said.split(/[.:]/)[0]),
        ['Adele Vance declined the call', 'Adele Vance'],
      );
      await room().pass(1_000);
      assert.equal(
        await press(alex, old, 'Call again'),
        'I am already calling Adele Vance. See the card above for progress.',
      );
    });

    it('call again: a new call of the person who pressed', async () => {
      const conversation = room().emulator.channel.groupChat([alex, megan]);
      const [card] = await say('call Adele Vance', { conversation, mentions: ['bot'] });
      await happens(await onlyCall(), sent, accepted, ended(603, 0));
      const [old] = room()
        .messages(card?.conversationId)
        .filter(({ id }) => id === card?.id);
      assert.ok(old);
      await room().pass(1_000);
      await press(megan, old, 'Call again');
      const [second] = await room().placed();
      assert.equal(second?.requestedBy.name, megan);
      assert.equal(second?.purpose.kind === 'connect' && second.purpose.to.displayName, megan);
    });

    it('leave a message: a new call that speaks it', async () => {
      const [card] = await say('call Adele Vance');
      await happens(await onlyCall(), sent, accepted, ended(603, 0));
      const [old] = room()
        .messages(card?.conversationId)
        .filter(({ id }) => id === card?.id);
      assert.ok(old);
      assert.equal(await press(alex, old, 'speak', { message: '  ' }), 'Please write the message first.');
      await room().pass(1_000);
      await press(alex, old, 'speak', { message: ' Call me back, *please* ' });
      const [second] = await room().placed();
      assert.deepEqual(second?.purpose, { kind: 'speak', message: 'Call me back, *please*' });
    });
  });
});
