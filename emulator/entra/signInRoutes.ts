import { empty, json, text } from '../http/answer.ts';
import type { Answer } from '../http/answer.ts';
import { param } from '../http/router.ts';
import type { EmulatorRequest, Route } from '../http/router.ts';
import type { People } from '../people/people.ts';
import type { Person } from '../people/person.ts';
import type { Grant, Grants } from './grants.ts';
import type { SigningKeys } from './signingKeys.ts';

export interface SignInParts {
  keys: SigningKeys;
  grants: Grants;
  people: Pick<People, 'list' | 'byId'>;
  /** Root of Entra's addresses. */
  entraUrl: () => string;
}

const COOKIE = 'emulatedSession';

/**
 * The login page, which lists the people, and the end of a session: the authorization code flow with PKCE, as MSAL uses
 * it in a browser. Source: "Microsoft identity platform and OAuth 2.0 authorization code flow"
 * (https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow).
 */
export function signInRoutes(parts: SignInParts): Route[] {
  const { grants, people } = parts;
  return [
    {
      method: 'GET',
      path: '/entra/{tenant}/oauth2/v2.0/authorize',
      operation: 'entra.authorize',
      handle: (request) => authorize(request, parts),
    },
    {
      method: 'GET',
      path: '/entra/{tenant}/oauth2/v2.0/logout',
      operation: 'entra.logout',
      handle: ({ headers, url }) => {
        grants.signOut(sessionIn(headers));
        const next = url.searchParams.get('post_logout_redirect_uri');
        return next === null ? text(200, 'Signed out.') : empty(302, { location: next });
      },
    },
  ];

  function authorize({ url, headers }: EmulatorRequest, { entraUrl }: SignInParts): Answer {
    const asked = url.searchParams;
    const chosen = people.byId(asked.get('person') ?? '')?.id;
    const isNew = asked.get('prompt') === 'select_account' || asked.get('prompt') === 'login';
    const person = chosen ?? (isNew ? null : grants.personOf(sessionIn(headers)));
    const back = (answer: Record<string, string>): Answer => {
      const fragment = new URLSearchParams({ ...answer, state: asked.get('state') ?? '' });
      return empty(302, { location: `${asked.get('redirect_uri')}#${fragment.toString()}` });
    };
    if (person === null && asked.get('prompt') === 'none') {
      return back({ error: 'login_required', error_description: 'AADSTS50058: nobody is signed in.' });
    }
    if (person === null) return loginPage(url, people.list());
    const code = grants.code({
      person,
      client: asked.get('client_id') ?? '',
      scope: asked.get('scope') ?? '',
      redirectUri: asked.get('redirect_uri') ?? '',
      nonce: asked.get('nonce'),
      challenge: asked.get('code_challenge') ?? '',
    });
    const answer = back({ code, client_info: clientInfo(person, tenantOf(url)), session_state: person });
    const session = `${COOKIE}=${grants.signIn(person)}; Path=${new URL(entraUrl()).pathname}`;
    // A page in a frame of another site asks with prompt=none.
    return {
      ...answer,
      headers: { ...answer.headers, 'set-cookie': `${session}; Secure; HttpOnly; SameSite=None` },
    };
  }
}

/** Answers a code or a refresh token with tokens for a person; null if the request is of another kind. */
export async function personTokens(request: EmulatorRequest, parts: SignInParts): Promise<Answer | null> {
  const { grants } = parts;
  const form = new URLSearchParams(request.body.toString('utf8'));
  const client = form.get('client_id') ?? '';
  const kind = form.get('grant_type');
  const cors = { 'access-control-allow-origin': request.headers['origin'] ?? '*' };
  if (kind !== 'authorization_code' && kind !== 'refresh_token') return null;
  const code =
    kind === 'authorization_code'
      ? grants.redeemCode(form.get('code'), {
          client,
          redirectUri: form.get('redirect_uri') ?? '',
          verifier: form.get('code_verifier') ?? '',
        })
      : null;
  const grant = code ?? grants.redeemRefreshToken(form.get('refresh_token'), client);
  if (grant === null) {
    const refusal = { error: 'invalid_grant', error_description: 'AADSTS70008: the grant has expired.' };
    return json(400, refusal, cors);
  }
  return json(200, await tokens(param(request, 'tenant'), grant, code?.nonce ?? null, parts), cors);
}

async function tokens(
  tenant: string,
  grant: Grant,
  nonce: string | null,
  { keys, grants, people, entraUrl }: SignInParts,
): Promise<object> {
  const { client, scope } = grant;
  const person = people.byId(grant.person);
  const about = {
    iss: `${entraUrl()}/${tenant}/v2.0`,
    tid: tenant,
    oid: grant.person,
    sub: grant.person,
    name: person?.displayName,
    preferred_username: person?.userPrincipalName,
    acct: person?.userType === 'Guest' ? 1 : 0,
    ver: '2.0',
  };
  // `<application>/access_as_user openid profile`: the rest names what the ID token contains.
  const own = scope.split(' ').find((one) => one.includes('/')) ?? '';
  const scp = own.slice(own.lastIndexOf('/') + 1);
  const { lifetimeSeconds } = grants;
  return {
    token_type: 'Bearer',
    scope,
    expires_in: lifetimeSeconds,
    ext_expires_in: lifetimeSeconds,
    access_token: await keys.sign(
      { ...about, aud: client, azp: client, azpacr: '0', scp },
      lifetimeSeconds * 1000,
    ),
    id_token: await keys.sign({ ...about, aud: client, ...(nonce === null ? {} : { nonce }) }, 3_600_000),
    refresh_token: grants.refreshToken(grant),
    client_info: clientInfo(grant.person, tenant),
  };
}

/** MSAL's name of an account. */
function clientInfo(person: string, tenant: string): string {
  return Buffer.from(JSON.stringify({ uid: person, utid: tenant })).toString('base64url');
}

function tenantOf({ pathname }: URL): string {
  return pathname.split('/')[2] ?? '';
}

function sessionIn({ cookie = '' }: Record<string, string>): string | undefined {
  return new RegExp(`(?:^|; )${COOKIE}=([^;]+)`).exec(cookie)?.[1];
}

/** Links that add the person to the request. */
function loginPage(
  url: URL,
  people: readonly Pick<Person, 'id' | 'displayName' | 'userPrincipalName'>[],
): Answer {
  const links = people
    .filter(({ userPrincipalName }) => userPrincipalName)
    .map(({ id, displayName }) => {
      const query = new URLSearchParams(url.searchParams);
      query.set('person', id);
      return `<li><a href="?${escaped(query.toString())}">${escaped(displayName)}</a></li>`;
    });
  const page = `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8" /><title>Sign in</title></head>
  <body><h1>Who are you?</h1><ul>${links.join('')}</ul></body>
</html>
`;
  const answer = text(200, page, 'text/html; charset=utf-8');
  const policy = { 'content-security-policy': "default-src 'none'; frame-ancestors 'none'" };
  return { ...answer, headers: { ...answer.headers, ...policy } };
}

function escaped(words: string): string {
  return words.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);
}
