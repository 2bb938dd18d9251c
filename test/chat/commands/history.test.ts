import assert from 'node:assert/strict';
import type { Message } from '../../../emulator/connector/activity.ts';
import { cardActions } from '../../../emulator/connector/cardActions.ts';
import { ended, happen } from '../../support/chat/calls.ts';
import { inRoom, storyOf } from '../../support/chat/story.ts';

const { sent, accepted } = happen;
const [alex, megan] = ['Alex Wilber', 'Megan Bowen'];
const callees = ['Adele Vance', 'Megan Bowen', 'Nestor Wilke', 'Joni Sherman'];

describe('The history of calls', function () {
  const room = inRoom();
  const { say, words, press, happens } = storyOf(room);

  /** Alex calls this many people, one a second, and they decline. */
  async function callsToMany(count: number): Promise<void> {
    const { people, channel } = room().emulator;
    const { id, displayName } = people.get(alex);
    for (let n = 1; n <= count; n += 1) {
      const callee = people.get(callees[n % callees.length] ?? '');
      const { call } = await room().calls.place({
        target: { kind: 'teamsUser', id: callee.id, displayName: callee.displayName },
        requestedBy: { kind: 'chat', key: id, name: displayName, objectId: id },
        purpose: { kind: 'speak', message: `message ${n}` },
        language: 'en',
        conversationKey: `msteams|${channel.personal(alex).id}`,
      });
      await room().calls.apply(call.id, sent);
      await room().calls.apply(call.id, ended(603, 0));
      room().clock.setTime(room().clock.now() + 1_000);
    }
    await room().settle();
  }
  const history = async (who = alex, more = {}): Promise<Message> => {
    const [card] = await say('history', { from: who, ...more });
    assert.ok(card);
    return card;
  };
  const numbersIn = (text: string): string[] =>
    [...text.matchAll(/message (\d+)/g)].map((match) => match[1] ?? '');
  const titlesOf = ({ activity }: Message): string[] => cardActions(activity).map(({ title }) => title);

  it('is empty for somebody who has called nobody', async () => {
    assert.deepEqual(await words('history'), ['No calls or alerts yet.']);
  });

  it('shows the newest first, with result and message, in the asker’s time zone', async () => {
    await callsToMany(2);
    const [text = ''] = await words('history', { fields: { localTimezone: 'Asia/Tokyo' } });
    assert.match(
      text,
      /^Last calls and alerts\n\w{3} \d+, .*: Nestor Wilke · Declined · "message 2"\n.*: Megan Bowen · Declined · "message 1"$/,
    );
  });

  it('goes to earlier pages and back in the same card', async () => {
    await callsToMany(8);
    const card = await history();
    assert.deepEqual(titlesOf(card).slice(-1), ['Earlier']);
    const second = await press(alex, card, 'Earlier');
    assert.match(second, /^Earlier calls and alerts\n/);
    assert.deepEqual(numbersIn(second), ['2', '1']);
    const before = numbersIn(room().said(card.conversationId).at(-1) ?? '');
    assert.deepEqual(before, ['8', '7', '6', '5', '4', '3']);
  });

  it('shows each entry once even if new calls arrive between two pages', async () => {
    await callsToMany(8);
    const card = await history();
    await callsToMany(1);
    const second = await press(alex, card, 'Earlier');
    assert.deepEqual(numbersIn(second), ['2', '1']);
  });

  it('calls somebody again with the same message and a new card', async () => {
    await callsToMany(2);
    const card = await history();
    const shown = await press(alex, card, 'Call again');
    assert.match(shown, /^Last calls and alerts\n.*: Nestor Wilke · Calling …/);
    const [newest, ...others] = await room().placed();
    assert.equal(others.length, 2);
    assert.equal(newest?.target.displayName, 'Nestor Wilke');
    assert.deepEqual(newest?.purpose, { kind: 'speak', message: 'message 2' });
    assert.match(room().said(card.conversationId).at(-1) ?? '', /^Nestor Wilke: /);
    await room().pass(1_000);
    assert.match(await press(alex, card, 'Call again'), /^The call to|I am already calling Nestor Wilke/);
    assert.equal((await room().placed()).length, 3);
  });

  it('does not offer to call again while a call runs or if it is not allowed', async () => {
    await say('call Adele Vance: red');
    const [call] = await room().placed();
    assert.ok(call);
    assert.deepEqual(titlesOf(await history()), []);
    await happens(call, sent, accepted, ended(403, 10124));
    await room().pass(1_000);
    assert.deepEqual(titlesOf(await history()), []);
  });

  it('in a channel shows what was asked for there, and by whom; any member may call again', async () => {
    await callsToMany(1);
    const conversation = room().emulator.channel.groupChat([alex, megan]);
    await say('call Joni Sherman: from the group', { conversation, mentions: ['bot'] });
    const [call] = await room().placed();
    assert.ok(call);
    await happens(call, sent, accepted, ended(603, 0));
    await room().pass(1_000);
    const card = await history(megan, { conversation, mentions: ['bot'] });
    const text = room().said(conversation.id).at(-1) ?? '';
    assert.match(text, /Joni Sherman · Declined · for Alex Wilber · "from the group"$/);
    assert.doesNotMatch(text, /message 1/);
    await press(megan, card, 'Call again');
    assert.equal((await room().placed())[0]?.requestedBy.name, megan);
  });

  it('never shows what others asked for, whatever a client sends', async () => {
    await callsToMany(8);
    const [mine] = await room().placed();
    const invoke = async (verb: string, c: string): Promise<string> => {
      const value = { action: { type: 'Action.Execute', verb, data: { c } } };
      const heard = await room().emulator.channel.invoke({ from: megan, name: 'adaptiveCard/action', value });
      assert.equal(heard.status, 200);
      await room().settle();
      return JSON.stringify(heard.body);
    };
    assert.match(await invoke('historyPage', mine?.id ?? ''), /There are no earlier ones/);
    assert.match(await invoke('historyPage', 'call_gone'), /That card has expired/);
    assert.match(await invoke('historyCall', mine?.id ?? ''), /That card has expired/);
    assert.match(await invoke('historyCall', "'; DROP TABLE calls"), /That card has expired/);
    assert.equal((await room().placed()).length, 8);
  });

  it('is plain text in the client’s language on channels without cards', async () => {
    await callsToMany(1);
    await say('call Adele Vance: hallo', { from: { id: 'U1', name: 'Kim' }, channelId: 'slack' });
    const [answer] = await say('history', { fields: { locale: 'de-DE' } });
    assert.match(
      String(answer?.activity.summary),
      /^Letzte Anrufe und Alarme\n\d+\. \w+.*: Megan Bowen · Abgelehnt · „message 1“$/,
    );
    const [slack] = await say('history', { from: { id: 'U1', name: 'Kim' }, channelId: 'slack' });
    assert.equal(slack?.activity.attachments, undefined);
  });
});
