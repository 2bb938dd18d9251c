import assert from 'node:assert/strict';
import { SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import { z } from 'zod';
import { createEmulator, type Emulator } from '../../../emulator/emulator.ts';
import { systemClock } from '../../../src/clock.ts';
import { clouds, type CloudName } from '../../../src/config/clouds.ts';
import { authenticate, type Caller } from '../../../src/http/authentication.ts';
import { createEntraTokens } from '../../../src/http/entraTokens.ts';
import { OptOuts } from '../../../src/permissions/optOuts.ts';
import { afterTest } from '../../support/afterTest.ts';
import { openEmbedded } from '../../support/databases.ts';
import { ask, text, type Answer } from '../../support/http/api/api.ts';
import { startWorld, type World } from '../../support/world.ts';

const apiId = 'abcdef11-2222-3333-4444-555555555555';
const uri = 'api://ringdown';
const tenantId = '72f988bf-86f1-41af-91ab-2d7cd011db47';
const anotherTenant = '00000000-0000-0000-0000-000000000000';
const clientId = '11111111-2222-3333-4444-555555555555';
const objectId = '99999999-2222-3333-4444-555555555555';
const minute = 60_000;

/** Tokens from Entra's "Access token claims reference" and its samples. */
const version1: JWTPayload = {
  aud: uri,
  iss: `https://sts.windows.net/${tenantId}/`,
  appid: clientId,
  appidacr: '1',
  idp: `https://sts.windows.net/${tenantId}/`,
  oid: objectId,
  sub: objectId,
  tid: tenantId,
  uti: 'FVsGxYXI30-TuikuuUoFAA',
  ver: '1.0',
  roles: ['Calls.Place'],
};
const version2: JWTPayload = {
  aud: apiId,
  azp: clientId,
  azpacr: '1',
  oid: objectId,
  sub: objectId,
  tid: tenantId,
  uti: 'fqiBqXLPj0eQa82S-IYFAA',
  ver: '2.0',
  roles: ['Calls.Place'],
};
const forPerson: JWTPayload = { roles: undefined, scp: 'openid Calls.Place', sub: 'HKZpfaHyWadeOouYlitjrI' };
const person1: JWTPayload = { ...version1, ...forPerson, unique_name: 'adele@contoso.example', acr: '1' };
const person2: JWTPayload = { ...version2, ...forPerson, preferred_username: 'adele@contoso.example' };

const all = ['place', 'read', 'acknowledge'];

/** The emulator provides Entra's keys. */
describe('tokens of Entra', () => {
  let emulator: Emulator;
  let loginUrl: string;
  beforeEach('start Entra', async () => {
    emulator = createEmulator({ tenantId });
    loginUrl = (await emulator.start()).entraUrl;
    afterTest(async () => await emulator.stop());
  });

  /** Version 2 has Entra's address in its issuer; here that is the emulator. */
  const signed = async (claims: JWTPayload, lifetimeMs = 5 * minute): Promise<string> =>
    await emulator.keys.sign({ iss: `${loginUrl}/${tenantId}/v2.0`, ...claims }, lifetimeMs);

  const door = (audience = apiId, cloud: CloudName = 'public', tenant = tenantId) => {
    const options = { tenantId: tenant, audience, clock: systemClock };
    const entra = createEntraTokens({ cloud: { ...clouds[cloud], loginUrl }, ...options });
    return async (token: string): Promise<Caller> =>
      await authenticate(
        { authorization: `Bearer ${token}` },
        { keys: () => [], integrations: () => [], entra },
      );
  };

  const right: readonly [what: string, audience: string, JWTPayload, name: string, may: string[]][] = [
    ['version 2 for an application with the role', apiId, version2, clientId, all],
    ['version 2, if the setting is the default URI', `api://${apiId}`, version2, clientId, all],
    ['version 1 for an application with the role', uri, version1, clientId, all],
    ['version 1 for the application id', apiId, { ...version1, aud: apiId }, clientId, all],
    ['version 1 for the default URI', apiId, { ...version1, aud: `api://${apiId}` }, clientId, all],
    ['version 2 for a person, by scope', apiId, person2, 'adele@contoso.example', ['place']],
    ['version 1 for a person, by scope', uri, person1, 'adele@contoso.example', ['place']],
    [
      'version 2 for a person with the role',
      apiId,
      { ...person2, scp: 'access_as_user', roles: ['Calls.Place'] },
      'adele@contoso.example',
      all,
    ],
    [
      'version 1 for a person with the role',
      uri,
      { ...person1, roles: ['Calls.Place'] },
      'adele@contoso.example',
      all,
    ],
  ];
  for (const [what, audience, claims, name, may] of right) {
    it(`are accepted: ${what}`, async () => {
      const id = `entra:${objectId}`;
      assert.deepEqual(await door(audience)(await signed(claims)), {
        id,
        name,
        may,
        limit: null,
        ...(may === all ? { policies: null, person: null } : { policies: [], person: objectId }),
      });
    });
  }

  for (const resource of [apiId, `api://${apiId}`, uri]) {
    it(`are accepted from Entra’s token endpoint for ${resource}`, async () => {
      const scope = `${resource}/.default`;
      const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: 'secret', scope };
      const url = `${loginUrl}/${tenantId}/oauth2/v2.0/token`;
      const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(form) });
      const { access_token: token } = z.object({ access_token: z.string() }).parse(await answer.json());
      assert.deepEqual((await door(resource)(token)).may, all);
    });
  }

  it('are accepted in version 1 of the government clouds, with either issuer', async () => {
    for (const issuer of ['https://sts.windows.net', 'https://login.microsoftonline.us']) {
      const token = await signed({ ...version1, iss: `${issuer}/${tenantId}/` });
      for (const cloud of ['gcch', 'dod'] as const)
        assert.equal((await door(uri, cloud)(token)).name, clientId);
    }
    const government = await signed({ ...version1, iss: `https://login.microsoftonline.us/${tenantId}/` });
    await assert.rejects(door(uri)(government), { code: 'unauthorized' });
  });

  it('are accepted with GUIDs in capitals: tenant, audience, client', async () => {
    const claims = {
      ...version2,
      aud: apiId.toUpperCase(),
      iss: `${loginUrl}/${tenantId.toUpperCase()}/v2.0`,
      oid: objectId.toUpperCase(),
    };
    for (const [resource, tenant] of [
      [apiId, tenantId],
      [apiId.toUpperCase(), tenantId.toUpperCase()],
    ] as const) {
      const caller = await door(resource, 'public', tenant)(await signed(claims));
      assert.equal(caller.id, `entra:${objectId}`);
    }
  });

  it('are forbidden without the role and the scope', async () => {
    const without: JWTPayload[] = [
      ...[undefined, [], ['calls.place'], ['Other']].map((roles) => ({ ...version2, roles })),
      // As in the samples on Microsoft's page.
      { ...person2, scp: 'access_as_user' },
      { ...person1, aud: apiId, scp: 'user_impersonation' },
      { ...person2, scp: 'Calls.Place.All xCalls.Place' },
    ];
    for (const claims of without) await assert.rejects(door()(await signed(claims)), { code: 'forbidden' });
  });

  it('are refused if anything about them is wrong', async () => {
    const enter = door();
    const secret = new TextEncoder().encode('a secret that is long enough for HS256');
    const header = { alg: 'HS256', kid: 'x' };
    const inAnHour = Math.floor(Date.now() / 1000) + 3600;
    const whole = { iss: `${loginUrl}/${tenantId}/v2.0`, ...version2, exp: inAnHour };
    const wrong: readonly [string, string][] = [
      ['audience', await signed({ ...version2, aud: 'api://another' })],
      ['audience: the client', await signed({ ...version2, aud: clientId })],
      ['no audience', await signed({ ...version2, aud: undefined })],
      ['no issuer', await signed({ ...version2, iss: undefined })],
      ['issuer: another tenant', await signed({ ...version2, iss: `${loginUrl}/${anotherTenant}/v2.0` })],
      [
        'issuer of version 1: another tenant',
        await signed({ ...version1, aud: apiId, iss: `https://sts.windows.net/${anotherTenant}/` }),
      ],
      [
        'issuer of version 1: another host',
        await signed({ ...version1, aud: apiId, iss: `https://sts.windows.example/${tenantId}/` }),
      ],
      ['expired', await signed(version2, -2 * minute)],
      ['not yet valid', await signed({ ...version2, nbf: inAnHour })],
      ['no expiry', await signed({ ...version2, exp: undefined })],
      ['roles that are not a list', await signed({ ...version2, roles: 'Calls.Place' })],
      ['scopes that are a list', await signed({ ...person2, scp: ['Calls.Place'] })],
      ['unsigned', new UnsecuredJWT(whole).encode()],
      ['HS256', await new SignJWT(whole).setProtectedHeader(header).sign(secret)],
      ['cut off', (await signed(version2)).slice(0, -4)],
      ['an ID token, which names no client', await signed({ ...version2, azp: undefined })],
      ['no token', 'a.b.c'],
    ];
    for (const [what, token] of wrong) {
      await assert.rejects(enter(token), { code: 'unauthorized' }, what);
    }
    const otherLetters = await signed({ ...version1, aud: 'api://Ringdown' });
    await assert.rejects(door(uri)(otherLetters), { code: 'unauthorized' });
    const stranger = createEmulator({ tenantId });
    await stranger.keys.rotate({ forgetOld: true });
    await assert.rejects(enter(await stranger.keys.sign(whole, minute)), { code: 'unauthorized' });
  });

  it('are refused if they are ID tokens, whatever roles they name', async () => {
    const person = { preferred_username: 'adele@contoso.example', sub: 'HKZpfaHyWadeOouYlitjrI', nonce: '1' };
    for (const claims of [
      { ...version2, ...person, azp: undefined, azpacr: undefined },
      { ...version1, ...person, aud: apiId, appid: undefined, appidacr: undefined },
    ]) {
      await assert.rejects(door()(await signed(claims)), { code: 'unauthorized' });
    }
  });

  it('get 503 while the keys cannot be fetched', async () => {
    const token = await signed(version2);
    const enter = door();
    await emulator.stop();
    await assert.rejects(enter(token), { code: 'unavailable' });
  });

  it('are refused if they are not configured', async () => {
    const headers = { authorization: `Bearer ${await signed(version2)}` };
    await assert.rejects(authenticate(headers, { keys: () => [], integrations: () => [], entra: null }), {
      code: 'unauthorized',
    });
  });
});

