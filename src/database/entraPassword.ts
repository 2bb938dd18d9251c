import type { TokenCredential } from '@azure/core-auth';
import { inTime, type Clock } from '../clock.ts';

/** A new connection that begins now has to be let in before its token expires. */
const EARLY_MS = 5 * 60_000;
/** An identity that does not answer for so long is asked anew by the next connection. */
const ANSWER_MS = 10_000;

/** Stands where an SQLSTATE would: the server was not asked. */
export const NO_TOKEN = 'NO_TOKEN';

/**
 * The identity gets no token for the database. The cause is the identity's own error.
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
 * The password of each new connection to a PostgreSQL server that lets an Entra identity in: a token, kept until five
 * minutes before it expires. While Entra gives no new one, one that still holds is used on. Many connections that are
 * opened at once ask once.
 *
 * Source: "Microsoft Entra authentication with Azure Database for PostgreSQL". The server looks at the token when a
 * connection is opened, never afterwards.
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
      if (!given?.token) throw new Error('the identity answers with no token');
      held = { token: given.token, expiresAt: given.expiresOnTimestamp };
    } catch (error) {
      if (!(held.expiresAt > clock.now())) throw new NoDatabaseToken(error);
    }
  };

  return async () => {
    // Of an expiry that cannot be read, NaN, nothing is kept.
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
