import type { ChannelUser, Conversation } from './conversations.ts';

export interface Mention {
  id: string;
  name: string;
}

export interface IncomingParts {
  id: string;
  at: number;
  serviceUrl: string;
  tenantId: string;
  bot: Mention;
  from: ChannelUser;
  conversation: Conversation;
  /** The channel thread of the message. */
  threadId: string;
  locale: string;
}

/** The fields of every activity to the bot, with Teams' additions on `msteams`. */
export function incomingActivity(parts: IncomingParts): Record<string, unknown> {
  const { conversation, from, tenantId } = parts;
  const time = new Date(parts.at).toISOString();
  const activity = {
    id: parts.id,
    timestamp: time,
    serviceUrl: parts.serviceUrl,
    channelId: conversation.channelId,
    recipient: parts.bot,
    locale: parts.locale,
  };
  if (conversation.channelId !== 'msteams') {
    return {
      ...activity,
      from: { id: from.id, name: from.name, role: 'user' },
      conversation: { id: conversation.id },
    };
  }
  const team = {
    channel: { id: conversation.id },
    team: { id: conversation.teamId, name: conversation.name },
  };
  const isChannel = conversation.type === 'channel';
  return {
    ...activity,
    localTimestamp: time,
    localTimezone: 'Europe/Berlin',
    from: { id: from.id, name: from.name, ...(from.person ? { aadObjectId: from.person.id } : {}) },
    conversation: {
      id: parts.threadId,
      tenantId,
      conversationType: conversation.type,
      ...(conversation.type === 'personal' ? {} : { isGroup: true, name: conversation.name ?? undefined }),
    },
    channelData: { tenant: { id: tenantId }, ...(isChannel ? team : {}) },
  };
}

/** What Teams says about the client in each message. */
export function clientInfo(locale: string): object {
  const country = locale.split('-')[1] ?? 'US';
  return { type: 'clientInfo', locale, country, platform: 'Web', timezone: 'Europe/Berlin' };
}

/** `<at>` in the text marks a mention. A mention that the text lacks is put in front. */
export function withMentions(text: string, mentioned: Mention[]): { text: string; entities: object[] } {
  let whole = text;
  const entities = mentioned.map((who) => {
    const mark = `<at>${who.name}</at>`;
    if (!whole.includes(mark)) whole = `${mark} ${whole}`;
    return { type: 'mention', mentioned: who, text: mark };
  });
  return { text: whole, entities };
}
