import { KeyObject, verify } from 'node:crypto';
import { createLocalJWKSet, decodeProtectedHeader, errors, UnsecuredJWT } from 'jose';
import type { CryptoKey, JWTHeaderParameters, LocalJWKSet } from 'jose';
import type { Logger } from 'pino';
import * as z from 'zod';
import type { Clock } from '../clock.ts';
import { RingdownError } from '../errors.ts';
import { isLoopbackHost } from '../config/loopback.ts';
import { requireClaim } from './tokenClaims.ts';

/** The tokens with which Call Automation proves that a callback is its own. */
export interface CallbackTokens {
  /**
   * @param authorization the request's header
   * @throws RingdownError unavailable: its key is not known and the keys cannot be fetched just now; it may come again
   */
  check(authorization: string | undefined): Promise<'valid' | 'invalid'>;
}

export interface CallbackTokenOptions {
  /** Address of the OpenID document that names the address of the keys; https unless loopback. */
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
 * Tokens with an unknown key id, which anybody can send, do not make us fetch more often than this. It is short: events
 * that come with a new key wait for it, and whether the service sends them again for long is not documented.
 */
const COOL_DOWN_MS = 3_000;
/** Keys that are too old are still good for those who are known by them: they wait for new ones only so often. */
const REFRESH_MS = 60_000;
/** Without any keys nothing works: try again sooner. */
const RETRY_MS = 2_000;

const openIdDocument = z.object({ jwks_uri: z.url() });
const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) });

/** NIST forbids less, and so does jose. */
const SHORTEST_KEY_BITS = 2_048;
/** A header without a signature, for jose's check of the claims. */
const UNSIGNED = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');

/**
 * Source of the rules: Microsoft's "Secure webhook endpoint" for Call Automation (RS256, issuer, audience, expiry).
 *
 * The signature is checked by Node in this thread: jose hands it to another one, which takes three times as long for each
 * of the many events. The choice of the key and the check of the claims are jose's.
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
        const key = await keys.find(headerOf(`${header}.${claims}.${signature}`));
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
        // The code only: some of these errors carry the token's content.
        log.debug({ reason: error.code }, 'a callback token was refused');
        return 'invalid';
      }
    },
  };
}

/** @throws JOSEError for another algorithm than RS256, and for extensions that must be understood */
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

/** The service's keys: fetched when first needed, kept for a day, and kept longer if they cannot be fetched again. */
class CallbackKeys {
  readonly #options: CallbackTokenOptions;
  #keys: LocalJWKSet | null = null;
  /** As Node's own check of a signature wants them. */
  readonly #keyObjects = new WeakMap<CryptoKey, KeyObject>();
  /** Epoch milliseconds at which the last success and the last attempt began. */
  #fetchedAt = 0;
  #triedAt: number | null = null;
  #fetching: Promise<void> | null = null;

  constructor(options: CallbackTokenOptions) {
    this.#options = options;
  }

  /** @throws JOSEError for a key that does not exist; RingdownError unavailable */
  async find(header: JWTHeaderParameters): Promise<KeyObject> {
    const found = await this.#find(header);
    const known = this.#keyObjects.get(found) ?? KeyObject.from(found);
    this.#keyObjects.set(found, known);
    if ((known.asymmetricKeyDetails?.modulusLength ?? 0) < SHORTEST_KEY_BITS) {
      throw new errors.JWKSNoMatchingKey();
    }
    return known;
  }

  async #find(header: JWTHeaderParameters): ReturnType<LocalJWKSet> {
    // Without an id any key would do.
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
      // Keys that were fetched before may lack a new one: only those of now say that there is none.
      if (this.#fetchedAt < asked) throw new RingdownError('unavailable');
      return await this.#keys(header);
    }
  }

  #age(since: number): number {
    return this.#options.clock.now() - since;
  }

  /** Fetches the keys, unless that was tried within `pauseMs`. Those who come meanwhile wait for the same. */
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
      this.#fetchedAt = at;
    } catch (error) {
      log.warn(
        { err: error, openIdUrl, haveOlder: this.#keys !== null },
        'the keys of callbacks cannot be fetched',
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

/** What the key server says is for the log only. */
class KeysRefused extends Error {
  constructor(status: number) {
    super(`the key server answered ${status}`);
    this.name = 'KeysRefused';
  }
}

/** Whoever can change what is fetched can send any event. */
function secure(address: string): string {
  const { protocol, hostname } = new URL(address);
  if (protocol !== 'https:' && !isLoopbackHost(hostname)) {
    throw new RingdownError('unavailable', { detail: 'jwks_uri is neither https nor on this machine.' });
  }
  return address;
}
