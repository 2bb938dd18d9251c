import assert from 'node:assert/strict';
import { request as ask } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { z } from 'zod';
import { callbackIssuer } from '../../emulator/callAutomation/callbacks.ts';
import type { CallRecord } from '../../emulator/callAutomation/call.ts';
import { openEmbedded } from '../support/databases.ts';
import { startWorld, type World } from '../support/world.ts';

const LIFETIME_MS = 300_000;
const issued = z.object({ iat: z.number() });
const problem = z.object({ code: z.string(), title: z.string(), status: z.number(), reference: z.string() });

/** A server with two ringing calls, and the service's keys. */
async function twoCalls() {
  const world = await startWorld({ database: await openEmbedded() });
  for (const user of ['Nestor Wilke', 'Adele Vance']) {
    await world.api('POST', '/api/v1/calls', { target: { user }, message: 'hello' });
  }
  while (world.emulator.calls.list().length < 2) await world.pass(1_000);
  const [nestors, adeles] = world.emulator.calls.list();
  assert.ok(nestors && adeles);
  const claims = { iss: callbackIssuer, aud: world.emulator.addresses.resourceId };
  const sign = async (more: object = {}): Promise<string> =>
    await world.emulator.keys.sign({ ...claims, ...more }, LIFETIME_MS);
  return { world, nestors, adeles, claims, sign };
}

const pathOf = ({ callbackUri }: CallRecord): string => new URL(callbackUri).pathname;

function ended(call: CallRecord, id: string): object {
  return {
    id,
    source: `calling/callConnections/${call.callConnectionId}`,
    specversion: '1.0',
    type: 'Microsoft.Communication.CallDisconnected',
    time: '2026-08-20T03:14:05.120Z',
    data: {
      callConnectionId: call.callConnectionId,
      serverCallId: call.serverCallId,
      correlationId: call.correlationId,
      resultInformation: { code: 200, subCode: 0, message: '' },
    },
  };
}

/** @param authorization the Authorization headers, in this order */
async function post(world: World, path: string, authorization: readonly string[], events: unknown) {
  return await new Promise<{ status: number; text: string }>((resolve, reject) => {
    const headers = authorization.flatMap((one) => ['authorization', one]);
    const asking = ask(
      `${world.url}${path}`,
      {
        method: 'POST',
        agent: false,
        headers: [
          'host',
          new URL(world.url).host,
          'content-type',
          'application/json',
          'connection',
          'close',
          ...headers,
        ],
      },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString() }),
        );
      },
    );
    asking.on('error', reject);
    asking.end(JSON.stringify(events));
  });
}

async function standing(world: World): Promise<unknown> {
  const { sql } = world.app.database;
  const events = await sql.selectFrom('call_events').select(['call_id', 'event_id']).execute();
  const calls = await sql.selectFrom('calls').select(['id', 'status']).orderBy('id').execute();
  return { events, calls };
}

