import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { callbackIssuer } from '../../emulator/callAutomation/callbacks.ts';
import { alertmanagerBody, azureBody, grafanaBody, pagerDutyBody } from '../support/alerts/bodies.ts';
import { storable } from '../../src/database/storable.ts';
import { openEmbedded } from '../support/databases.ts';
import { API_KEY, newestCall, startWorld, type World } from '../support/world.ts';
import { nonsense, sent, spoiled, unstorable } from '../support/fuzz/spoiled.ts';
import { itInBoth, runs } from '../support/long.ts';

/* How many runs each has is told in docs/security.md, and a test holds the two together. */

const second = 1000;
const PD_KEY = '0123456789abcdef0123456789abcdef';
const YAML = `
limits: {createCallsPerSecond: 100, perCallee: 1000/1h}
integrations:
  - {name: pd, kind: pagerduty, hash: ${createHash('sha256').update(PD_KEY).digest('hex')}, policy: payments}
policies: {payments: {steps: [{targets: [{user: Nestor Wilke}], ringTimeoutSeconds: 5}]}}
`;

/** Sends as it is. @returns the status, which is never one of a crash */
async function post(
  world: World,
  path: string,
  body: string,
  headers: Record<string, string> = {},
): Promise<number> {
  const answer = await fetch(`${world.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${API_KEY}`, ...headers },
    body,
  });
  const text = await answer.text();
  assert.ok(answer.status < 500, `${answer.status} ${text} to ${path} with ${body.slice(0, 2_000)}`);
  // PagerDuty's senders expect PagerDuty's own form.
  if (answer.status >= 400 && !path.includes('pagerduty'))
    assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/);
  return answer.status;
}

const count = async (world: World, table: 'calls' | 'escalations'): Promise<number> => {
  const { total } = await world.app.database.sql
    .selectFrom(table)
    .select(({ fn }) => fn.countAll().as('total'))
    .executeTakeFirstOrThrow();
  return Number(total);
};

async function isWell(world: World): Promise<void> {
  assert.equal(await (await fetch(`${world.url}/readyz`)).json().then(() => true), true);
  const faults = world.log.filter((line) => /"level":"(?:error|fatal)"/.test(line));
  assert.deepEqual(faults, []);
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
}

