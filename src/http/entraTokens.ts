import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { RingdownError } from '../errors.ts';
import { requireClaim } from '../tokenClaims.ts';

export interface EntraTokenOptions {
  /** Root of Entra's login, without a last slash. */
  loginUrl: string;
  tenantId: string;
  /** The `aud` that this API's application registration has. */
  audience: string;
  clock: Clock;
}

/** An application, or a person, whom Entra vouches for. */
export interface EntraCaller {
  /** Object id of the service principal or the user. */
  id: string;
  name: string;
  mayPlaceCalls: boolean;
}

/** @throws RingdownError unauthorized; unavailable if the keys cannot be fetched */
export type CheckEntraToken = (token: string) => Promise<EntraCaller>;

const APP_ROLE = 'Calls.Place';
const SKEW_SECONDS = 60;
const FETCH_TIMEOUT_MS = 5_000;
const MAX_AGE_MS = 24 * 60 * 60_000;

const claims = z.object({
  oid: z.string().optional(),
  sub: z.string().optional(),
  azp: z.string().optional(),
  preferred_username: z.string().optional(),
  roles: z.array(z.string()).default([]),
});

/**
 * Checks access tokens of version 2 (RS256, the tenant's issuer and keys, audience, expiry).
 * Source: Microsoft identity platform, "Access tokens" and "Access token claims reference".
 */
export function createEntraTokens({
  loginUrl,
  tenantId,
  audience,
  clock,
}: EntraTokenOptions): CheckEntraToken {
  const tenant = `${loginUrl}/${tenantId}`;
  const keys = createRemoteJWKSet(new URL(`${tenant}/discovery/v2.0/keys`), {
    timeoutDuration: FETCH_TIMEOUT_MS,
    cacheMaxAge: MAX_AGE_MS,
  });
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, keys, {
        algorithms: ['RS256'],
        requiredClaims: ['exp'],
        clockTolerance: SKEW_SECONDS,
        currentDate: new Date(clock.now()),
      });
      requireClaim(payload, 'iss', `${tenant}/v2.0`);
      requireClaim(payload, 'aud', audience);
      const { oid, sub, azp, preferred_username: userName, roles } = claims.parse(payload);
      const id = oid?.toLowerCase() ?? sub ?? azp;
      if (id === undefined) throw new RingdownError('unauthorized');
      return { id, name: userName ?? azp ?? id, mayPlaceCalls: roles.includes(APP_ROLE) };
    } catch (cause) {
      throw refusal(cause);
    }
  };
}

function refusal(cause: unknown): RingdownError {
  if (cause instanceof RingdownError) return cause;
  // jose has no class of its own for an answer of the key server that is not 200.
  const isKeyServers =
    !(cause instanceof errors.JOSEError) ||
    cause instanceof errors.JWKSTimeout ||
    cause instanceof errors.JWKSInvalid ||
    cause.code === 'ERR_JOSE_GENERIC';
  if (cause instanceof z.ZodError || !isKeyServers) return new RingdownError('unauthorized', { cause });
  return new RingdownError('unavailable', { detail: 'The keys of Entra cannot be fetched.', cause });
}