describe('the API for people with Entra tokens', function () {
  const call = { target: { user: 'adele@contoso.example' }, message: 'hello' };
  const alex = '626cbf8c-5dde-46b0-8385-9e40d64736fe';
  const adele = '87d349ed-44d7-43e1-9a83-5f2406dee5bd';
  const patti = '6fab8c3d-24a7-4f88-9c5a-4d5e6f7a8b06';
  let world: World;

  const start = async (permissions = '{}'): Promise<void> => {
    const env = { API_ENTRA_AUDIENCE: apiId };
    world = await startWorld({ database: await openEmbedded(), env, yaml: `permissions: ${permissions}` });
  };
  const tokenOf = async (oid: string, claims: JWTPayload = {}): Promise<string> => {
    const { tenantId: tid, entraUrl } = world.emulator.addresses;
    const token = { ...person2, iss: `${entraUrl}/${tid}/v2.0`, tid, oid, ...claims };
    return await world.emulator.keys.sign(token, 5 * minute);
  };
  const callAs = async (oid: string, claims: JWTPayload = {}): Promise<Answer> =>
    await ask(world, 'POST', '/api/v1/calls', { key: await tokenOf(oid, claims), body: call });

  it('accepts members and refuses guests, whatever the token says', async () => {
    await start();
    assert.equal((await callAs(alex)).status, 202);
    const guests: JWTPayload[] = [
      {},
      { acct: 1 },
      { idp: 'https://sts.windows.net/f8cdef31-a31e-4b4a-93e4-5f571e91255a/' },
      { roles: ['Calls.Place'] },
      // Microsoft: scp is in tokens for people, but not in all of them.
      { roles: ['Calls.Place'], scp: undefined },
    ];
    for (const claims of guests) {
      const refused = await callAs(patti, claims);
      assert.deepEqual([refused.status, refused.code], [403, 'not_allowed']);
      assert.match(text(refused, 'detail'), /^You are a guest/);
    }
  });

  it('recognises guests by the token if Graph does not answer', async () => {
    await start();
    world.emulator.graph.permissions.delete('User.Read.All');
    const idp = 'https://sts.windows.net/f8cdef31-a31e-4b4a-93e4-5f571e91255a/';
    for (const claims of [{ acct: 1 }, { acct: '1' }, { idp }, { idp: 'live.com' }]) {
      assert.equal((await callAs(patti, claims)).code, 'not_allowed', JSON.stringify(claims));
    }
    // Without Graph nobody is found, but nobody is treated as a guest either.
    const { tenantId: tid, entraUrl } = world.emulator.addresses;
    for (const claims of [{}, { acct: 0 }, { idp: `${entraUrl}/${tid}/v2.0` }]) {
      assert.equal((await callAs(alex, claims)).code, 'directory_unavailable', JSON.stringify(claims));
    }
  });

  it('accepts guests whom the file names', async () => {
    await start(`{guests: [{user: ${patti}}]}`);
    assert.equal((await callAs(patti)).status, 202);
  });

  it('checks permission to call, unless the person has the role', async () => {
    await start('{callers: [{user: megan@contoso.example}]}');
    const refused = await callAs(alex);
    assert.deepEqual([refused.status, refused.code], [403, 'not_allowed']);
    assert.equal((await callAs(alex, { roles: ['Calls.Place'] })).status, 202);
  });

  it('allows a person by scope to place and end calls, and nothing else', async () => {
    await start(
      `{}
heartbeats: [{name: backup, every: 1h, policy: web}]
policies: {web: {steps: [{targets: [{user: megan@contoso.example}]}]}}`,
    );
    const key = await tokenOf(alex);
    const own = await callAs(alex);
    assert.equal(own.status, 202);
    const others = await ask(world, 'POST', '/api/v1/calls', {
      body: { ...call, target: { user: 'megan@contoso.example' } },
    });
    assert.equal(others.status, 202);
    const steps = [{ targets: [{ user: 'megan@contoso.example' }] }];
    const forbidden: [path: string, body?: object][] = [
      ['/api/v1/pause'],
      ['/api/v1/resume'],
      ['/api/v1/heartbeats/backup'],
      ['/api/v1/escalations', { policy: 'web', summary: 'hello' }],
      ['/api/v1/escalations', { steps, summary: 'hello' }],
      ['/api/v1/alerts/alertmanager/web', { version: '4', alerts: [] }],
      [`/api/v1/calls/${text(others, 'id')}/hang-up`],
    ];
    for (const [path, body] of forbidden) {
      const refused = await ask(world, 'POST', path, { key, ...(body && { body }) });
      assert.deepEqual([refused.status, refused.code], [403, 'forbidden'], path);
    }
    assert.equal((await ask(world, 'POST', `/api/v1/calls/${text(own, 'id')}/hang-up`, { key })).status, 202);
  });

  it('applies opt-outs and caller limits to a person by scope, as in a chat', async () => {
    await start('{}\nlimits: {perCaller: 1/1h}');
    const { sql } = world.app.database;
    await new OptOuts(sql, systemClock).stop({ kind: 'chat', key: adele, name: 'Adele', objectId: adele });
    const optedOut = await callAs(alex);
    assert.deepEqual([optedOut.status, optedOut.code], [403, 'not_allowed']);
    assert.match(text(optedOut, 'detail'), /has opted out/);
    assert.equal((await callAs(alex, { roles: ['Calls.Place'] })).status, 202);
    await new OptOuts(sql, systemClock).allow({ kind: 'chat', key: adele, name: 'Adele', objectId: adele });
    const both = await Promise.all([callAs(alex), callAs(alex)]);
    assert.deepEqual(
      both.map(({ status }) => status).toSorted((a, b) => a - b),
      [202, 429],
    );
  });
});