describe('Nonsense over HTTP', function () {
  this.timeout(300_000);

  itInBoth('in the bodies of the API places no call that was not asked for', async () => {
    const world = await startWorld({ database: await openEmbedded(), yaml: YAML });
    // What is taken need not be dialled here.
    await world.api('POST', '/api/v1/pause', { by: 'a test' });
    const call = { target: { user: 'Adele Vance' }, message: 'The build is red', ringTimeoutSeconds: 30 };
    const escalation = {
      policy: 'payments',
      summary: 'Checkout errors',
      severity: 'critical',
      dedupKey: 'x',
      links: [{ text: 'dashboard', href: 'https://x.example/' }],
    };
    const request = fc.oneof(
      fc.record({ path: fc.constant('/api/v1/calls'), body: sent(nonsense), asks: fc.constant(false) }),
      fc.record({ path: fc.constant('/api/v1/calls'), body: sent(spoiled(call)), asks: fc.constant(true) }),
      fc.record({ path: fc.constant('/api/v1/escalations'), body: sent(nonsense), asks: fc.constant(false) }),
      fc.record({
        path: fc.constant('/api/v1/escalations'),
        body: sent(spoiled(escalation)),
        asks: fc.constant(true),
      }),
    );
    await fc.assert(
      fc.asyncProperty(request, async ({ path, body, asks }) => {
        const calls = await count(world, 'calls');
        const status = await post(world, path, body);
        if (status !== 202) {
          assert.equal(await count(world, 'calls'), calls);
          return;
        }
        // Taken: then it is a request for the person or the policy that was meant, in spite of what was spoiled.
        assert.ok(asks, body);
        const { target, policy, steps } = JSON.parse(body) as Record<string, unknown>;
        const meant = path === '/api/v1/calls' ? (target as { user: unknown }).user : policy;
        // What cannot be seen in a name changes nobody's name.
        const name = storable(String(meant)).replaceAll('\ufffd', '');
        assert.ok(name === call.target.user || name === 'payments' || steps !== undefined, body);
      }),
      {
        numRuns: runs(150),
        examples: [
          ...unstorable(call).map((body) => ['/api/v1/calls', body] as const),
          ...unstorable(escalation).map((body) => ['/api/v1/escalations', body] as const),
        ].map(([path, [body]]) => [{ path, body: JSON.stringify(body), asks: true }]),
      },
    );
    await isWell(world);
  });

  itInBoth('in the paths and queries of the API is answered, and changes nothing', async () => {
    const world = await startWorld({ database: await openEmbedded(), yaml: YAML });
    const segment = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1 }).map((text) => encodeURIComponent(text.toWellFormed())),
      fc.constantFrom('..', '.', '%', '%zz', '%00', '%2e%2e', 'call_', 'esc_x', '*', ';', 'a'.repeat(900)),
    );
    const path = fc
      .tuple(
        fc.constantFrom('calls', 'escalations', 'alerts', 'heartbeats', 'pause', 'x'),
        segment,
        fc.constantFrom('', '/hang-up', '/acknowledge', '/resolve', '/cancel', '/payments', '/v2/enqueue'),
        fc.constantFrom('', '?limit=', '?cursor=', '?status=', '?token='),
        segment,
      )
      .map(([room, id, act, query, value]) => `/api/v1/${room}/${id}${act}${query}${query ? value : ''}`);
    await fc.assert(
      fc.asyncProperty(
        path,
        fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'),
        async (at, method) => {
          // "calls/." is the list itself, since a slash too many does no harm.
          const isList =
            method === 'GET' && /\/(?:calls|escalations)\/?$/.test(new URL(at, world.url).pathname);
          const answer = await fetch(`${world.url}${at}`, {
            method,
            headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
            ...(method === 'GET' ? {} : { body: '{}' }),
          });
          assert.ok(
            (answer.status >= 400 || isList) && answer.status < 500,
            `${answer.status} to ${method} ${at}`,
          );
          await answer.arrayBuffer();
        },
      ),
      { numRuns: runs(200) },
    );
    assert.deepEqual([await count(world, 'calls'), await count(world, 'escalations')], [0, 0]);
    await isWell(world);
  });

  itInBoth(
    'in callbacks with a true token and secret places nothing, and the call comes to its end',
    async () => {
      const world = await startWorld({ database: await openEmbedded(), yaml: YAML });
      await world.api('POST', '/api/v1/calls', { target: { user: 'Nestor Wilke' }, message: 'hello' });
      await world.settle();
      const [record] = world.emulator.calls.list();
      assert.ok(record);
      const path = new URL(record.callbackUri).pathname;
      const token = await world.emulator.keys.sign(
        { iss: callbackIssuer, aud: world.emulator.addresses.resourceId },
        600_000,
      );
      const types = [
        'CallConnected',
        'CallDisconnected',
        'CreateCallFailed',
        'ContinuousDtmfRecognitionToneReceived',
      ];
      const event = (type: string, id: string): object => ({
        id,
        source: `calling/callConnections/${record.callConnectionId}`,
        type: `Microsoft.Communication.${type}`,
        time: '2026-08-20T03:14:05.120Z',
        specversion: '1.0',
        data: {
          callConnectionId: record.callConnectionId,
          serverCallId: record.serverCallId,
          correlationId: record.correlationId,
          operationContext: record.operationContext,
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
          {
            minLength: 1,
            maxLength: 3,
          },
        )
        .chain((all) => spoiled(all.map(([type, id]) => event(type, id))));
      await fc.assert(
        fc.asyncProperty(sent(fc.oneof(events, nonsense)), async (body) => {
          const status = await post(world, path, body, { authorization: `Bearer ${token}` });
          assert.ok(status === 200 || status === 400, `${status}`);
        }),
        {
          numRuns: runs(100),
          examples: types
            .flatMap((type) => unstorable([event(type, type)]))
            .map(([one]) => [JSON.stringify(one)]),
        },
      );
      await world.settle();
      await world.pass(300 * second);
      assert.equal((await newestCall(world))?.status, 'ended');
      assert.deepEqual([await count(world, 'calls'), world.emulator.calls.list().length], [1, 1]);
      await isWell(world);
    },
  );

  itInBoth('in callbacks without them is stored nowhere', async () => {
    const world = await startWorld({ database: await openEmbedded(), yaml: YAML });
    await world.api('POST', '/api/v1/calls', { target: { user: 'Nestor Wilke' }, message: 'hello' });
    await world.settle();
    const [record] = world.emulator.calls.list();
    assert.ok(record);
    const known = new URL(record.callbackUri).pathname;
    const { resourceId } = world.emulator.addresses;
    const token = await world.emulator.keys.sign({ iss: callbackIssuer, aud: resourceId }, 600_000);
    const elsewhere = await world.emulator.keys.sign({ iss: callbackIssuer, aud: 'another' }, 600_000);
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${token.split('.')[1]}.`;
    const forged = fc.record({
      path: fc.constantFrom(known, `${known}x`, known.slice(0, -1), '/api/callbacks/call_1/x', `${known}%00`),
      authorization: fc.oneof(
        fc.constantFrom(none, elsewhere, `${token}x`, token.slice(0, -4), '', token.replace(/^[^.]*/, 'e30')),
        fc.stringMatching(/^[!-~]{0,40}$/),
      ),
      body: sent(nonsense),
    });
    const before = world.log.length;
    await fc.assert(
      fc.asyncProperty(forged, async ({ path, authorization, body }) => {
        const status = await post(world, path, body, { authorization: `Bearer ${authorization}` });
        assert.ok(status === 401 || status === 400 || status === 404, `${status}`);
      }),
      { numRuns: runs(150) },
    );
    assert.ok(!world.log.slice(before).some((line) => line.includes('"msg":"event of the service"')));
    await isWell(world);
  });

  itInBoth('in alerts opens nothing, and what is nearly an alert is answered without a fault', async () => {
    const world = await startWorld({ database: await openEmbedded(), yaml: YAML });
    // What is taken need not be dialled here.
    await world.api('POST', '/api/v1/pause', { by: 'a test' });
    const bodies: [path: string, body: object][] = [
      ['alertmanager/payments', alertmanagerBody([{}, { status: 'resolved', fingerprint: 'b' }])],
      ['grafana/payments', grafanaBody()],
      ['azure-monitor/payments', azureBody()],
      ['pagerduty/v2/enqueue', { ...pagerDutyBody('trigger'), routing_key: PD_KEY }],
    ];
    const wild = fc.record({
      path: fc.constantFrom(...bodies.map(([path]) => path), 'grafana/nope', 'x/payments'),
      body: sent(nonsense),
    });
    await fc.assert(
      fc.asyncProperty(
        wild,
        async ({ path, body }) => void (await post(world, `/api/v1/alerts/${path}`, body)),
      ),
      { numRuns: runs(75) },
    );
    await world.settle();
    assert.equal(await count(world, 'escalations'), 0);

    const near = fc
      .constantFrom(...bodies)
      .chain(([path, body]) => spoiled(body).map((one) => ({ path, one })));
    await fc.assert(
      fc.asyncProperty(near, async ({ path, one }) => {
        await post(world, `/api/v1/alerts/${path}`, JSON.stringify(one) ?? '');
      }),
      {
        numRuns: runs(50),
        examples: bodies.flatMap(([path, body]) =>
          unstorable(body).map(([one]): [{ path: string; one: unknown }] => [{ path, one }]),
        ),
      },
    );
    await world.settle();
    await isWell(world);
  });
});
