import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Cloud } from '../config/clouds.ts';
import { RingdownError } from '../errors.ts';
import { isSameIdentifier } from '../config/guids.ts';
import { requireClaim } from '../telephony/tokenClaims.ts';

export interface EntraVerifierOptions {
  cloud: Pick<Cloud, 'loginUrl' | 'v1Issuers'>;
  tenantId: string;
  /** The values of `aud` that are accepted. */
  audiences: () => readonly string[];
  clock: Clock;
}

/** What a valid access token says. */
export interface EntraToken {
  /** Object id of the user or the service principal, in lower case. */
  id: string;
  /** The application that requested the token. */
  client: string;
  /** The person's display name, if the token has one. */
  name: string | null;
  /** The person's account name; null for an application. */
  account: string | null;
  /** App roles. */
  roles: readonly string[];
  /** Delegated scopes. */
  scopes: readonly string[];
  /** Whether the token is for the application itself, and not for a person. */
  isApplication: boolean;
  isGuest: boolean;
  /** Until when it is accepted: a minute longer than it says, as clocks differ. Epoch milliseconds. */
  expiresAt: number;
}

/** @throws RingdownError unauthorized; unavailable if the keys cannot be fetched */
export type VerifyEntraToken = (token: string) => Promise<EntraToken>;

const SKEW_SECONDS = 60;
const FETCH_TIMEOUT_MS = 5_000;
const MAX_AGE_MS = 24 * 60 * 60_000;

const claims = z.object({
  exp: z.number(),
  oid: z.string().optional(),
  sub: z.string().optional(),
  /** The client: `azp` in version 2, `appid` in version 1. ID tokens have neither. */
  azp: z.string().optional(),
  appid: z.string().optional(),
  name: z.string().optional(),
  /** The person's account: the first in version 2, the others in version 1. */
  preferred_username: z.string().optional(),
  upn: z.string().optional(),
  unique_name: z.string().optional(),
  roles: z.array(z.string()).default([]),
  /** Scopes, separated by spaces. Only in tokens for people, and not in all of them. */
  scp: z.string().optional(),
  /** The guest's home identity provider. Absent, or equal to the issuer, for members of the tenant. */
  idp: z.string().optional(),
  /** 1 for a guest. */
  acct: z.coerce.number().optional(),
});
type Claims = z.infer<typeof claims>;

/**
 * Verifies access tokens of both versions (RS256, the tenant's issuer and keys, audience, expiry). The application's
 * registration decides on the version, not the client: version 2 has the application id as audience, version 1 the
 * application id or the application ID URI.
 *
 * Sources: Microsoft identity platform, "Access tokens", "Access token claims reference" and "Optional claims reference"
 * (https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference).
 */
export function createEntraVerifier({
  cloud,
  tenantId,
  audiences,
  clock,
}: EntraVerifierOptions): VerifyEntraToken {
  const tenant = `${cloud.loginUrl}/${tenantId}`;
  const issuers = [`${tenant}/v2.0`, ...cloud.v1Issuers.map((issuer) => `${issuer}/${tenantId}/`)];
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
      requireClaim(payload, 'iss', ...issuers);
      requireClaim(payload, 'aud', ...audiences());
      return tokenOf(claims.parse(payload), issuers);
    } catch (cause) {
      throw refusal(cause);
    }
  };
}

function tokenOf(claimed: Claims, issuers: readonly string[]): EntraToken {
  const { oid, sub, azp, appid, scp } = claimed;
  const client = azp ?? appid;
  // Access tokens name the client. An ID token does not; without this check it would pass as an application's token,
  // as it has no scope.
  const id = oid?.toLowerCase() ?? sub;
  if (client === undefined || id === undefined) throw new RingdownError('unauthorized');
  return {
    id,
    client,
    name: claimed.name ?? null,
    account: claimed.preferred_username ?? claimed.upn ?? claimed.unique_name ?? null,
    roles: claimed.roles,
    scopes: scp?.split(' ') ?? [],
    // A token for the application itself has no scope, and its subject is the application's own object.
    isApplication: scp === undefined && oid !== undefined && oid === sub,
    isGuest: isGuest(claimed, issuers),
    expiresAt: (claimed.exp + SKEW_SECONDS) * 1000,
  };
}

function isGuest({ acct, idp }: Claims, issuers: readonly string[]): boolean {
  return acct === 1 || (idp !== undefined && !issuers.some((issuer) => isSameIdentifier(issuer, idp)));
}

function refusal(cause: unknown): RingdownError {
  if (cause instanceof RingdownError) return cause;
  // jose has no error class of its own for a key server that answers other than 200.
  const isKeyServers =
    !(cause instanceof errors.JOSEError) ||
    cause instanceof errors.JWKSTimeout ||
    cause instanceof errors.JWKSInvalid ||
    cause.code === 'ERR_JOSE_GENERIC';
  if (cause instanceof z.ZodError || !isKeyServers) return new RingdownError('unauthorized', { cause });
  return new RingdownError('unavailable', { detail: 'The keys of Entra cannot be fetched.', cause });
}
