import { RingdownError } from '../errors.ts';
import type { RingdownYaml } from '../ringdownSchema.ts';
import type { Door } from './api/endpoint.ts';
import { findKey, requirePolicy, requireRight } from './authentication.ts';
import type { HttpRequest } from './route.ts';

export type Integration = RingdownYaml['integrations'][number];

/** Who sends alerts or signs of life. */
export interface Sender {
  /** Alerts of one source are told apart by their keys. */
  source: string;
  name: string;
  /** What the sender signs with, if it does. */
  signatureSecret: string | null;
}

/**
 * Lets in an integration (its key in the header, or as `?token=` because some senders can set no header), or a key of
 * the API that may place calls.
 *
 * @param kind the format that it sends; null for what has none
 * @throws RingdownError unauthorized, forbidden, rate_limited, unavailable
 */
export async function authenticateSender(
  request: HttpRequest,
  parts: {
    door: Door;
    integrations: readonly Integration[];
    kind: Integration['kind'] | null;
    policy: string;
  },
): Promise<Sender> {
  const { door, integrations, kind, policy } = parts;
  const bearer = /^Bearer +([\x21-\x7e]{1,8192})$/i.exec(request.headers.authorization ?? '')?.[1];
  const token = bearer ?? request.query.get('token');
  const integration = token === null ? null : findKey(token, integrations);
  if (integration) {
    if (kind !== null && integration.kind !== kind) {
      throw new RingdownError('forbidden', { detail: `This key is for ${integration.kind}.` });
    }
    if (integration.policy !== policy) {
      throw new RingdownError('forbidden', { detail: 'This key is for another policy.' });
    }
    const { name, signatureSecret } = integration;
    return { source: `integration:${name}`, name, signatureSecret: signatureSecret ?? null };
  }
  const caller = await door.authenticate(request);
  requireRight(caller, 'place');
  requirePolicy(caller, policy);
  await door.count(caller);
  // Apart from what the same key starts through the API, and from what it sends in other formats.
  return { source: `${kind ?? 'heartbeat'}:${caller.id}`, name: caller.name, signatureSecret: null };
}
