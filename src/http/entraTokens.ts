import type { Clock } from '../clock.ts';
import type { Cloud } from '../config/clouds.ts';
import { isGuid } from '../config/guids.ts';
import type { CheckEntraToken, EntraCaller } from './authentication.ts';
import { createEntraVerifier, type EntraToken } from './entraVerifier.ts';

export interface EntraTokenOptions {
  cloud: Pick<Cloud, 'loginUrl' | 'v1Issuers'>;
  tenantId: string;
  /** The API's application id or application ID URI. */
  audience: string;
  clock: Clock;
}

/** The name of both the app role and the delegated scope. */
const CALLS_PLACE = 'Calls.Place';

/** Checks access tokens for the API. */
export function createEntraTokens({ audience, ...options }: EntraTokenOptions): CheckEntraToken {
  const audiences = audiencesOf(audience);
  const verify = createEntraVerifier({ ...options, audiences: () => audiences });
  return async (token) => callerOf(await verify(token));
}

/** The default application ID URI is `api://<application id>`. */
function audiencesOf(audience: string): string[] {
  const id = audience.replace(/^api:\/\//i, '');
  return isGuid(id) ? [id, `api://${id}`] : [audience];
}

function callerOf({ id, client, account, roles, scopes, isApplication, isGuest }: EntraToken): EntraCaller {
  const hasRole = roles.includes(CALLS_PLACE);
  return {
    id,
    name: account ?? client,
    may: hasRole ? ['place', 'read', 'acknowledge'] : scopes.includes(CALLS_PLACE) ? ['place'] : [],
    person: isApplication ? null : { isGuest, byScopeOnly: !hasRole },
  };
}
