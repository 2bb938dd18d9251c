import type { SigningKeys } from '../entra/signingKeys.ts';
import type { Timers } from '../clock.ts';
import { post } from '../http/post.ts';
import type { PostAnswer } from '../http/post.ts';
import type { People } from '../people/people.ts';
import type { Work } from '../work.ts';
import type { Message } from './activity.ts';
import { cardActions } from './cardActions.ts';
import { teamsUser } from './conversations.ts';
import type { ChannelUser, Conversation, Conversations } from './conversations.ts';
import { clientInfo, incomingActivity, withMentions } from './incoming.ts';
import type { ConversationLimits } from './limits.ts';

/** The sender: a person of the tenant (by id or name), or a user of another channel. */
export type Speaker = string | { id: string; name: string };

export interface Where {
  from: Speaker;
  /** Default: the personal chat with the bot. */
  conversation?: Conversation;
  /** The channel message whose thread this belongs to. Default: a new thread. */
  threadId?: string;
  /** Default `msteams`. */
  channelId?: string;
  /** Default: the person's own, or en-US. */
  locale?: string;
}

export interface Said extends Where {
  text?: string;
  /** Who is mentioned: `bot`, or a person by name. In a channel a bot only receives messages that mention it. */
  mentions?: string[];
  /** Further fields. They override those that are built here. */
  fields?: Record<string, unknown>;
}

export interface Heard {
  activityId: string;
  conversationId: string;
  /** What the bot answered to the HTTP request. */
  status: number;
  body: unknown;
}

export interface ChannelParts {
  conversations: Conversations;
  limits: ConversationLimits;
  people: People;
  keys: SigningKeys;
  timers: Timers;
  work: Work;
  tenantId: string;
  serviceUrl: () => string;
}

export interface BotAddress {
  /** The bot's messaging endpoint. */
  url: string;
  /** Signs the activities for this app, as the Bot Framework does. Without it they carry no token. */
  appId: string | null;
  name: string;
}

export type ActivityListener = (event: { what: 'sent' | 'updated' | 'deleted'; message: Message }) => void;

/** Emulates Teams and other channels: sends messages to a bot, and shows what the bot says. */
export class Channel {
  readonly tenantId: string;
  readonly limits: ConversationLimits;
  readonly conversations: Conversations;
  readonly #parts: ChannelParts;
  readonly #listeners = new Set<ActivityListener>();
  readonly #stop = new AbortController();
  #bot: BotAddress | null = null;

  constructor(parts: ChannelParts) {
    this.#parts = parts;
    this.tenantId = parts.tenantId;
    this.limits = parts.limits;
    this.conversations = parts.conversations;
  }

  /** Sets the bot's endpoint, such as `http://127.0.0.1:3978/api/messages`. */
  connect(url: string, options: { appId?: string; name?: string } = {}): void {
    this.#bot = { url, appId: options.appId ?? null, name: options.name ?? 'Ringdown' };
  }

