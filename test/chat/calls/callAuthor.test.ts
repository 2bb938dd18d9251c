import assert from 'node:assert/strict';
import * as z from 'zod';
import { inRoom, storyOf } from '../../support/chat/story.ts';

const dialog = z.object({
  task: z.object({
    value: z.object({
      title: z.string(),
      card: z.object({
        content: z.looseObject({ actions: z.tuple([z.object({ data: z.object({ c: z.string() }) })]) }),
      }),
    }),
  }),
});

describe('"Call the author of this message"', function () {
  const room = inRoom();
  const { say, onlyCall } = storyOf(room);

  const invoke = async (name: string, from: string, value: object): Promise<unknown> => {
    const { channel } = room().emulator;
    const conversation = channel.groupChat(['Alex Wilber', 'Megan Bowen']);
    const more = { name: `composeExtension/${name}`, value: { commandId: 'callAuthor', ...value } };
    const heard = await channel.invoke({ from, conversation, ...more });
    await room().settle();
    assert.equal(heard.status, 200);
    return heard.body;
  };
  const open = async (author: string, from = 'Alex Wilber'): Promise<unknown> => {
    const { id, displayName } = room().emulator.people.get(author);
    const user = { userIdentityType: 'aadUser', id, displayName };
    return await invoke('fetchTask', from, { messagePayload: { from: { user } } });
  };
  const send = async (c: string, message: string | undefined, from = 'Alex Wilber'): Promise<string> =>
    JSON.stringify(await invoke('submitAction', from, { data: { c, message } }));
  const idOf = (body: unknown): string => dialog.parse(body).task.value.card.content.actions[0].data.c;

  it('asks first, places one call, and shows its card in the asker’s chat', async () => {
    await say('hello');
    const opened = await open('Megan Bowen');
    assert.equal(dialog.parse(opened).task.value.title, 'Call Megan Bowen');
    assert.deepEqual(await room().placed(), []);
    const calling = /"type":"message","value":"I am calling Megan Bowen\. See our chat for progress\."/;
    assert.match(await send(idOf(opened), ' about the build '), calling);
    assert.match(await send(idOf(opened), 'again'), calling);
    const call = await onlyCall();
    assert.deepEqual(call.purpose, { kind: 'speak', message: 'about the build' });
    assert.equal(call.requestedBy.name, 'Alex Wilber');
    const own = room().emulator.channel.personal('Alex Wilber').id;
    assert.match(room().said(own).at(-1) ?? '', /^Megan Bowen: /);
    // Nobody else reads about it.
    assert.ok(
      room()
        .messages()
        .every(({ conversationId }) => conversationId === own),
    );
  });

  it('connects if no message was typed', async () => {
    await send(idOf(await open('Megan Bowen')), undefined);
    assert.equal((await onlyCall()).purpose.kind, 'connect');
  });

  it('accepts only the asker’s answer', async () => {
    const opened = await open('Megan Bowen');
    assert.match(await send(idOf(opened), 'x', 'Megan Bowen'), /Only the person who asked/);
    assert.match(await send('choice_gone', 'x'), /That card has expired/);
    assert.deepEqual(await room().placed(), []);
  });

  it('says why somebody cannot be called', async () => {
    assert.match(JSON.stringify(await open('Alex Wilber')), /You wrote this message yourself/);
    assert.match(JSON.stringify(await open('Henrietta Mueller')), /account is disabled/);
    const byApp = await invoke('fetchTask', 'Alex Wilber', { messagePayload: { from: { application: {} } } });
    assert.match(JSON.stringify(byApp), /This message has no author/);
    assert.match(JSON.stringify(await invoke('fetchTask', 'Alex Wilber', {})), /This message has no author/);
  });

  it('does not mistake the message’s conversation for the asker’s chat with the bot', async () => {
    const { channel } = room().emulator;
    const { sql } = room().database;
    await sql.deleteFrom('conversations').execute();
    const value = { commandId: 'callAuthor' };
    await channel.invoke({ from: 'Megan Bowen', name: 'composeExtension/fetchTask', value });
    assert.deepEqual(await sql.selectFrom('conversations').selectAll().execute(), []);
  });
});
