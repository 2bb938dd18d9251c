import assert from 'node:assert/strict';
import type { Conversation } from '../../../emulator/connector/conversations.ts';
import type { Message } from '../../../emulator/connector/activity.ts';
import { PSEUDO } from '../../../src/texts/textsIn.ts';
import { startWorld, type World, type WorldOptions } from '../world.ts';

interface Said {
  locale?: string;
  conversation?: Conversation;
  mentions?: string[];
  channelId?: string;
}

/** A world in which everybody reads the pseudo-locale. It collects what presses and dialogs answer. */
export class PseudoRoom {
  readonly world: World;
  /** The answers to presses and other invokes. */
  readonly answers: unknown[] = [];

  static async open(options: WorldOptions): Promise<PseudoRoom> {
    const world = await startWorld(options);
    const { people } = world.emulator;
    for (const { id } of people.list())
      people.change(id, { preferredLanguage: PSEUDO, jobTitle: 'Engineer', department: 'Payments' });
    return new PseudoRoom(world);
  }

  private constructor(world: World) {
    this.world = world;
  }

  /** @returns the newest message of that chat afterwards */
  async say(from: string | { id: string; name: string }, text: string, more: Said = {}): Promise<Message> {
    const { channel } = this.world.emulator;
    const heard = await channel.send({ from, text, ...more });
    assert.equal(heard.status, 200, JSON.stringify(heard.body));
    // Calls and messages to a chat are rate limited.
    await this.world.pass(1_000);
    const newest = channel.messages(heard.conversationId).at(-1);
    assert.ok(newest, `no answer to ${text}`);
    return newest;
  }

  async press(
    from: string,
    message: Message,
    button: string,
    inputs: Record<string, unknown> = {},
  ): Promise<void> {
    const { body, status } = await this.world.emulator.channel.press(from, message, button, inputs);
    assert.equal(status, 200, JSON.stringify(body));
    this.answers.push(body);
    await this.world.pass(1_000);
  }

  /** Every version of every message, and every answer. */
  shown(): unknown[] {
    const messages = this.world.emulator.channel.messages();
    const versions = messages.flatMap(({ activity, history }) => [
      activity,
      ...history.map((one) => one.activity),
    ]);
    return [
      ...versions.map(({ text, summary, attachments }) => ({
        text,
        summary,
        cards: attachments?.map(({ content }) => content),
      })),
      ...this.answers,
    ];
  }
}
