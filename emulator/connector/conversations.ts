import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Person } from '../people/person.ts';
import type { Activity, Message } from './activity.ts';

export type ConversationType = 'personal' | 'groupChat' | 'channel';

export interface ChannelUser {
  /** `29:…` in Teams; other channels have other forms. */
  id: string;
  name: string;
  person: Person | null;
}

export interface Conversation {
  id: string;
  /** `msteams`, `webchat`, `directline`, … */
  channelId: string;
  type: ConversationType;
  name: string | null;
  teamId: string | null;
  members: ChannelUser[];
  messages: Message[];
  /** The bot has been removed (403 BotNotInConversationRoster). */
  botRemoved: boolean;
  /** The person has blocked the bot (403 MessageWritesBlocked). */
  writesBlocked: boolean;
}

/** A Teams user as a bot sees them: the id is opaque, not the Entra object id. */
export function teamsUser(person: Person): ChannelUser {
  const id = `29:1${createHash('sha256').update(`mri ${person.id}`).digest('base64url')}`;
  return { id, name: person.displayName, person };
}

/** The conversations of all channels. */
export class Conversations {
  readonly #byId = new Map<string, Conversation>();
  #lastActivityId = 0;

  /** A person's personal chat with the bot, created if it does not exist yet. */
  personal(user: ChannelUser, channelId: string): Conversation {
    for (const conversation of this.#byId.values()) {
      const [member] = conversation.members;
      const fits = conversation.type === 'personal' && conversation.channelId === channelId;
      if (fits && member?.id === user.id) return conversation;
    }
    const id = channelId === 'msteams' ? `a:1${randomBytes(48).toString('base64url')}` : randomUUID();
    return this.#add({ id, channelId, type: 'personal', members: [user] });
  }

  groupChat(members: ChannelUser[], name: string | null): Conversation {
    const id = `19:${randomUUID().replaceAll('-', '')}@thread.v2`;
    return this.#add({ id, channelId: 'msteams', type: 'groupChat', members, name });
  }

  teamChannel(members: ChannelUser[], name: string, id?: string): Conversation {
    const known = id === undefined ? undefined : this.#byId.get(id);
    if (known) return known;
    const channel = id ?? `19:${randomBytes(24).toString('base64url')}@thread.tacv2`;
    return this.#add({ id: channel, channelId: 'msteams', type: 'channel', members, name, teamId: channel });
  }

  /** Finds a conversation, also by the id of a channel thread. */
  find(id: string): Conversation | null {
    return this.#byId.get(baseId(id)) ?? null;
  }

  list(): Conversation[] {
    return [...this.#byId.values()];
  }

  /** Adds a message of the bot. */
  addMessage(conversation: Conversation, threadId: string, activity: Activity, at: number): Message {
    const id = this.newActivityId(at);
    const whole = { ...activity, id };
    const history = [{ at, activity: whole }];
    const message = {
      id,
      conversationId: conversation.id,
      threadId,
      activity: whole,
      history,
      deleted: false,
    };
    conversation.messages.push(message);
    return message;
  }

  /** Teams uses the time in milliseconds. Here every id is unique. */
  newActivityId(now: number): string {
    this.#lastActivityId = Math.max(this.#lastActivityId + 1, now);
    return String(this.#lastActivityId);
  }

  #add(
    fields: Pick<Conversation, 'id' | 'channelId' | 'type' | 'members'> & Partial<Conversation>,
  ): Conversation {
    const conversation: Conversation = {
      name: null,
      teamId: null,
      messages: [],
      botRemoved: false,
      writesBlocked: false,
      ...fields,
    };
    this.#byId.set(conversation.id, conversation);
    return conversation;
  }
}

function baseId(conversationId: string): string {
  return conversationId.split(';')[0] ?? conversationId;
}
