import { createLocalJWKSet, errors, jwtVerify } from 'jose';
import type { JWTHeaderParameters, LocalJWKSet } from 'jose';
import type { Logger } from 'pino';
import * as z from 'zod';
import type { Clock } from '../clock.ts';
import { RingdownError } from '../errors.ts';
import { isLoopbackHost } from '../loopback.ts';
import { requireClaim } from '../tokenClaims.ts';

/** The tokens with which Call Automation proves that a callback is its own. */
export interface CallbackTokens {
  /**
   * @param authorization the request's header
   * @throws RingdownError unavailable: there are no keys, and none can be fetched
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
/** Tokens with an unknown key id, which anybody can send, do not make us fetch more often than this. */
const COOL_DOWN_MS = 60_000;
/** Without any keys nothing works: try again sooner. */
const RETRY_MS = 2_000;

const openIdDocument = z.object({ jwks_uri: z.url() });
const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) });

/** Source of the rules: Microsoft's "Secure webhook endpoint" for Call Automation (RS256, issuer, audience, expiry). */
export function createCallbackTokens(options: CallbackTokenOptions): CallbackTokens {
  const { issuer, audience, clock, log } = options;
  const keys = new CallbackKeys(options);
  return {
    async check(authorization) {
      const token = /^Bearer +([\w.-]+)$/i.exec(authorization ?? '')?.[1];
      if (token === undefined) return 'invalid';
      try {
        const { payload } = await jwtVerify(token, async (header) => await keys.find(header), {
          algorithms: ['RS256'],
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

/** The service's keys: fetched when first needed, kept for a day, and kept longer if they cannot be fetched again. */
class CallbackKeys {
  readonly #options: CallbackTokenOptions;
  #keys: LocalJWKSet | null = null;
  /** Epoch milliseconds of the last success and of the last attempt. */
  #fetchedAt = 0;
  #triedAt: number | null = null;
  #fetching: Promise<void> | null = null;

  constructor(options: CallbackTokenOptions) {
    this.#options = options;
  }

  /** @throws JOSEError for a key that does not exist; RingdownError unavailable */
  async find(header: JWTHeaderParameters): ReturnType<LocalJWKSet> {
    // Without an id any key would do.
    if (!header.kid) throw new errors.JWKSNoMatchingKey();
    if (this.#keys === null || this.#age(this.#fetchedAt) >= MAX_AGE_MS) await this.#fetch();
    try {
      return await this.#known(header);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await this.#fetch();
      return await this.#known(header);
    }
  }

  async #known(header: JWTHeaderParameters): ReturnType<LocalJWKSet> {
    if (this.#keys === null) throw new RingdownError('unavailable');
    return await this.#keys(header);
  }

  #age(since: number): number {
    return this.#options.clock.now() - since;
  }

  /** Fetches the keys, unless that was tried a short while ago. Those who come meanwhile wait for the same. */
  async #fetch(): Promise<void> {
    if (this.#fetching === null) {
      const pause = this.#keys === null ? RETRY_MS : COOL_DOWN_MS;
      if (this.#triedAt !== null && this.#age(this.#triedAt) < pause) return;
      this.#triedAt = this.#options.clock.now();
      this.#fetching = this.#load();
    }
    await this.#fetching;
  }

  async #load(): Promise<void> {
    const { openIdUrl, log } = this.#options;
    try {
      const signal = AbortSignal.timeout(FETCH_TIMEOUT_MS);
      const { jwks_uri: address } = openIdDocument.parse(await this.#get(openIdUrl, signal));
      this.#keys = createLocalJWKSet(keySet.parse(await this.#get(secure(address), signal)));
      this.#fetchedAt = this.#options.clock.now();
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
