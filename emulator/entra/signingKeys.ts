import { randomUUID } from 'node:crypto';
import { SignJWT, createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify } from 'jose';
import type { CryptoKey, JWK, JWTPayload } from 'jose';

interface SigningKey {
  kid: string;
  privateKey: CryptoKey;
  jwk: JWK;
}

/** RS256 keys that sign the emulator's tokens. The public halves are published as a JWK set. */
export class SigningKeys {
  #keys: Promise<SigningKey[]> | null = null;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Resolves when there is a key to sign with. Key generation may take a second in another thread, and a test that
   * moves its clock would think that the first callback is waiting for the clock.
   */
  async ready(): Promise<void> {
    await this.#all();
  }

  /** Public keys, newest first. The Bot Framework adds `endorsements` to each of its keys. */
  async jwks(endorsements?: string[]): Promise<{ keys: object[] }> {
    const keys = await this.#all();
    return { keys: keys.map(({ jwk }) => (endorsements ? { ...jwk, endorsements } : jwk)) };
  }

  /** Signs a token that is valid from now on for `lifetimeMs`. */
  async sign(claims: JWTPayload, lifetimeMs: number): Promise<string> {
    const [key] = await this.#all();
    if (key === undefined) return '';
    const now = Math.floor(this.#now() / 1000);
    return await new SignJWT({ nbf: now, iat: now, exp: now + Math.floor(lifetimeMs / 1000), ...claims })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: key.kid })
      .sign(key.privateKey);
  }

  /** The claims of one of our tokens; null if it is not ours or not valid now. */
  async verify(token: string): Promise<JWTPayload | null> {
    const keys = (await this.#all()).map(({ jwk }) => jwk);
    try {
      const currentDate = new Date(this.#now());
      return (await jwtVerify(token, createLocalJWKSet({ keys }), { currentDate })).payload;
    } catch {
      return null;
    }
  }

  /** Signs new tokens with a new key. The old keys stay published unless `forgetOld`. */
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

/** Generating a key takes a tenth of a second, so all emulators of a process share the first one. */
let firstKey: Promise<SigningKey> | null = null;

async function newKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { modulusLength: 2048 });
  const kid = randomUUID();
  const jwk = await exportJWK(publicKey);
  return { kid, privateKey, jwk: { ...jwk, kid, use: 'sig', alg: 'RS256' } };
}
