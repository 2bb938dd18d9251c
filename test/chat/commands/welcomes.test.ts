import assert from 'node:assert/strict';
import type { Conversation } from '../../../emulator/connector/conversations.ts';
import { inRoom } from '../../support/chat/story.ts';

const ENGLISH = /^Hello, I am Ringdown/;
const GERMAN = /^Hallo, ich bin Ringdown/;

/** What Teams sends when a bot is added or removed. Only `installationUpdate` has a language. */
const updates = {
  conversation: (bot: string) => ({ type: 'conversationUpdate', membersAdded: [{ id: bot }] }),
  installation: () => ({ type: 'installationUpdate', action: 'add' }),
  upgrade: () => ({ type: 'installationUpdate', action: 'add-upgrade' }),
  removal: () => ({ type: 'installationUpdate', action: 'remove' }),
  takenOut: (bot: string) => ({ type: 'conversationUpdate', membersRemoved: [{ id: bot }] }),
  somebodyElse: () => ({ type: 'conversationUpdate', membersAdded: [{ id: '29:x' }] }),
};
type Update = keyof typeof updates;

describe('The welcome', function () {
  const room = inRoom();
  let conversation: Conversation;
  let from: string;
  let number = 0;

  beforeEach('somebody new', () => {
    number += 1;
    from = room().emulator.people.add({ displayName: `New Person ${number}` }).id;
    conversation = room().emulator.channel.personal(from);
  });

  /** @returns the welcomes in the chat so far */
  async function happens(update: Update, fields: Record<string, unknown> = {}): Promise<string[]> {
    const { channel } = room().emulator;
    const where = { from, conversation, locale: 'de-DE' };
    const { status } = await channel.post(where, { ...updates[update](channel.bot.id), ...fields });
    assert.equal(status, 200);
    await room().settle();
    return room().said(conversation.id);
  }

  async function later(): Promise<string[]> {
    await room().pass(20_000);
    return room().said(conversation.id);
  }

  const orders: readonly Update[][] = [
    ['conversation', 'installation'],
    ['installation', 'conversation'],
  ];
  for (const order of orders) {
    it(`comes once in the installer’s language, and again after a new installation: ${order.join(', ')}`, async () => {
      for (const update of order) await happens(update);
      const first = await later();
      assert.equal(first.length, 1);
      assert.match(first[0] ?? '', GERMAN);
      await happens('removal');
      for (const update of order) await happens(update);
      const second = await later();
      assert.equal(second.length, 2);
      assert.match(second[1] ?? '', GERMAN);
    });
  }

  it('does not wait if the language is known', async () => {
    assert.equal((await happens('conversation')).length, 0);
    const said = await happens('installation');
    assert.equal(said.length, 1);
    assert.match(said[0] ?? '', GERMAN);
  });

  it('comes in English, a little later, if the language stays unknown', async () => {
    await happens('conversation');
    const said = await later();
    assert.equal(said.length, 1);
    assert.match(said[0] ?? '', ENGLISH);
    assert.equal((await happens('installation')).length, 1, 'late is not again');
  });

  it('comes in the language in which somebody wrote before', async () => {
    const { channel } = room().emulator;
    await channel.send({ from, text: 'hello', locale: 'de-DE' });
    await room().settle();
    const before = room().said(conversation.id).length;
    const said = await happens('conversation');
    assert.equal(said.length, before + 1);
    assert.match(said.at(-1) ?? '', GERMAN);
  });

  it('comes again after some time for an installation whose removal was not reported', async () => {
    await happens('installation');
    assert.equal((await happens('installation')).length, 1);
    room().clock.setTime(room().clock.now() + 700_000);
    assert.equal((await happens('installation')).length, 2);
  });

  it('comes once if the activity is redelivered', async () => {
    for (const id of ['one', 'one']) await happens('conversation', { id });
    for (const id of ['two', 'two']) await happens('installation', { id });
    assert.equal((await later()).length, 1);
  });

  it('is retried if it could not be sent', async () => {
    const { faults } = room().emulator;
    const broken = faults.add({ operation: 'connector.*', kind: 'status', status: 502, times: 100 });
    await happens('conversation');
    assert.equal((await later()).length, 0);
    broken.remove();
    assert.equal((await later()).length, 1);
  });

  it('does not come for an upgrade or for another member', async () => {
    for (const update of ['upgrade', 'somebodyElse', 'removal', 'takenOut'] as const) await happens(update);
    assert.deepEqual(await later(), []);
  });

  it('comes once in a group chat, and again after the bot was removed', async () => {
    conversation = room().emulator.channel.groupChat([from, 'Megan Bowen']);
    await happens('conversation');
    await happens('installation');
    assert.equal((await later()).length, 1);
    await happens('takenOut');
    await happens('conversation');
    const said = await later();
    assert.equal(said.length, 2);
  });

  it('comes at once in other channels, which send no second update', async () => {
    const { channel } = room().emulator;
    const nadia = { id: 'nadia', name: 'Nadia' };
    const { status, conversationId } = await channel.post(
      { from: nadia, channelId: 'webchat' },
      { ...updates.conversation(channel.bot.id), locale: undefined },
    );
    assert.equal(status, 200);
    assert.equal(room().said(conversationId).length, 1);
  });
});

describe('The welcome where the file names a language', () => {
  const room = inRoom({ yaml: 'language: fr' });

  it('comes in this language if that of the installer stays unknown', async () => {
    const { people, channel } = room().emulator;
    const from = people.add({ displayName: 'Silent Person' }).id;
    const conversation = channel.personal(from);
    await channel.post({ from, conversation }, updates.conversation(channel.bot.id));
    await room().settle();
    assert.equal(room().said(conversation.id).length, 0, 'it waits for the language of the installer');
    await room().pass(20_000);
    assert.match(room().said(conversation.id).join(), /^Bonjour, je suis Ringdown/);
  });
});
