import assert from 'node:assert/strict';
import fc from 'fast-check';
import { callbackIssuer } from '../../emulator/callAutomation/callbacks.ts';
import type { World } from '../support/world.ts';
import { attack } from '../support/fuzz/attacked.ts';
import { inCrowds } from '../support/fuzz/crowds.ts';
import { nonsense, sent, spoiled, unstorable } from '../support/fuzz/spoiled.ts';
import { itInBoth, runs } from '../support/long.ts';

/* How many runs each has is told in docs/security.md, and a test holds the two together. */

const second = 1000;
const YAML = 'limits: {createCallsPerSecond: 1000, perCallee: 1000000/1h}';
/** A call that has ended takes nothing any more: after so many crowds there is a new one. */
const CROWDS_A_CALL = 20;

/** Calls somebody. @returns what the service knows of the call */
async function calling(world: World) {
  await world.api('POST', '/api/v1/calls', { target: { user: 'Nestor Wilke' }, message: 'hello' });
  await world.settle();
  const record = world.emulator.calls.list().at(-1);
  assert.ok(record);
  const path = new URL(record.callbackUri).pathname;
  const claims = { iss: callbackIssuer, aud: world.emulator.addresses.resourceId };
  return { record, path, secret: path.split('/').at(-1) ?? '', claims };
}

describe('Nonsense in callbacks', function () {
  this.timeout(3_600_000);

  itInBoth('with a true token and secret places nothing, and the call comes to its end', async () => {
    const { world, send, count, keepSecret, isWell } = await attack(YAML);
    const types = [
      'CallConnected',
      'CallDisconnected',
      'CreateCallFailed',
      'ContinuousDtmfRecognitionToneReceived',
    ];
    let { record, path, secret, claims } = await calling(world);
    let calls = 1;
    let token = '';
    const event = (type: string, id: string): object => ({
      id,
      source: 'calling/callConnections/CONNECTION',
      type: `Microsoft.Communication.${type}`,
      time: '2026-08-20T03:14:05.120Z',
      specversion: '1.0',
      data: {
        callConnectionId: 'CONNECTION',
        serverCallId: 'SERVER',
        correlationId: 'CORRELATION',
        operationContext: 'CONTEXT',
        resultInformation: { code: 200, subCode: 0, message: '' },
        tone: 'one',
        sequenceId: 1,
      },
    });
    const events = fc
      .array(
        fc.tuple(
          fc.constantFrom(...types, 'PlayStarted', 'PlayFailed', 'Unheard'),
          fc.string({ minLength: 1 }),
        ),
        { minLength: 1, maxLength: 3 },
      )
      .chain((all) => spoiled(all.map(([type, id]) => event(type, id))));
    const ofCall = (body: string): string =>
      body
        .replaceAll('CONNECTION', record.callConnectionId)
        .replaceAll('SERVER', record.serverCallId)
        .replaceAll('CORRELATION', record.correlationId)
        .replaceAll('CONTEXT', record.operationContext ?? '');
    const examples = types
      .flatMap((type) => unstorable([event(type, type)]))
      .map(([one]) => JSON.stringify(one));
    let crowds = 0;
    await inCrowds(
      sent(fc.oneof(events, nonsense)),
      { numRuns: runs(100, 100_000), examples },
      async (crowd) => {
        if (crowds % CROWDS_A_CALL === 0) {
          if (crowds > 0) {
            await world.pass(200 * second);
            ({ record, path, secret, claims } = await calling(world));
            calls++;
          }
          token = await world.emulator.keys.sign(claims, 600_000);
          keepSecret(secret, token);
        }
        crowds++;
        const authorization = `Bearer ${token}`;
        const answers = await Promise.all(
          crowd.map(async (body) => await send({ path, body: ofCall(body), headers: { authorization } })),
        );
        for (const { status } of answers) assert.ok(status === 200 || status === 400, `${status}`);
        isWell();
      },
    );
    await world.settle();
    await world.pass(300 * second);
    const open = await world.app.database.sql
      .selectFrom('calls')
      .select('id')
      .where('status', '!=', 'ended')
      .execute();
    assert.deepEqual(open, []);
    assert.deepEqual([await count('calls'), world.emulator.calls.list().length], [calls, calls]);
    isWell();
  });

  itInBoth('without them is stored nowhere', async () => {
    const { world, send, keepSecret, isWell } = await attack(YAML);
    const { path: known, secret, claims } = await calling(world);
    const token = await world.emulator.keys.sign(claims, 600_000);
    const elsewhere = await world.emulator.keys.sign({ ...claims, aud: 'another' }, 600_000);
    keepSecret(secret, token, elsewhere);
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${token.split('.')[1]}.`;
    const forged = fc.record({
      path: fc.constantFrom(known, `${known}x`, known.slice(0, -1), '/api/callbacks/call_1/x', `${known}%00`),
      authorization: fc.oneof(
        fc.constantFrom(none, elsewhere, `${token}x`, token.slice(0, -4), '', token.replace(/^[^.]*/, 'e30')),
        fc.stringMatching(/^[!-~]{0,40}$/),
      ),
      body: sent(nonsense),
    });
    isWell();
    await inCrowds(forged, { numRuns: runs(150, 200_000) }, async (crowd) => {
      const answers = await Promise.all(
        crowd.map(
          async ({ path, authorization, body }) =>
            await send({ path, body, headers: { authorization: `Bearer ${authorization}` } }),
        ),
      );
      for (const { status } of answers) assert.ok([400, 401, 404].includes(status), `${status}`);
      assert.ok(!isWell().some((line) => line.includes('"msg":"service event"')));
    });
  });
});
