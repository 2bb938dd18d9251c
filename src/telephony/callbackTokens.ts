import { KeyObject, verify } from 'node:crypto';
import { createLocalJWKSet, decodeProtectedHeader, errors, UnsecuredJWT } from 'jose';
import type { JWTHeaderParameters, LocalJWKSet } from 'jose';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import * as z from 'zod';
import type { Clock } from '../clock.ts';
import { RingdownError } from '../errors.ts';
import { isLoopbackHost } from '../config/loopback.ts';
import { requireClaim } from './tokenClaims.ts';

/** Verifies the tokens that Call Automation sends with its callbacks. */
export interface CallbackTokens {
  /**
   * @param authorization the value of the `Authorization` header
   * @throws RingdownError unavailable: the signing key is unknown and the keys cannot be fetched right now; a retry
   *   may succeed
   */
  check(authorization: string | undefined): Promise<'valid' | 'invalid'>;
}

export interface CallbackTokenOptions {
  /** Address of the OpenID document that names the `jwks_uri`; https unless loopback. */
  openIdUrl: string;
  issuer: string;
  /** The ACS resource's immutable id. */
  audience: string;
  clock: Clock;
  fetch?: typeof fetch;
  log: Logger;
}

const SKEW_SECONDS = 60;
const FETCH_TIMEOUT_MS = 5_000;
const MAX_AGE_MS = 24 * 60 * 60_000;
/**
 * Minimum pause between fetches caused by unknown key ids. Anybody can send a token with an unknown id, so there must
 * be a limit. It is short because events signed with a new key have to wait for it, and Microsoft does not document
 * for how long the service retries.
 */
const COOL_DOWN_MS = 3_000;
/** When the keys are too old they stay valid, and a refresh is tried at most this often. */
const REFRESH_MS = 60_000;
/** Without any keys no callback can be accepted, so retry sooner. */
const RETRY_MS = 2_000;

const openIdDocument = z.object({ jwks_uri: z.url() });
const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) });

/** More than the service has keys. */
const MOST_HEADERS = 20;

/** NIST rejects shorter keys, and so does jose. */
const SHORTEST_KEY_BITS = 2_048;
/** An unsigned header, so that jose can check the claims alone. */
const UNSIGNED = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');

/**
 * Source: Microsoft's "Secure webhook endpoint" for Call Automation (RS256, issuer, audience, expiry).
 *
 * Node verifies the signature on this thread. jose would hand it to a worker thread, which takes three times as long
 * per event. jose still selects the key and checks the claims.
 */
export function createCallbackTokens(options: CallbackTokenOptions): CallbackTokens {
  const { issuer, audience, clock, log } = options;
  const keys = new CallbackKeys(options);
  return {
    async check(authorization) {
      const token = /^Bearer +([\w-]+)\.([\w-]+)\.([\w-]+)$/i.exec(authorization ?? '');
      if (!token) return 'invalid';
      const [, header = '', claims = '', signature = ''] = token;
      try {
        const key = await keys.find(header, () => headerOf(`${header}.${claims}.${signature}`));
        if (!verify('sha256', Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, 'base64url'))) {
          throw new errors.JWSSignatureVerificationFailed();
        }
        const { payload } = UnsecuredJWT.decode(`${UNSIGNED}.${claims}.`, {
          issuer,
          requiredClaims: ['exp'],
          clockTolerance: SKEW_SECONDS,
          currentDate: new Date(clock.now()),
        });
        requireClaim(payload, 'aud', audience);
        return 'valid';
      } catch (error) {
        if (!(error instanceof errors.JOSEError)) throw error;
        // Log only the code: some of these errors contain the token's content.
        log.debug({ reason: error.code }, 'callback token refused');
        return 'invalid';
      }
    },
  };
}

/** @throws JOSEError if the algorithm is not RS256, or the header has critical extensions */
function headerOf(token: string): JWTHeaderParameters {
  const { alg, crit, ...rest } = readHeader(token);
  if (alg !== 'RS256') throw new errors.JOSEAlgNotAllowed();
  if (crit !== undefined) throw new errors.JOSENotSupported();
  return { ...rest, alg };
}

function readHeader(token: string): ReturnType<typeof decodeProtectedHeader> {
  try {
    return decodeProtectedHeader(token);
  } catch (cause) {
    throw new errors.JWSInvalid(undefined, { cause });
  }
}

