import type { TokenCredential } from '@azure/core-auth';
import { inTime, type Clock } from '../clock.ts';

/** A connection that opens now must be accepted before its token expires. */
const EARLY_MS = 5 * 60_000;
/** After this long without an answer, the next connection asks the identity again. */
const ANSWER_MS = 10_000;

/** Takes the place of an SQLSTATE when the server was not asked. */
export const NO_TOKEN = 'NO_TOKEN';

/**
 * The identity could not get a token for the database. The cause is its error.
 */
export class NoDatabaseToken extends Error {
  readonly code = NO_TOKEN;

  constructor(cause: unknown) {
    super(
      'no Entra token for the database (DATABASE_AUTH=entra): the identity that Ringdown runs as must be there, ' +
        'and AZURE_CLIENT_ID must name it if there are several; `npm run doctor` says more',
      { cause },
    );
    this.name = 'NoDatabaseToken';
  }
}

/**
 * The password for new connections to a PostgreSQL server with Entra authentication: a token, cached until five minutes
 * before it expires. If Entra gives no new token, the old one is used while it is valid. Concurrent connections share
 * one request.
 *
 * Source: "Microsoft Entra authentication with Azure Database for PostgreSQL". The server checks the token when a
 * connection opens and never again.
 *
 * @returns a function that throws NoDatabaseToken
 */
export function entraPassword(
  credential: TokenCredential,
  scope: string,
  clock: Pick<Clock, 'now' | 'setTimeout' | 'clearTimeout'>,
): () => Promise<string> {
  let held = { token: '', expiresAt: 0 };
  let asking: Promise<void> | null = null;

  const renew = async (): Promise<void> => {
    try {
      const given = await inTime(credential.getToken(scope), ANSWER_MS, late, clock);
      if (!given?.token) throw new Error('the identity returned no token');
      held = { token: given.token, expiresAt: given.expiresOnTimestamp };
    } catch (error) {
      if (!(held.expiresAt > clock.now())) throw new NoDatabaseToken(error);
    }
  };

  return async () => {
    // An unreadable expiry is NaN: the token is not cached.
    if (!(held.expiresAt - EARLY_MS > clock.now())) {
      asking ??= renew().finally(() => (asking = null));
      await asking;
    }
    return held.token;
  };
}

function late(): never {
  throw new Error(`the identity did not answer within ${ANSWER_MS / 1000} seconds`);
}
