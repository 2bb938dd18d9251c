import { callbackIssuer } from '../callAutomation/callbacks.ts';
import { json } from '../http/answer.ts';
import { param } from '../http/router.ts';
import type { EmulatorRequest, Route } from '../http/router.ts';
import type { People } from '../people/people.ts';
import type { Grants } from './grants.ts';
import { personTokens, signInRoutes } from './signInRoutes.ts';
import type { SigningKeys } from './signingKeys.ts';

export interface EntraParts {
  /** The keys of callback tokens, of the Bot Framework and of Entra. */
  keys: SigningKeys;
  url: () => string;
  /** Root of Entra's addresses. */
  entraUrl: () => string;
  grants: Grants;
  people: People;
  /** The Graph permissions that every application has. */
  graphRoles: () => string[];
}

/** The public keys of callback tokens, the Bot Framework and Entra, and Entra's endpoints for tokens. */
export function entraRoutes(parts: EntraParts): Route[] {
  const { keys, url, entraUrl, graphRoles } = parts;
  return [
    ...signInRoutes(parts),
    {
      method: 'GET',
      path: '/calling/.well-known/acsopenidconfiguration',
      operation: 'callbackOpenId',
      handle: () =>
        json(200, { issuer: callbackIssuer, jwks_uri: `${url()}/calling/keys`, ...signingAlgorithms }),
    },
    {
      method: 'GET',
      path: '/calling/keys',
      operation: 'callbackKeys',
      handle: async () => json(200, await keys.jwks()),
    },
    {
      method: 'GET',
      path: '/botframework/.well-known/openidconfiguration',
      operation: 'botFramework.openId',
      handle: () => {
        const document = { issuer: 'https://api.botframework.com', jwks_uri: `${url()}/botframework/keys` };
        return json(200, { ...document, ...signingAlgorithms });
      },
    },
    {
      method: 'GET',
      path: '/botframework/keys',
      operation: 'botFramework.keys',
      handle: async () => json(200, await keys.jwks(['msteams', 'webchat', 'directline'])),
    },
    {
      method: 'GET',
      path: '/entra/{tenant}/v2.0/.well-known/openid-configuration',
      operation: 'entra.openId',
      handle: (request) => {
        const tenant = `${entraUrl()}/${param(request, 'tenant')}`;
        const document = {
          issuer: `${tenant}/v2.0`,
          jwks_uri: `${tenant}/discovery/v2.0/keys`,
          authorization_endpoint: `${tenant}/oauth2/v2.0/authorize`,
          token_endpoint: `${tenant}/oauth2/v2.0/token`,
          end_session_endpoint: `${tenant}/oauth2/v2.0/logout`,
          ...signingAlgorithms,
        };
        return json(200, document, { 'access-control-allow-origin': '*' });
      },
    },
    {
      method: 'GET',
      path: '/entra/{tenant}/discovery/v2.0/keys',
      operation: 'entra.keys',
      handle: async () => json(200, await keys.jwks()),
    },
    {
      method: 'POST',
      path: '/entra/{tenant}/oauth2/v2.0/token',
      operation: 'entra.token',
      handle: async (request) =>
        (await personTokens(request, parts)) ??
        json(
          200,
          await clientToken(request, keys, { url: url(), entraUrl: entraUrl(), graphRoles: graphRoles() }),
        ),
    },
  ];
}

/** "Access token claims reference": the issuer of version 1 tokens, in the global cloud and the US government's. */
const issuerOfVersion1 = (tenant: string): string => `https://sts.windows.net/${tenant}/`;

const signingAlgorithms = { id_token_signing_alg_values_supported: ['RS256'] };
const tokenLifetimeSeconds = 3600;

const applicationId = /^(?:api:\/\/)?([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/i;

/**
 * Client credentials: any client gets a token with all roles. In Entra the resource's registration decides on the
 * version. Here a resource named by its application id gets version 2, all others version 1.
 */
async function clientToken(
  request: EmulatorRequest,
  keys: SigningKeys,
  { url, entraUrl, graphRoles }: { url: string; entraUrl: string; graphRoles: string[] },
): Promise<object> {
  const form = new URLSearchParams(request.body.toString('utf8'));
  const tenant = param(request, 'tenant');
  const client = form.get('client_id') ?? '';
  const resource = (form.get('scope') ?? '').replace(/\/\.default$/, '');
  const resourceId = applicationId.exec(resource)?.[1];
  const both = {
    tid: tenant,
    oid: client,
    sub: client,
    idp: issuerOfVersion1(tenant),
    roles: resource === url ? graphRoles : ['Calls.Place'],
  };
  const claims =
    resourceId === undefined
      ? { ...both, iss: issuerOfVersion1(tenant), aud: resource, appid: client, appidacr: '1', ver: '1.0' }
      : {
          ...both,
          iss: `${entraUrl}/${tenant}/v2.0`,
          aud: resourceId,
          azp: client,
          azpacr: '1',
          ver: '2.0',
        };
  const token = await keys.sign(claims, tokenLifetimeSeconds * 1000);
  return { token_type: 'Bearer', expires_in: tokenLifetimeSeconds, access_token: token };
}
