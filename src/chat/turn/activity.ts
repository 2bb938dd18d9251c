import type { Activity } from 'botbuilder';
import { LRUCache } from 'lru-cache';
import * as z from 'zod';
import { storable } from '../../database/storable.ts';
import { RingdownError } from '../../errors.ts';

/** A string that PostgreSQL can store. Ids must be such strings; message texts may contain anything. */
const plain = (most: number) =>
  z
    .string()
    .max(most)
    .refine((text) => text === storable(text), 'must not contain NUL or lone surrogates');
const id = plain(2_000).min(1);
const account = z.looseObject({
  id,
  name: z.string().max(1_000).nullish(),
  aadObjectId: plain(100).nullish(),
});

/** The parts of an activity that are read here. The rest is passed to the SDK unchanged. */
const activitySchema = z.looseObject({
  type: plain(100).min(1),
  id: id.optional(),
  channelId: plain(100).min(1),
  serviceUrl: id,
  from: account,
  recipient: account,
  conversation: z.looseObject({
    id,
    conversationType: z.string().max(100).nullish(),
    isGroup: z.boolean().nullish(),
    tenantId: plain(100).nullish(),
  }),
  text: z.string().nullish(),
  locale: plain(100).nullish(),
  localTimezone: plain(100).nullish(),
  replyToId: id.nullish(),
  name: plain(200).nullish(),
});
const tenantInChannelData = z.looseObject({ tenant: z.looseObject({ id: plain(100) }) });
const eventInChannelData = z.looseObject({ eventType: z.string() });

/** An incoming activity in the form that the chat works with. */
export interface Incoming {
  type: string;
  /** Null for the few without one. Their redeliveries cannot be recognised. */
  id: string | null;
  channelId: string;
  serviceUrl: string;
  from: { id: string; name: string | null; aadObjectId: string | null };
  botId: string;
  conversation: { id: string; kind: 'personal' | 'group' };
  tenantId: string | null;
  text: string;
  /** Whether this is the new text of an edited message. */
  isEdit: boolean;
  entities: unknown;
  attachments: unknown;
  /** The value of a button (Action.Submit) or of an invoke. */
  value: unknown;
  locale: string | undefined;
  /** IANA time zone of the client; null if it sent none, or one that this runtime does not know. */
  timeZone: string | null;
  /** The message with the pressed button. */
  replyToId: string | null;
  invokeName: string | null;
  membersAdded: string[];
  membersRemoved: string[];
  /** The action of an installationUpdate. Not all are installations: `add-upgrade`, for example, is not. */
  action: string | null;
}

/**
 * Reads the body of a request from the Bot Framework.
 *
 * @throws RingdownError bad_request
 */
export function readActivity(body: unknown): { activity: Activity; incoming: Incoming } {
  const { data: read } = activitySchema.safeParse(body);
  if (!read || !isActivity(body, read)) {
    throw new RingdownError('bad_request', { detail: 'This is not an activity.' });
  }
  const channelData = tenantInChannelData.safeParse(body.channelData);
  const { conversation, from } = read;
  const incoming: Incoming = {
    type: read.type,
    id: read.id ?? null,
    channelId: read.channelId,
    serviceUrl: read.serviceUrl,
    from: { id: from.id, name: from.name ?? null, aadObjectId: from.aadObjectId ?? null },
    botId: read.recipient.id,
    conversation: { id: conversation.id, kind: isGroup(conversation) ? 'group' : 'personal' },
    tenantId: (channelData.data?.tenant.id ?? conversation.tenantId)?.toLowerCase() ?? null,
    text: read.text ?? '',
    isEdit: read.type === 'messageUpdate' && isEdit(body.channelData),
    entities: read['entities'],
    attachments: read['attachments'],
    value: read['value'],
    locale: read.locale ?? undefined,
    timeZone: knownZone(read.localTimezone),
    replyToId: read.replyToId ?? null,
    invokeName: read.name ?? null,
    membersAdded: membersOf(read['membersAdded']),
    membersRemoved: membersOf(read['membersRemoved']),
    action: typeof read['action'] === 'string' ? read['action'] : null,
  };
  return { activity: withDates(body), incoming };
}

/** Teams sends the same activity type when a deleted message is restored. */
function isEdit(channelData: unknown): boolean {
  const { data } = eventInChannelData.safeParse(channelData);
  return data === undefined || data.eventType === 'editMessage';
}

/** Creating a formatter is slow, and people use few time zones. */
const zones = new LRUCache<string, { name: string | null }>({
  max: 100,
  memoMethod: (name) => {
    try {
      return { name: new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone };
    } catch {
      return { name: null };
    }
  },
});

function knownZone(name: string | null | undefined): string | null {
  return name ? zones.memo(name).name : null;
}

/** @param read the result of parsing `body` */
function isActivity(body: unknown, read: z.output<typeof activitySchema>): body is Activity {
  return typeof body === 'object' && body !== null && 'type' in body && body.type === read.type;
}

/** Teams sends the conversation type; other channels send at most `isGroup`. */
function isGroup(conversation: {
  conversationType?: string | null | undefined;
  isGroup?: boolean | null | undefined;
}): boolean {
  const { conversationType } = conversation;
  return conversationType ? conversationType !== 'personal' : conversation.isGroup === true;
}

const membersSchema = z.array(z.looseObject({ id: z.string() }));

function membersOf(value: unknown): string[] {
  // Nearly all activities are messages, and have none.
  if (value === undefined) return [];
  const members = membersSchema.safeParse(value);
  return members.success ? members.data.map((member) => member.id) : [];
}

/** The SDK's serializer expects Date objects for these. */
function withDates(activity: Activity): Activity {
  const date = (value: unknown): Date | undefined => {
    const read = typeof value === 'string' ? new Date(value) : undefined;
    return read && !Number.isNaN(read.getTime()) ? read : undefined;
  };
  const { timestamp, localTimestamp, expiration, ...rest } = activity;
  const dates = {
    timestamp: date(timestamp),
    localTimestamp: date(localTimestamp),
    expiration: date(expiration),
  };
  return { ...rest, ...Object.fromEntries(Object.entries(dates).filter(([, value]) => value)) };
}