/** The service's signing keys: fetched on first use, refreshed daily, and kept if a refresh fails. */
class CallbackKeys {
  readonly #options: CallbackTokenOptions;
  #keys: LocalJWKSet | null = null;
  /** Keys that were found for the headers of tokens: the service sends the same few again and again. */
  readonly #byHeader = new LRUCache<string, KeyObject>({ max: MOST_HEADERS });
  /** When the last successful fetch and the last attempt began. Epoch milliseconds. */
  #fetchedAt = 0;
  #triedAt: number | null = null;
  #fetching: Promise<void> | null = null;

  constructor(options: CallbackTokenOptions) {
    this.#options = options;
  }

  /**
   * @param header as in the token; `read` reads and checks it
   * @throws JOSEError for a refused header or an unknown key; RingdownError unavailable
   */
  async find(header: string, read: () => JWTHeaderParameters): Promise<KeyObject> {
    const known = this.#byHeader.get(header);
    if (known && this.#age(this.#fetchedAt) < MAX_AGE_MS) return known;
    const fetchedAt = this.#fetchedAt;
    const key = KeyObject.from(await this.#find(read()));
    if ((key.asymmetricKeyDetails?.modulusLength ?? 0) < SHORTEST_KEY_BITS) {
      throw new errors.JWKSNoMatchingKey();
    }
    // Not if the keys were replaced meanwhile.
    if (this.#fetchedAt === fetchedAt) this.#byHeader.set(header, key);
    return key;
  }

  async #find(header: JWTHeaderParameters): ReturnType<LocalJWKSet> {
    // A token without a key id would match any key.
    if (!header.kid) throw new errors.JWKSNoMatchingKey();
    const asked = this.#options.clock.now();
    if (this.#keys === null) await this.#fetch(RETRY_MS);
    else if (this.#age(this.#fetchedAt) >= MAX_AGE_MS) await this.#fetch(REFRESH_MS);
    if (this.#keys === null) throw new RingdownError('unavailable');
    try {
      return await this.#keys(header);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      if (this.#fetchedAt < asked) await this.#fetch(COOL_DOWN_MS);
      // Older keys may lack a new one, so only freshly fetched keys prove that this key does not exist.
      if (this.#fetchedAt < asked) throw new RingdownError('unavailable');
      return await this.#keys(header);
    }
  }

  #age(since: number): number {
    return this.#options.clock.now() - since;
  }

  /** Fetches the keys, unless the last attempt began less than `pauseMs` ago. Concurrent callers share one fetch. */
  async #fetch(pauseMs: number): Promise<void> {
    if (this.#fetching === null) {
      if (this.#triedAt !== null && this.#age(this.#triedAt) < pauseMs) return;
      this.#triedAt = this.#options.clock.now();
      this.#fetching = this.#load(this.#triedAt);
    }
    await this.#fetching;
  }

  async #load(at: number): Promise<void> {
    const { openIdUrl, log } = this.#options;
    try {
      const signal = AbortSignal.timeout(FETCH_TIMEOUT_MS);
      const { jwks_uri: address } = openIdDocument.parse(await this.#get(openIdUrl, signal));
      this.#keys = createLocalJWKSet(keySet.parse(await this.#get(secure(address), signal)));
      this.#byHeader.clear();
      this.#fetchedAt = at;
    } catch (error) {
      log.warn(
        { err: error, openIdUrl, haveOlder: this.#keys !== null },
        'cannot fetch the signing keys of callbacks',
      );
    } finally {
      this.#fetching = null;
    }
  }

  async #get(url: string, signal: AbortSignal): Promise<unknown> {
    const { fetch: get = fetch } = this.#options;
    const answer = await get(url, { signal, redirect: 'error', headers: { Accept: 'application/json' } });
    if (!answer.ok) throw new KeysRefused(answer.status);
    return await answer.json();
  }
}

/** For the log only: never shown to the sender. */
class KeysRefused extends Error {
  constructor(status: number) {
    super(`the key server answered ${status}`);
    this.name = 'KeysRefused';
  }
}

/** A key set fetched over plain http could be replaced on the way, and anybody could then forge events. */
function secure(address: string): string {
  const { protocol, hostname } = new URL(address);
  if (protocol !== 'https:' && !isLoopbackHost(hostname)) {
    throw new RingdownError('unavailable', { detail: 'jwks_uri is neither https nor a loopback address.' });
  }
  return address;
}