describe('forged callbacks at the running server', () => {
  it('get the same 401 whatever is wrong with them, and store nothing', async () => {
    const { world, nestors, adeles, claims, sign } = await twoCalls();
    const own = pathOf(nestors);
    const secretOf = (path: string): string => path.split('/').at(-1) ?? '';
    const right = await sign();
    const [, payload = '', signature = ''] = right.split('.');
    const { iat: seconds } = issued.parse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
    const [published] = (await world.emulator.keys.jwks()).keys;
    const { kid } = z.object({ kid: z.string() }).parse(published);
    const publicKey = Buffer.from(JSON.stringify(published));
    const stranger = await generateKeyPair('RS256');
    const header = { alg: 'RS256', typ: 'JWT', kid };
    const times = { iat: seconds, nbf: seconds, exp: seconds + 300 };
    const bearer = (token: string): string[] => [`Bearer ${token}`];

    const forged: [what: string, authorization: string[], path: string][] = [
      ['no token', [], own],
      ['alg none', bearer(new UnsecuredJWT({ ...claims, ...times }).encode()), own],
      [
        'HS256 with the public key as the secret',
        bearer(
          await new SignJWT({ ...claims, ...times })
            .setProtectedHeader({ alg: 'HS256', kid })
            .sign(publicKey),
        ),
        own,
      ],
      ['another issuer', bearer(await sign({ iss: 'https://evil.example' })), own],
      ['the issuer of the Bot Framework', bearer(await sign({ iss: 'https://api.botframework.com' })), own],
      [
        'a token for another resource',
        bearer(await sign({ aud: '11111111-2222-3333-4444-555555555555' })),
        own,
      ],
      ['expired', bearer(await sign({ exp: seconds - 61 })), own],
      ['not valid yet', bearer(await sign({ nbf: seconds + 120 })), own],
      [
        'an unknown key id',
        bearer(
          await new SignJWT({ ...claims, ...times })
            .setProtectedHeader({ ...header, kid: 'x' })
            .sign(stranger.privateKey),
        ),
        own,
      ],
      [
        'the right key id, signed with another key',
        bearer(
          await new SignJWT({ ...claims, ...times }).setProtectedHeader(header).sign(stranger.privateKey),
        ),
        own,
      ],
      [
        'the token’s own key',
        bearer(
          await new SignJWT({ ...claims, ...times })
            .setProtectedHeader({ ...header, jwk: await exportJWK(stranger.publicKey) })
            .sign(stranger.privateKey),
        ),
        own,
      ],
      [
        'the content of one token with the signature of another',
        bearer(`${(await sign({ sub: 'x' })).split('.').slice(0, 2).join('.')}.${signature}`),
        own,
      ],
      ['no signature', bearer(`${right.split('.')[0]}.${payload}.`), own],
      ['a valid token with another scheme', [`Basic ${right}`], own],
      ['two Authorization headers, the right one second', ['Bearer x', `Bearer ${right}`], own],
      ['two tokens in one header', [`Bearer x, Bearer ${right}`], own],
      ['a valid token, a wrong secret', bearer(right), `${own.slice(0, -4)}xxxx`],
      [
        'a valid token, the secret of another call',
        bearer(right),
        own.replace(secretOf(own), secretOf(pathOf(adeles))),
      ],
      ['a valid token, an unknown call', bearer(right), own.replace(/call_[^/]+/, 'call_1')],
    ];
    const before = await standing(world);
    const logged = world.log.length;
    const answers: unknown[] = [];
    for (const [what, authorization, path] of forged) {
      const { status, text } = await post(world, path, authorization, [ended(nestors, what)]);
      const { reference, ...words } = problem.parse(JSON.parse(text));
      assert.ok(reference);
      answers.push([what, status, words]);
    }
    const words = { code: 'unauthorized', title: 'Not authorized', status: 401 };
    assert.deepEqual(
      answers,
      forged.map(([what]) => [what, 401, words]),
    );
    await world.settle();
    assert.deepEqual(await standing(world), before);
    const log = world.log.slice(logged).join('');
    for (const secret of [right, signature, secretOf(own), secretOf(pathOf(adeles))])
      assert.ok(!log.includes(secret));
    // The same event without a forgery ends the call, so nothing else caused the refusals.
    assert.equal((await post(world, own, bearer(right), [ended(nestors, 'true')])).status, 200);
    await world.settle();
    assert.notDeepEqual(await standing(world), before);
  });

  for (const [what, others] of [
    ['alone', 0],
    ['among 99 genuine ones', 99],
  ] as const) {
    it(`that name another call, ${what}, end neither: one call’s token and secret do not affect the other`, async () => {
      const { world, nestors, adeles, sign } = await twoCalls();
      const authorization = [`Bearer ${await sign()}`];
      const harmless = Array.from({ length: others }, (_, nth) => ({
        ...ended(nestors, `harmless ${nth}`),
        type: 'Microsoft.Communication.ParticipantsUpdated',
      }));
      const events = harmless.toSpliced(others / 2, 0, ended(adeles, 'forged') as (typeof harmless)[number]);
      assert.equal((await post(world, pathOf(nestors), authorization, events)).status, 200);
      await world.settle();
      const { calls } = (await standing(world)) as { calls: { status: string }[] };
      assert.ok(calls.length === 2 && calls.every(({ status }) => status !== 'ended'), JSON.stringify(calls));
      const applied = world.log.filter(
        (line) => line.includes('"event":"CallDisconnected"') && line.includes('"applied":true'),
      );
      assert.deepEqual(applied, []);
    });
  }
});
