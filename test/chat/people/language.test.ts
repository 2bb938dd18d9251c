import assert from 'node:assert/strict';
import { wordsOf } from '../../support/chat/room.ts';
import { inRoom, storyOf } from '../../support/chat/story.ts';

const adele = 'Adele Vance';
const german = { fields: { locale: 'de-DE' } };
const american = { fields: { locale: 'en-US' } };

describe('A person’s language', function () {
  const room = inRoom();
  const { say, words, onlyCall, nowOf } = storyOf(room);
  let number = 0;

  /** Somebody who has not chosen a language. */
  function somebody(): string {
    number += 1;
    return room().emulator.people.add({ displayName: `Polyglot Person ${number}` }).displayName;
  }

  async function answer(text: string, more: Parameters<typeof say>[1]): Promise<string> {
    const [said, ...rest] = await words(text, more);
    assert.ok(said !== undefined && rest.length === 0, `${rest.length} answers to ${text}`);
    return said;
  }

  it('is the one of the client until they choose one, whose answer is in the new language', async () => {
    const from = somebody();
    assert.match(await answer('thanks', { from, ...german }), /^Gern/);
    assert.match(
      await answer('language English', { from, ...german }),
      /^From now on I speak English with you/,
    );
    assert.match(await answer('language Deutsch', { from, ...american }), /^Ab jetzt spreche ich Deutsch/);
  });

  it('stays when the client changes, and in every conversation', async () => {
    const from = somebody();
    await say('language German', { from });
    for (const locale of ['en-GB', 'fr-FR', undefined]) {
      assert.match(await answer('thanks', { from, fields: { locale } }), /^Gern/);
    }
    const conversation = room().emulator.channel.groupChat([from, adele]);
    assert.match(await answer('thanks', { from, conversation, mentions: ['bot'] }), /^Gern/);
  });

  it('is the one in which they wrote last if the client says none', async () => {
    const from = somebody();
    await say('thanks', { from, ...german });
    assert.match(await answer('thanks', { from, fields: { locale: undefined } }), /^Gern/);
  });

  it('follows the client again after "language auto"', async () => {
    const from = somebody();
    await say('language Deutsch', { from });
    assert.match(await answer('language auto', { from, ...american }), /^From now on I follow the language/);
    assert.match(await answer('thanks', { from, ...american }), /^You are welcome/);
    await say('language English', { from, ...german });
    assert.match(await answer('language default', { from, ...german }), /^Ab jetzt richte ich mich nach/);
  });

  it('is told with the choices', async () => {
    const from = somebody();
    assert.match(
      await answer('language', { from, ...american }),
      /^I speak English with you\. .* one of these: .*\bDeutsch\b.*"language auto"/,
    );
    assert.match(await answer('language?', { from, ...german }), /^Ich spreche Deutsch mit Ihnen\. /);
  });

  it('does not change for an unknown name, which may be corrected', async () => {
    const from = somebody();
    const unknown = await answer('language Klingon', { from, ...american });
    assert.match(unknown, /^I do not speak "Klingon"\. .* one of these: .*\bEnglish\b/);
    assert.match(await answer('language German?', { from, ...american }), /^That was a question/);
    assert.match(await answer('thanks', { from, ...american }), /^You are welcome/);
  });

  it('is that of the writer in a group chat, and a card stays in the language of its asker', async () => {
    const [from, other] = [somebody(), somebody()];
    await say('language Deutsch', { from });
    const conversation = room().emulator.channel.groupChat([from, other]);
    const here = { conversation, mentions: ['bot'] };
    const [card] = await say('call Adele Vance: red', { from, ...here });
    assert.match(room().said(conversation.id).join(), /Adele Vance: Anruf läuft\s…/);
    assert.match(await answer('thanks', { from: other, ...here }), /^You are welcome/);
    await say('hang up', { from, ...here });
    assert.match(wordsOf(nowOf(card)), /^Adele Vance: Wird aufgelegt\s…/);
  });

  it('is spoken to them on calls, and the asker reads their own', async () => {
    const [from, callee] = [somebody(), somebody()];
    await say('language Deutsch', { from: callee });
    const [card] = await words(`call ${callee}: red`, { from, ...american });
    assert.equal(card, `${callee}: Calling …`);
    assert.equal((await onlyCall()).language, 'de');
  });

  it('is spoken in the asker’s language if the callee has not chosen one', async () => {
    const from = somebody();
    await say('language Deutsch', { from });
    await say('call Adele Vance: red', { from, ...american });
    assert.equal((await onlyCall()).language, 'de');
  });

  it('is used for the welcome, without waiting for the client’s', async () => {
    const { channel, people } = room().emulator;
    const from = somebody();
    await say('language Deutsch', { from, ...american });
    const conversation = channel.personal(people.find(from)?.id ?? '');
    await channel.post(
      { from, conversation },
      { type: 'conversationUpdate', membersAdded: [{ id: channel.bot.id }] },
    );
    await room().settle();
    assert.match(room().said(conversation.id).at(-1) ?? '', /^Hallo, ich bin Ringdown/);
  });

  it('can be chosen outside Teams too, for that channel', async () => {
    const web = (id: string) => ({ from: { id, name: 'Nadia' }, channelId: 'webchat' });
    assert.match(await answer('language Deutsch', web('nadia')), /^Ab jetzt spreche ich Deutsch/);
    assert.match(await answer('thanks', web('nadia')), /^Gern/);
    assert.match(await answer('thanks', web('another')), /^You are welcome/);
  });

  it('decides how Ringdown reads a message that two languages understand', async () => {
    const from = somebody();
    await say('language português', { from, ...american });
    await say('escale Adele, Alex e Megan: x', { from, ...american });
    const { sql } = room().database;
    const [started] = await sql.selectFrom('escalations').selectAll().execute();
    assert.equal(started?.alert.steps.flatMap(({ targets }) => targets).length, 3);
  });

  it('is known to a redelivered command only once', async () => {
    const from = somebody();
    const id = `once-${from}`;
    await say('language Deutsch', { from, fields: { id } });
    assert.deepEqual(await words('language Deutsch', { from, fields: { id } }), []);
  });
});
