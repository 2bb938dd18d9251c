import assert from 'node:assert/strict';
import { SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import { createEmulator, type Emulator } from '../../../emulator/emulator.ts';
import { systemClock } from '../../../src/clock.ts';
import { authenticate, type Caller } from '../../../src/http/authentication.ts';
import { createEntraTokens } from '../../../src/http/entraTokens.ts';
import { afterTest } from '../../support/afterTest.ts';

const audience = 'api://ringdown';
const tenantId = '72f988bf-86f1-41af-91ab-2d7cd011db47';
const minute = 60_000;

/** Entra's keys are the emulator's. */
describe('tokens of Entra', () => {
  let emulator: Emulator;
  let loginUrl: string;
  beforeEach('start Entra', async () => {
    emulator = createEmulator({ tenantId });
    loginUrl = (await emulator.start()).entraUrl;
    afterTest(async () => await emulator.stop());
  });

  const claims = (): JWTPayload => ({
    iss: `${loginUrl}/${tenantId}/v2.0`,
    aud: audience,
    azp: '11111111-2222-3333-4444-555555555555',
    oid: '99999999-2222-3333-4444-555555555555',
    tid: tenantId,
    ver: '2.0',
    roles: ['Calls.Place'],
  });
  const signed = async (change: JWTPayload = {}, lifetimeMs = 5 * minute): Promise<string> =>
    await emulator.keys.sign({ ...claims(), ...change }, lifetimeMs);

  const door = (): ((token: string) => Promise<Caller>) => {
    const entra = createEntraTokens({ loginUrl, tenantId, audience, clock: systemClock });
    return async (token) =>
      await authenticate(
        { authorization: `Bearer ${token}` },
        { keys: () => [], integrations: () => [], entra },
      );
  };

  it('let an application with the role in, with all rights', async () => {
    assert.deepEqual(await door()(await signed()), {
      id: 'entra:99999999-2222-3333-4444-555555555555',
      name: '11111111-2222-3333-4444-555555555555',
      may: ['place', 'read', 'acknowledge'],
      policies: null,
      limit: null,
    });
    const person = await door()(await signed({ preferred_username: 'adele@contoso.example' }));
    assert.equal(person.name, 'adele@contoso.example');
  });

  it('let in whoever writes GUIDs in capitals: the tenant, the audience, themselves', async () => {
    const guid = 'abcdef11-2222-3333-4444-555555555555';
    const claimed = await signed({
      aud: guid.toUpperCase(),
      iss: `${loginUrl}/${tenantId.toUpperCase()}/v2.0`,
      oid: guid.toUpperCase(),
    });
    for (const [resource, tenant] of [
      [guid, tenantId],
      [guid.toUpperCase(), tenantId.toUpperCase()],
    ] as const) {
      const check = createEntraTokens({ loginUrl, tenantId: tenant, audience: resource, clock: systemClock });
      assert.equal((await check(claimed)).id, guid);
    }
  });

  it('forbid those without the role', async () => {
    for (const roles of [undefined, [], ['calls.place'], ['Other']]) {
      await assert.rejects(door()(await signed({ roles })), { code: 'forbidden' });
    }
  });

  it('are refused when anything about them is wrong', async () => {
    const enter = door();
    const secret = new TextEncoder().encode('a secret that is long enough for HS256');
    const header = { alg: 'HS256', kid: 'x' };
    const inAnHour = Math.floor(Date.now() / 1000) + 3600;
    const wrong: readonly [string, string][] = [
      ['audience', await signed({ aud: 'api://another' })],
      ['audience of other letters', await signed({ aud: 'api://Ringdown' })],
      ['no audience', await signed({ aud: undefined })],
      ['no issuer', await signed({ iss: undefined })],
      [
        'issuer: another tenant',
        await signed({ iss: `${loginUrl}/00000000-0000-0000-0000-000000000000/v2.0` }),
      ],
      ['issuer: version 1', await signed({ iss: `https://sts.windows.net/${tenantId}/` })],
      ['expired', await signed({}, -2 * minute)],
      ['not yet valid', await signed({ nbf: inAnHour })],
      ['no expiry', await signed({ exp: undefined })],
      ['roles that are no list', await signed({ roles: 'Calls.Place' })],
      ['unsigned', new UnsecuredJWT({ ...claims(), exp: inAnHour }).encode()],
      ['HS256', await new SignJWT({ ...claims(), exp: inAnHour }).setProtectedHeader(header).sign(secret)],
      ['cut off', (await signed()).slice(0, -4)],
      ['no token', 'a.b.c'],
    ];
    for (const [what, token] of wrong) {
      await assert.rejects(enter(token), { code: 'unauthorized' }, what);
    }
    const stranger = createEmulator({ tenantId });
    await stranger.keys.rotate({ forgetOld: true });
    await assert.rejects(enter(await stranger.keys.sign(claims(), minute)), { code: 'unauthorized' });
  });

  it('are not decided on while the keys cannot be had', async () => {
    const token = await signed();
    const enter = door();
    await emulator.stop();
    await assert.rejects(enter(token), { code: 'unavailable' });
  });

  it('are refused where they are not configured', async () => {
    const headers = { authorization: `Bearer ${await signed()}` };
    await assert.rejects(authenticate(headers, { keys: () => [], integrations: () => [], entra: null }), {
      code: 'unauthorized',
    });
  });
});
