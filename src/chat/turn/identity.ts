import { createHash } from 'node:crypto';
import type { Requester } from '../../calls/call.ts';
import { isGuid } from '../../config/guids.ts';
import type { Incoming } from './activity.ts';

export interface TrustConfig {
  allowAnonymous: boolean;
  /** In lower case. Empty only with `allowAnonymous`. */
  allowedTenants: readonly string[];
}

/** Whether somebody of another tenant may be heard all the same, by object id. */
export type NamesGuest = (objectId: string) => boolean;

/**
 * Who is speaking. The chat service vouches for a person's object id on Teams only; everybody else has no identity,
 * only a name of their own choice, which therefore is told together with where it comes from.
 *
 * @param somebody stands for a name that is not given
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

/** Names a conversation for lists and limits: all threads of a channel are one. */
export function conversationKey(incoming: Pick<Incoming, 'channelId' | 'conversation'>): string {
  return `${incoming.channelId}|${incoming.conversation.id.split(';', 1)[0] ?? ''}`;
}

/** Names a message, whatever it is edited to. Null if it cannot be told. */
export function messageKeyOf(incoming: Incoming): string | null {
  return incoming.id === null ? null : `${incoming.channelId}|${incoming.conversation.id}|${incoming.id}`;
}

/** Names what was asked for: the same activity, delivered again, has the same. Null if it cannot be told. */
export function requestKeyOf(incoming: Incoming): string | null {
  const message = messageKeyOf(incoming);
  if (message === null || !incoming.isEdit) return message;
  // All edits of a message have its id.
  return `${message}|${createHash('sha256').update(incoming.text).digest('base64url')}`;
}
