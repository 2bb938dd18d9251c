import { RingdownError } from '../errors.ts';
import type { RingdownYaml } from '../config/ringdownSchema.ts';
import type { Door } from './api/endpoint.ts';
import { bearerOf, findKey, requirePolicy, requireRight } from './authentication.ts';
import type { RequestHead } from './route.ts';

export type Integration = RingdownYaml['integrations'][number];

/** The authenticated sender of alerts or heartbeats. */
export interface Sender {
  /** Dedup keys are unique within one source. */
  source: string;
  name: string;
  /** The secret that the sender signs with, if it signs. */
  signatureSecret: string | null;
}

/** Identifies the sender, and checks its rights. */
interface Identified {
  sender: Sender;
  /** @throws RingdownError forbidden, rate_limited */
  authorize: () => Promise<void>;
}

/**
 * Authenticates by the head of a request: an integration key (in the header, or as `?token=` because some senders
 * cannot set headers), or an API key.
 *
 * @param kind the format of the alerts; null if the request has no format
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
    // Separate from what the same key starts through the API, and from alerts in other formats.
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
