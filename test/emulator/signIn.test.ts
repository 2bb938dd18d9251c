import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { decodeJwt } from 'jose';
import { createEmulator, type Emulator } from '../../emulator/emulator.ts';
import { builtInPeople } from '../../emulator/people/builtIn.ts';

const client = '70000000-0000-4000-8000-000000000007';
const redirectUri = 'https://ringdown.contoso.example/console/signed-in';
const verifier = 'a-verifier-that-is-long-enough-for-pkce-0123456789';
const scope = `${client}/access_as_user openid profile offline_access`;
const [somebody] = builtInPeople;

describe('The login page of Entra', () => {
  let emulator: Emulator;
  let tenant: string;
  let id: string;

  beforeEach(async () => {
    emulator = createEmulator();
    const { entraUrl, tenantId } = await emulator.start();
    tenant = `${entraUrl}/${tenantId}`;
    id = emulator.people.get(somebody?.displayName ?? '').id;
  });
  afterEach(async () => await emulator.stop());

  async function authorize(changes: Record<string, string>, cookie = '') {
    const query = new URLSearchParams({
      client_id: client,
      redirect_uri: redirectUri,
      response_type: 'code',
      scope,
      state: 'the state',
      nonce: 'the nonce',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...changes,
    });
    const response = await fetch(`${tenant}/oauth2/v2.0/authorize?${query.toString()}`, {
      redirect: 'manual',
      headers: { cookie },
    });
    const location = response.headers.get('location');
    return {
      page: await response.text(),
      cookie: response.headers.get('set-cookie')?.split(';')[0] ?? '',
      answer: location === null ? null : new URLSearchParams(new URL(location).hash.slice(1)),
    };
  }

  async function redeem(form: Record<string, string>) {
    const response = await fetch(`${tenant}/oauth2/v2.0/token`, {
      method: 'POST',
      headers: { origin: 'https://ringdown.contoso.example' },
      body: new URLSearchParams({
        client_id: client,
        redirect_uri: redirectUri,
        code_verifier: verifier,
        ...form,
      }),
    });
    const body = (await response.json()) as Record<string, string>;
    assert.equal(response.headers.get('access-control-allow-origin'), 'https://ringdown.contoso.example');
    return { status: response.status, body };
  }

  it('lists the people, and gives the chosen one a token for the scope', async () => {
    const { page } = await authorize({});
    assert.match(page, new RegExp(`person=${id}">${somebody?.displayName}<`));
    const { answer } = await authorize({ person: id });
    assert.equal(answer?.get('state'), 'the state');
    const { status, body } = await redeem({
      grant_type: 'authorization_code',
      code: answer?.get('code') ?? '',
    });
    assert.equal(status, 200);
    const { aud, azp, oid, scp, iss, ver } = decodeJwt(body['access_token'] ?? '');
    assert.deepEqual(
      { aud, azp, oid, scp, iss, ver },
      { aud: client, azp: client, oid: id, scp: 'access_as_user', iss: `${tenant}/v2.0`, ver: '2.0' },
    );
    assert.equal(decodeJwt(body['id_token'] ?? '')['nonce'], 'the nonce');
  });

  it('remembers who is signed in, until they sign out', async () => {
    const refused = await authorize({ prompt: 'none' });
    assert.equal(refused.answer?.get('error'), 'login_required');
    const { cookie } = await authorize({ person: id });
    assert.ok((await authorize({ prompt: 'none' }, cookie)).answer?.get('code'));
    await fetch(`${tenant}/oauth2/v2.0/logout`, { headers: { cookie } });
    assert.equal((await authorize({ prompt: 'none' }, cookie)).answer?.get('error'), 'login_required');
  });

  it('redeems a code and a refresh token once, and a code only with its verifier', async () => {
    const codeOf = async () => (await authorize({ person: id })).answer?.get('code') ?? '';
    const grant_type = 'authorization_code';
    const stolen = await redeem({ grant_type, code: await codeOf(), code_verifier: 'another' });
    assert.equal(stolen.status, 400);
    const code = await codeOf();
    const { body } = await redeem({ grant_type, code });
    assert.equal((await redeem({ grant_type, code })).status, 400);

    const refresh = { grant_type: 'refresh_token', refresh_token: body['refresh_token'] ?? '' };
    const renewed = await redeem(refresh);
    assert.equal(renewed.status, 200);
    assert.equal((await redeem(refresh)).body['error'], 'invalid_grant');
    emulator.grants.revokeAll();
    const later = await redeem({ ...refresh, refresh_token: renewed.body['refresh_token'] ?? '' });
    assert.equal(later.status, 400);
  });
});
