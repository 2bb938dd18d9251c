import assert from 'node:assert/strict';
import { request } from 'node:http';
import { UnsecuredJWT, type JWTPayload } from 'jose';
import { openEmbedded } from '../support/databases.ts';
import { idOf, page } from '../support/console/pages.ts';
import { ask, list, member, text } from '../support/http/api/api.ts';
import { startWorld, type World, type WorldOptions } from '../support/world.ts';

const clientId = 'abcdef11-2222-3333-4444-555555555555';
const tenantId = '72f988bf-86f1-41af-91ab-2d7cd011db47';
const spa = '11111111-2222-3333-4444-555555555555';
const minute = 60_000;
const yaml = `
operators: [megan@contoso.example]
permissions: {console: {readers: [{user: adele@contoso.example}]}}
policies: {payments: {steps: [{targets: [{user: debra@contoso.example}]}]}}
`;

/** A console to which people sign in with Entra. */
async function withEntra(more: Partial<WorldOptions> = {}): Promise<{
  world: World;
  token: (name: string, claims?: JWTPayload, lifetimeMs?: number) => Promise<string>;
}> {
  const world = await startWorld({
    database: await openEmbedded(),
    yaml,
    env: { CONSOLE_CLIENT_ID: clientId, MicrosoftAppTenantId: tenantId },
    ...more,
  });
  const issuer = `${world.emulator.addresses.entraUrl}/${tenantId}/v2.0`;
  return {
    world,
    token: async (name, claims = {}, lifetimeMs = 5 * minute) =>
      await world.emulator.keys.sign(
        {
          aud: clientId,
          iss: issuer,
          azp: spa,
          oid: idOf(world, name),
          sub: 'HKZpfaHyWadeOouYlitjrI',
          tid: tenantId,
          ver: '2.0',
          scp: 'access_as_user',
          preferred_username: 'somebody@contoso.example',
          ...claims,
        },
        lifetimeMs,
      ),
  };
}

