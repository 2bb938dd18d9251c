import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { RingdownError } from '../errors.ts';
import type { Limit } from './requestLimits.ts';

export type Right = 'place' | 'read' | 'acknowledge';

export const ALL_RIGHTS: readonly Right[] = ['place', 'read', 'acknowledge'];

/** Who speaks to the API, and what they may do. */
export interface Caller {
  /** Names them among keys and applications. */
  id: string;
  name: string;
  may: readonly Right[];
  /** The policies that they may use; null for all. */
  policies: readonly string[] | null;
  /** Object id of the person for whom an application asks by scope: they may call people, as in a chat. Else null. */
  person: string | null;
  limit: Limit | null;
}

export interface ApiKey extends Omit<Caller, 'id' | 'person'> {
  /** SHA-256 of the key in lower-case hex; the key itself is kept nowhere. */
  hash: string;
}

/** An application, or a person, whom Entra vouches for. */
export interface EntraCaller {
  /** Object id of the service principal or the user. */
  id: string;
  name: string;
  may: readonly Right[];
  /** Null for an application. */
  person: EntraPerson | null;
}

interface EntraPerson {
  isGuest: boolean;
  /** No role was given to the person: an application asks on their behalf, and they may what they may in chats. */
  byScopeOnly: boolean;
}

/** @throws RingdownError unauthorized; unavailable if the keys cannot be fetched */
export type CheckEntraToken = (token: string) => Promise<EntraCaller>;

/** What a request may prove itself with. The keys are read anew each time: the file may have been read again. */
export interface Credentials {
  keys: () => readonly ApiKey[];
  /** Keys of the alert intake. */
  integrations: () => readonly { hash: string }[];
  /** Null: no tokens of Entra are taken. */
  entra: CheckEntraToken | null;
}

/**
 * Who sent the key or the token in `Authorization: Bearer …`.
 *
 * @throws RingdownError unauthorized, forbidden, unavailable
 */
export async function authenticate(
  headers: IncomingHttpHeaders,
  { keys, integrations, entra }: Credentials,
): Promise<Caller> {
  const token = bearerOf(headers);
  if (token === null) throw new RingdownError('unauthorized');
  const key = findKey(token, keys());
  if (key) return { ...key, id: `key:${key.name}`, person: null };
  if (findKey(token, integrations())) {
    throw new RingdownError('forbidden', { detail: 'An integration key is for alerts and heartbeats only.' });
  }
  if (!entra || token.split('.').length !== 3) throw new RingdownError('unauthorized');
  const { id, name, may, person } = await entra(token);
  if (may.length === 0) {
    throw new RingdownError('forbidden', {
      detail: 'The token has neither the app role nor the scope Calls.Place.',
    });
  }
  const byScope = person?.byScopeOnly ?? false;
  return {
    id: `entra:${id}`,
    name,
    may,
    limit: null,
    // No policies: these would let them pause everything, send alerts and signs of life, and call whomever a step names.
    policies: byScope ? [] : null,
    person: byScope ? id : null,
  };
}

/** What stands in `Authorization: Bearer …`; null if nothing does. */
export function bearerOf(headers: IncomingHttpHeaders): string | null {
  return /^Bearer +([\x21-\x7e]{1,8192})$/i.exec(headers.authorization ?? '')?.[1] ?? null;
}

/** The time that it takes tells neither the secret nor its length. */
export function isSameSecret(given: string, own: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given), hash(own));
}

/** @throws RingdownError forbidden */
export function requireRight({ may }: Caller, right: Right): void {
  if (!may.includes(right)) throw new RingdownError('forbidden', { detail: `This key may not ${right}.` });
}

/** @throws RingdownError forbidden */
export function requirePolicy({ policies }: Caller, policy: string | null): void {
  if (policies === null || (policy !== null && policies.includes(policy))) return;
  throw new RingdownError('forbidden', {
    detail: policy === null ? 'This key may only use its policies.' : 'This key may not use that policy.',
  });
}

/** Every key is compared, so that the time says nothing about which one fits. */
export function findKey<Key extends { hash: string }>(token: string, keys: readonly Key[]): Key | null {
  const hash = createHash('sha256').update(token).digest();
  let found: Key | null = null;
  for (const key of keys) {
    const own = Buffer.from(key.hash, 'hex');
    if (own.length === hash.length && timingSafeEqual(own, hash)) found = key;
  }
  return found;
}
