import { createHash } from 'node:crypto';
import type { Requester } from '../../calls/call.ts';
import { isGuid } from '../../config/guids.ts';
import type { Incoming } from './activity.ts';

export interface TrustConfig {
  allowAnonymous: boolean;
  /** In lower case. Empty only with `allowAnonymous`. */
  allowedTenants: readonly string[];
}

/** Whether `permissions.guests` names this object id, so that a user of another tenant is allowed. */
export type NamesGuest = (objectId: string) => boolean;

/**
 * Who is writing. The chat service vouches for a person's object id only on Teams. Everybody else has no identity, only
 * a name that they chose themselves, so it is always shown together with the channel.
 *
 * @param somebody used if there is no name
 * @returns `foreignTenant` for a Teams user of a tenant that may not use this bot
 */
export function requesterOf(
  incoming: Incoming,
  trust: TrustConfig,
  somebody: string,
  namesGuest: NamesGuest = () => false,
): Requester | 'foreignTenant' {
  const { channelId, from, tenantId } = incoming;
  const objectId = from.aadObjectId;
  if (channelId === 'msteams' && objectId && isGuid(objectId)) {
    const anyTenant = trust.allowAnonymous && trust.allowedTenants.length === 0;
    const isOurs = anyTenant || (tenantId !== null && trust.allowedTenants.includes(tenantId));
    if (!isOurs && !namesGuest(objectId)) return 'foreignTenant';
    return {
      kind: 'chat',
      key: objectId.toLowerCase(),
      name: from.name?.trim() || objectId,
      objectId: objectId.toLowerCase(),
      ...(tenantId === null ? {} : { tenantId }),
    };
  }
  return {
    kind: 'chat',
    key: `${channelId}|${from.id}`,
    name: `${from.name?.trim() || somebody} (${channelId})`,
  };
}

/** Identifies a conversation for lists and limits. All threads of a channel count as one. */
export function conversationKey(incoming: Pick<Incoming, 'channelId' | 'conversation'>): string {
  return `${incoming.channelId}|${incoming.conversation.id.split(';', 1)[0] ?? ''}`;
}

/** Identifies a message; its edits have the same key. Null if the activity has no id. */
export function messageKeyOf(incoming: Incoming): string | null {
  return incoming.id === null ? null : `${incoming.channelId}|${incoming.conversation.id}|${incoming.id}`;
}

/** Identifies a request; redeliveries have the same key. Null if the activity has no id. */
export function requestKeyOf(incoming: Incoming): string | null {
  const message = messageKeyOf(incoming);
  if (message === null || !incoming.isEdit) return message;
  // All edits of a message have the same id, so the text tells them apart.
  return `${message}|${createHash('sha256').update(incoming.text).digest('base64url')}`;
}
