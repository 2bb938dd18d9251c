import assert from 'node:assert/strict';
import type { Message } from '../../../emulator/connector/activity.ts';
import type { Conversation } from '../../../emulator/connector/conversations.ts';
import type { Call, CallEvent } from '../../../src/calls/call.ts';
import * as z from 'zod';
import { openRoom, wordsOf, type Room, type RoomOptions } from './room.ts';

interface Said {
  from?: string | { id: string; name: string };
  conversation?: Conversation;
  mentions?: string[];
  channelId?: string;
  fields?: Record<string, unknown>;
}

const invokeAnswer = z.object({
  statusCode: z.literal(200),
  type: z.enum(['application/vnd.microsoft.card.adaptive', 'application/vnd.microsoft.activity.message']),
  value: z.union([z.string(), z.looseObject({ fallbackText: z.string() })]),
});

/** What a test says and does in a room. The speaker is Alex, unless given. */
export function storyOf(room: () => Room) {
  /** Says something. @returns the bot's messages since */
  async function say(text: string, more: Said = {}): Promise<Message[]> {
    const before = new Set(
      room()
        .messages()
        .map(({ id }) => id),
    );
    const heard = await room().emulator.channel.send({ from: 'Alex Wilber', text, ...more });
    assert.equal(heard.status, 200, JSON.stringify(heard.body));
    await room().settle();
    return room()
      .messages()
      .filter(({ id }) => !before.has(id));
  }
  const words = async (text: string, more?: Said): Promise<string[]> => (await say(text, more)).map(wordsOf);

  /** Presses a button. @returns the answer: a sentence, or the text of the card that replaces it */
  async function press(
    who: string,
    message: Message,
    button: string,
    inputs?: Record<string, unknown>,
  ): Promise<string> {
    const heard = await room().emulator.channel.press(who, message, button, inputs);
    await room().settle();
    assert.equal(heard.status, 200, JSON.stringify(heard.body));
    const { value } = invokeAnswer.parse(heard.body);
    return typeof value === 'string' ? value : value.fallbackText;
  }

  async function onlyCall(): Promise<Call> {
    const [call, ...more] = await room().placed();
    assert.ok(call && more.length === 0, `${more.length + (call ? 1 : 0)} calls`);
    return call;
  }

  async function happens(call: Call, ...events: CallEvent[]): Promise<void> {
    for (const event of events) {
      await room().calls.apply(call.id, event);
      await room().settle();
    }
  }
  /** A message in its current version. */
  function nowOf(message: Message | undefined): Message {
    const now = room()
      .messages(message?.conversationId)
      .find(({ id }) => id === message?.id);
    assert.ok(now);
    return now;
  }
  return { say, words, press, onlyCall, happens, nowOf };
}

/** Opens a room for a suite, and empties it before each test. */
export function inRoom(options: RoomOptions = {}): () => Room {
  let room: Room | undefined;
  const opened = (): Room => {
    assert.ok(room);
    return room;
  };
  before('open the room', async function () {
    room = await openRoom(options);
  });
  after('close the room', async () => await room?.close());
  beforeEach('empty the room', async () => {
    await opened().settle();
    opened().emulator.faults.clear();
    opened().log.length = 0;
    for (const table of ['calls', 'cards', 'choices', 'chat_activities', 'opt_outs', 'audit'] as const) {
      await opened().database.sql.deleteFrom(table).execute();
    }
    // So that the limits of the chat service start again.
    opened().clock.setTime(opened().clock.now() + 31_000);
  });
  return opened;
}
