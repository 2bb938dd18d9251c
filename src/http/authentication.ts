import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { RingdownError } from '../errors.ts';
import type { Limit } from './requestLimits.ts';

export type Right = 'place' | 'read' | 'acknowledge';

export const ALL_RIGHTS: readonly Right[] = ['place', 'read', 'acknowledge'];

/** The authenticated sender of a request, and its rights. */
export interface Caller {
  /** Unique among keys and applications. */
  id: string;
  name: string;
  may: readonly Right[];
  /** The policies that the caller may use; null for all. */
  policies: readonly string[] | null;
  /**
   * If an application calls with a delegated scope, the object id of its user. The user may call people, as in a
   * chat. Otherwise null.
   */
  person: string | null;
  limit: Limit | null;
}

export interface ApiKey extends Omit<Caller, 'id' | 'person'> {
  /** SHA-256 of the key in lower-case hex. The key itself is not stored. */
  hash: string;
}

/** An application or a person, authenticated by Entra. */
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
  /**
   * True if the person has no app role: an application acts on their behalf, with the rights that they have in chats.
   */
  byScopeOnly: boolean;
}

/** @throws RingdownError unauthorized; unavailable if the keys cannot be fetched */
export type CheckEntraToken = (token: string) => Promise<EntraCaller>;

/**
 * The credentials that a request may use. The keys are read for each request, because the file may have been
 * reloaded.
 */
export interface Credentials {
  keys: () => readonly ApiKey[];
  /** Integration keys, for the alert intake. */
  integrations: () => readonly { hash: string }[];
  /** Null if Entra tokens are not accepted. */
  entra: CheckEntraToken | null;
}

/**
 * Identifies the caller by the key or token in `Authorization: Bearer …`.
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
    // No policies: with them the person could pause all calls, send alerts and heartbeats, and call anybody whom a
    // step names.
    policies: byScope ? [] : null,
    person: byScope ? id : null,
  };
}

/** The bearer token of the `Authorization` header; null if there is none. */
export function bearerOf(headers: IncomingHttpHeaders): string | null {
  return /^Bearer +([\x21-\x7e]{1,8192})$/i.exec(headers.authorization ?? '')?.[1] ?? null;
}

/** Compares in constant time, so that timing reveals neither the secret nor its length. */
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

/** Compares with every key, so that timing does not reveal which one matched. */
export function findKey<Key extends { hash: string }>(token: string, keys: readonly Key[]): Key | null {
  const hash = createHash('sha256').update(token).digest();
  let found: Key | null = null;
  for (const key of keys) {
    const own = Buffer.from(key.hash, 'hex');
    if (own.length === hash.length && timingSafeEqual(own, hash)) found = key;
  }
  return found;
}