/** The status of a request with headers that fetch does not allow to set. */
async function statusWith(url: string, headers: Record<string, string>): Promise<number | undefined> {
  return await new Promise((resolve, reject) => {
    request(url, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}

describe('readers of the console', () => {
  describe('with Entra', () => {
    it('have the name and the rights of their account', async () => {
      const { world, token } = await withEntra();
      const signIn = await ask(world, 'GET', '/console/api/sign-in', { key: null });
      assert.deepEqual(signIn.body, {
        mode: 'entra',
        clientId,
        authority: `${world.emulator.addresses.entraUrl}/${tenantId}`,
        scope: `${clientId}/access_as_user`,
      });
      const rights = async (name: string, roles?: string[]): Promise<unknown[]> => {
        const me = await page(world, await token(name, { ...(roles && { roles }) })).get('/me');
        return ['person.name', 'seesAll', 'operates'].map((at) => member(me.body, at));
      };
      assert.deepEqual(await rights('Debra Berger'), ['Debra Berger', false, false]);
      assert.deepEqual(await rights('Adele Vance'), ['Adele Vance', true, false]);
      assert.deepEqual(await rights('Megan Bowen'), ['Megan Bowen', true, true]);
      assert.deepEqual(await rights('Debra Berger', ['Console.Read']), ['Debra Berger', true, false]);
      assert.deepEqual(await rights('Debra Berger', ['Console.Operate']), ['Debra Berger', true, true]);
    });

    it('may have tokens of either version, and those of single sign-on in Teams', async () => {
      const { world, token } = await withEntra();
      const version1 = {
        iss: `https://sts.windows.net/${tenantId}/`,
        azp: undefined,
        appid: spa,
        ver: '1.0',
      };
      for (const claims of [
        { aud: `api://${clientId}` },
        { aud: `api://${new URL(world.url).host}/${clientId}` },
        { aud: clientId.toUpperCase() },
        { ...version1, aud: `api://${clientId}` },
        { scp: 'openid access_as_user' },
      ]) {
        const { status } = await page(world, await token('Debra Berger', claims)).get('/me');
        assert.equal(status, 200, JSON.stringify(claims));
      }
    });

    it('are refused with any other token', async () => {
      const { world, token } = await withEntra();
      const good = await token('Debra Berger');
      const [head = '', body = '', signature = ''] = good.split('.');
      const unsigned = new UnsecuredJWT({ aud: clientId, oid: idOf(world, 'Debra Berger') }).encode();
      const forged = `${head}.${Buffer.from('{"oid":"x"}').toString('base64url')}.${signature}`;
      const wrong: [what: string, token: string, status: number][] = [
        ['none', 'a.b.c', 401],
        ['an unsigned one', unsigned, 401],
        ['a changed one', forged, 401],
        ['one with another signature', `${head}.${body}.${signature.replaceAll('A', 'B')}AA`, 401],
        ['an expired one', await token('Debra Berger', {}, -2 * minute), 401],
        ['one of another tenant', await token('Debra Berger', { iss: `https://login.example/x/v2.0` }), 401],
        ['one for another audience', await token('Debra Berger', { aud: spa }), 401],
        [
          'one for another host',
          await token('Debra Berger', { aud: `api://other.example/${clientId}` }),
          401,
        ],
        ['an ID token', await token('Debra Berger', { azp: undefined, scp: undefined }), 401],
        ['one without the scope', await token('Debra Berger', { scp: 'Calls.Place' }), 403],
        [
          'one of an application',
          await token('Debra Berger', {
            scp: undefined,
            sub: idOf(world, 'Debra Berger'),
            roles: ['Console.Operate'],
          }),
          403,
        ],
      ];
      for (const [what, given, status] of wrong) {
        assert.equal((await page(world, given).get('/me')).status, status, what);
        const stream = await page(world, given).stream('now');
        assert.equal(stream.status, status, `the stream with ${what}`);
      }
      const chosen = await ask(world, 'GET', '/console/api/me', { key: `as:${idOf(world, 'Megan Bowen')}` });
      assert.equal(chosen.status, 401, 'nobody chooses who they are');
    });

    it('are not guests, unless permissions.guests names them', async () => {
      const { world, token } = await withEntra();
      const guest = await page(world, await token('Patti Fernandez', { acct: 1 })).get('/me');
      assert.deepEqual([guest.status, guest.code], [403, 'not_allowed']);
      const named = await withEntra({
        yaml: `permissions: {guests: [{user: ${idOf(world, 'Patti Fernandez')}}]}`,
      });
      const allowed = await page(named.world, await named.token('Patti Fernandez', { acct: 1 })).get('/me');
      assert.equal(allowed.status, 200);
    });
  });

  describe('in anonymous mode', () => {
    it('choose who they are among the people of ringdown.yaml', async () => {
      const world = await startWorld({ database: await openEmbedded(), yaml });
      const signIn = await ask(world, 'GET', '/console/api/sign-in', { key: null });
      assert.equal(text(signIn, 'mode'), 'choose');
      assert.deepEqual(
        list(signIn, 'people').map((one) => member(one, 'name')),
        ['Adele Vance', 'Debra Berger', 'Megan Bowen'],
      );
      assert.equal(text(await page(world, 'Debra Berger').get('/me'), 'person.name'), 'Debra Berger');
      for (const key of ['as:99999999-2222-3333-4444-555555555555', 'as:debra', 'as:', null]) {
        assert.equal((await ask(world, 'GET', '/console/api/me', { key })).status, 401, String(key));
      }
    });

    it('come from its own pages on loopback only', async () => {
      const world = await startWorld({ database: await openEmbedded(), yaml });
      const { port } = new URL(world.url);
      const authorization = `Bearer as:${idOf(world, 'Debra Berger')}`;
      const cases: [headers: Record<string, string>, status: number][] = [
        [{ host: `localhost:${port}` }, 200],
        [{ host: `localhost:${port}`, origin: `http://localhost:${port}` }, 200],
        [{ host: `[::1]:${port}` }, 200],
        [{ host: `evil.example:${port}` }, 403],
        [{ host: `localhost:${port}`, origin: 'https://evil.example' }, 403],
        [{ host: `localhost:${port}`, origin: 'null' }, 403],
        [{ host: `localhost:${port}`, origin: `http://localhost:1${port}` }, 403],
        [{ host: `localhost:${port}`, 'x-forwarded-for': '203.0.113.7' }, 403],
        [{ host: `localhost:${port}`, forwarded: 'for=203.0.113.7' }, 403],
      ];
      for (const [headers, status] of cases) {
        for (const path of ['me', 'sign-in']) {
          const answered = await statusWith(`${world.url}/console/api/${path}`, {
            authorization,
            ...headers,
          });
          assert.equal(answered, status, `${path} ${JSON.stringify(headers)}`);
        }
      }
    });

    it('have the time zone of their browser, if it is one', async () => {
      const world = await startWorld({
        database: await openEmbedded(),
        yaml: 'timeZone: Europe/Berlin\noperators: [debra@contoso.example]',
      });
      for (const [sent, shown] of [
        ['America/New_York', 'America/New_York'],
        ['Mars/Olympus', 'Europe/Berlin'],
        ['+02:00', 'Europe/Berlin'],
      ] as const) {
        const me = await page(world, 'Debra Berger', { 'x-time-zone': sent }).get('/me');
        assert.equal(text(me, 'timeZone'), shown);
      }
    });
  });

  it('find nothing where there is no way to sign in', async () => {
    const world = await startWorld({
      database: await openEmbedded(),
      env: {
        DANGEROUSLY_ALLOW_ANONYMOUS: 'false',
        MicrosoftAppId: spa,
        MicrosoftAppPassword: 'secret',
        MicrosoftAppTenantId: tenantId,
      },
    });
    for (const path of ['sign-in', 'me', 'now', 'stream?view=now']) {
      const { status } = await fetch(`${world.url}/console/api/${path}`);
      assert.equal(status, 404, path);
    }
  });
});
