import { RingdownError } from '../errors.ts';
import type { RingdownYaml } from '../config/ringdownSchema.ts';
import type { Door } from './api/endpoint.ts';
import { bearerOf, findKey, requirePolicy, requireRight } from './authentication.ts';
import type { RequestHead } from './route.ts';

export type Integration = RingdownYaml['integrations'][number];

/** Who sends alerts or signs of life. */
export interface Sender {
  /** Alerts of one source are told apart by their keys. */
  source: string;
  name: string;
  /** What the sender signs with, if it does. */
  signatureSecret: string | null;
}

/** Who sends, and whether they may. */
interface Identified {
  sender: Sender;
  /** @throws RingdownError forbidden, rate_limited */
  authorize: () => Promise<void>;
}

/**
 * Knows an integration (its key in the header, or as `?token=` because some senders can set no header), or a key of
 * the API, by the head of a request.
 *
 * @param kind the format that it sends; null for what has none
 * @throws RingdownError unauthorized, forbidden, unavailable
 */
export async function identifySender(
  head: RequestHead,
  parts: {
    door: Door;
    integrations: readonly Integration[];
    kind: Integration['kind'] | null;
    policy: string;
  },
): Promise<Identified> {
  const { door, integrations, kind, policy } = parts;
  const token = bearerOf(head.headers) ?? head.query.get('token');
  const integration = token === null ? null : findKey(token, integrations);
  if (integration) {
    const { name, signatureSecret = null } = integration;
    return {
      sender: { source: `integration:${name}`, name, signatureSecret },
      authorize: async () => await Promise.resolve(requireOwn(integration, kind, policy)),
    };
  }
  const caller = await door.authenticate(head);
  return {
    // Apart from what the same key starts through the API, and from what it sends in other formats.
    sender: { source: `${kind ?? 'heartbeat'}:${caller.id}`, name: caller.name, signatureSecret: null },
    authorize: async () => {
      requireRight(caller, 'place');
      requirePolicy(caller, policy);
      await door.count(caller);
    },
  };
}

/** @throws RingdownError forbidden */
function requireOwn(integration: Integration, kind: Integration['kind'] | null, policy: string): void {
  if (kind !== null && integration.kind !== kind) {
    throw new RingdownError('forbidden', { detail: `This key is for ${integration.kind}.` });
  }
  if (integration.policy !== policy) {
    throw new RingdownError('forbidden', { detail: 'This key is for another policy.' });
  }
}
