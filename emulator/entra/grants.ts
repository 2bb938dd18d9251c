import { createHash, randomBytes } from 'node:crypto';

/** What a person has agreed to: the application gets tokens for these scopes. */
export interface Grant {
  /** Object id. */
  person: string;
  client: string;
  scope: string;
}

interface Code extends Grant {
  redirectUri: string;
  nonce: string | null;
  /** SHA-256 of the verifier, base64url. */
  challenge: string;
}

/** People's sessions at the login page, and the codes and refresh tokens that programs redeem. */
export class Grants {
  /** Of access tokens. Set it lower to see how a program renews them. */
  lifetimeSeconds = 3600;
  readonly #sessions = new Map<string, string>();
  readonly #codes = new Map<string, Code>();
  readonly #refreshTokens = new Map<string, Grant>();

  /** @returns the session's cookie */
  signIn(person: string): string {
    return put(this.#sessions, person);
  }

  /** The person of a session; null if it is over. */
  personOf(session: string | undefined): string | null {
    return this.#sessions.get(session ?? '') ?? null;
  }

  signOut(session: string | undefined): void {
    this.#sessions.delete(session ?? '');
  }

  code(code: Code): string {
    return put(this.#codes, code);
  }

  /** A code can be redeemed once, by the program that requested it. */
  redeemCode(
    code: string | null,
    { client, redirectUri, verifier }: { client: string; redirectUri: string; verifier: string },
  ): Code | null {
    const found = take(this.#codes, code);
    if (!found || found.client !== client || found.redirectUri !== redirectUri) return null;
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    return challenge === found.challenge ? found : null;
  }

  refreshToken(grant: Grant): string {
    return put(this.#refreshTokens, grant);
  }

  redeemRefreshToken(token: string | null, client: string): Grant | null {
    const found = take(this.#refreshTokens, token);
    return found?.client === client ? found : null;
  }

  /** Ends everything, as an administrator can. Access tokens stay valid. */
  revokeAll(): void {
    for (const all of [this.#sessions, this.#codes, this.#refreshTokens]) all.clear();
  }
}

function put<Value>(all: Map<string, Value>, value: Value): string {
  const key = randomBytes(24).toString('base64url');
  all.set(key, value);
  return key;
}

function take<Value>(all: Map<string, Value>, key: string | null): Value | undefined {
  const found = all.get(key ?? '');
  all.delete(key ?? '');
  return found;
}