  /** The bot's account in the channel. */
  get bot(): { id: string; name: string } {
    return { id: `28:${this.#bot?.appId ?? 'ringdown'}`, name: this.#bot?.name ?? 'Ringdown' };
  }

  /** A person's personal chat with the bot. */
  personal(from: Speaker, channelId = 'msteams'): Conversation {
    return this.conversations.personal(this.#user(from), channelId);
  }

  groupChat(members: string[], name: string | null = null): Conversation {
    return this.conversations.groupChat(this.#users(members), name);
  }

  /** A channel of a team, by name. With `id` the existing one with this id, if there is one. */
  teamChannel(members: string[], name: string, id?: string): Conversation {
    return this.conversations.teamChannel(this.#users(members), name, id);
  }

  /** Sends a person's message to the bot. */
  async send(said: Said): Promise<Heard> {
    const { text = '', mentions = [], fields = {} } = said;
    const mentioned = mentions.map((who) => (who === 'bot' ? this.bot : this.#mention(who)));
    const marked = withMentions(text, mentioned);
    const locale = this.#locale(said);
    return await this.#post(said, {
      type: 'message',
      textFormat: 'plain',
      text: marked.text,
      entities: [...marked.entities, clientInfo(locale)],
      ...fields,
    });
  }

  /** Presses an Action.Submit button: a message without text. */
  async submit(said: Where & { value: unknown; replyToId?: string }): Promise<Heard> {
    const { value, replyToId } = said;
    return await this.#post(said, {
      type: 'message',
      value,
      replyToId,
      entities: [clientInfo(this.#locale(said))],
    });
  }

  /** Sends an invoke, such as `adaptiveCard/action`. `body` holds the bot's answer. */
  async invoke(said: Where & { name: string; value: unknown; replyToId?: string }): Promise<Heard> {
    const { name, value, replyToId } = said;
    return await this.#post(said, { type: 'invoke', name, value, replyToId });
  }

  /** Presses the button with this title or verb on a message. Inputs are added to its data. */
  async press(
    from: Speaker,
    message: Message,
    titleOrVerb: string,
    inputs: Record<string, unknown> = {},
  ): Promise<Heard> {
    const actions = cardActions(message.activity);
    const action = actions.find(({ title, verb }) => title === titleOrVerb || verb === titleOrVerb);
    const titles = actions.map(({ title }) => title).join(', ');
    if (!action)
      throw new RangeError(`The card has no button "${titleOrVerb}". It has: ${titles || 'none'}.`);
    const conversation = this.conversations.find(message.conversationId);
    if (!conversation) throw new RangeError(`The conversation ${message.conversationId} is gone.`);
    const where: Where = { from, conversation, threadId: message.threadId };
    const data =
      typeof action.data === 'object' && action.data !== null ? { ...action.data, ...inputs } : action.data;
    if (action.type === 'Action.Submit')
      return await this.submit({ ...where, value: data, replyToId: message.id });
    const execute = {
      type: action.type,
      id: action.id ?? undefined,
      title: action.title,
      verb: action.verb,
      data,
    };
    const value = { action: execute, trigger: 'manual' };
    return await this.invoke({ ...where, name: 'adaptiveCard/action', value, replyToId: message.id });
  }

  /** Sends any other activity: conversationUpdate, installationUpdate, messageReaction, or a malformed one. */
  async post(where: Where, fields: Record<string, unknown>): Promise<Heard> {
    return await this.#post(where, fields);
  }

  /** Installs the app for a person, and tells the bot if one is connected (`installationUpdate`). */
  async announceInstallation(from: string): Promise<void> {
    this.#parts.people.change(from, { appInstalled: true });
    if (this.#bot) await this.#post({ from }, { type: 'installationUpdate', action: 'add' });
  }

  /** What the bot has said, oldest first, in the current version; only one thread if the id names one. */
  messages(conversationId?: string): Message[] {
    if (conversationId === undefined) return this.conversations.list().flatMap(({ messages }) => messages);
    const messages = this.conversations.find(conversationId)?.messages ?? [];
    const isThread = conversationId.includes(';');
    return messages.filter(({ deleted, threadId }) => !deleted && (!isThread || threadId === conversationId));
  }

  /**
   * Calls the listener for each message of the bot, and each update and deletion.
   *
   * @returns a function that unsubscribes
   */
  on(_event: 'activity', listener: ActivityListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  tell(what: 'sent' | 'updated' | 'deleted', message: Message): void {
    for (const listener of Array.from(this.#listeners)) listener({ what, message });
  }

  stop(): void {
    this.#stop.abort();
    this.#listeners.clear();
  }

  async #post(where: Where, fields: Record<string, unknown>): Promise<Heard> {
    const bot = this.#bot;
    if (!bot) throw new RangeError('The channel is not connected to a bot: call connect() first.');
    const { timers, work, keys, tenantId } = this.#parts;
    const from = this.#user(where.from);
    const conversation =
      where.conversation ?? this.conversations.personal(from, where.channelId ?? 'msteams');
    const id = this.conversations.newActivityId(timers.now());
    const isChannel = conversation.type === 'channel';
    const threadId = where.threadId ?? (isChannel ? `${conversation.id};messageid=${id}` : conversation.id);
    const serviceUrl = this.#parts.serviceUrl();
    const locale = this.#locale(where);
    const base = {
      id,
      at: timers.now(),
      serviceUrl,
      tenantId,
      bot: this.bot,
      from,
      conversation,
      threadId,
      locale,
    };
    // Teams does not send the language there.
    const isMute = fields['type'] === 'conversationUpdate' && conversation.channelId === 'msteams';
    const activity = { ...incomingActivity(base), ...(isMute ? { locale: undefined } : {}), ...fields };
    const headers: Record<string, string> = { 'content-type': 'application/json; charset=utf-8' };
    const answer = await work.during(async () => {
      if (bot.appId !== null) {
        const claims = { iss: 'https://api.botframework.com', aud: bot.appId, serviceurl: serviceUrl };
        headers['authorization'] = `Bearer ${await keys.sign(claims, 3_600_000)}`;
      }
      const body = JSON.stringify(activity);
      return await post(new URL(bot.url), { headers, body, signal: this.#stop.signal });
    });
    return { activityId: id, conversationId: threadId, status: answer.status, body: parse(answer) };
  }

  #user(speaker: Speaker): ChannelUser {
    if (typeof speaker === 'string') return teamsUser(this.#parts.people.get(speaker));
    return { ...speaker, person: null };
  }

  #users(members: string[]): ChannelUser[] {
    return members.map((member) => this.#user(member));
  }

  #mention(who: string): { id: string; name: string } {
    const { id, name } = this.#user(who);
    return { id, name };
  }

  #locale({ locale, from }: Where): string {
    return locale ?? this.#user(from).person?.preferredLanguage ?? 'en-US';
  }
}

function parse({ body }: PostAnswer): unknown {
  if (body === '') return null;
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
