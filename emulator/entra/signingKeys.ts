import { randomUUID } from 'node:crypto';
import { SignJWT, createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify } from 'jose';
import type { CryptoKey, JWK, JWTPayload } from 'jose';

interface SigningKey {
  kid: string;
  privateKey: CryptoKey;
  jwk: JWK;
}

/** RS256 keys that sign what the emulator hands out; the public halves are published as a JWK set. */
export class SigningKeys {
  #keys: Promise<SigningKey[]> | null = null;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Resolves when there is a key to sign with. Threads make it, and now and then take a second: a test that moves its
   * clock would take the first callback for one that waits for the clock.
   */
  async ready(): Promise<void> {
    await this.#all();
  }

  /** Public keys, newest first. `endorsements` is what Bot Framework adds to each of its keys. */
  async jwks(endorsements?: string[]): Promise<{ keys: object[] }> {
    const keys = await this.#all();
    return { keys: keys.map(({ jwk }) => (endorsements ? { ...jwk, endorsements } : jwk)) };
  }

  /** A token that is valid from now on for `lifetimeMs`. */
  async sign(claims: JWTPayload, lifetimeMs: number): Promise<string> {
    const [key] = await this.#all();
    if (key === undefined) return '';
    const now = Math.floor(this.#now() / 1000);
    return await new SignJWT({ nbf: now, iat: now, exp: now + Math.floor(lifetimeMs / 1000), ...claims })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: key.kid })
      .sign(key.privateKey);
  }

  /** What a token of ours says; null if it is none, or is not valid now. */
  async verify(token: string): Promise<JWTPayload | null> {
    const keys = (await this.#all()).map(({ jwk }) => jwk);
    try {
      const currentDate = new Date(this.#now());
      return (await jwtVerify(token, createLocalJWKSet({ keys }), { currentDate })).payload;
    } catch {
      return null;
    }
  }

  /** New tokens are signed with a new key; the old ones stay published unless `forgetOld`. */
  async rotate(options: { forgetOld?: boolean } = {}): Promise<void> {
    const old = options.forgetOld === true ? [] : await this.#all();
    this.#keys = newKey().then((key) => [key, ...old]);
    await this.#keys;
  }

  async #all(): Promise<SigningKey[]> {
    firstKey ??= newKey();
    this.#keys ??= firstKey.then((key) => [key]);
    return await this.#keys;
  }
}

/** Making a key takes a tenth of a second: all emulators of a process begin with the same. */
let firstKey: Promise<SigningKey> | null = null;

async function newKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { modulusLength: 2048 });
  const kid = randomUUID();
  const jwk = await exportJWK(publicKey);
  return { kid, privateKey, jwk: { ...jwk, kid, use: 'sig', alg: 'RS256' } };
}
