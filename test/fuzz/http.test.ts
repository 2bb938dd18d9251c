import assert from 'node:assert/strict';
import fc from 'fast-check';
import { storable } from '../../src/database/storable.ts';
import { attack } from '../support/fuzz/attacked.ts';
import { inCrowds } from '../support/fuzz/crowds.ts';
import { CANARY, nonsense, sent, spoiled, unstorable } from '../support/fuzz/spoiled.ts';
import { itInBoth, runs } from '../support/long.ts';

/* How many runs each has is told in docs/security.md, and a test holds the two together. */

const YAML = `
limits: {createCallsPerSecond: 100, perCallee: 1000/1h}
policies: {payments: {steps: [{targets: [{user: Nestor Wilke}], ringTimeoutSeconds: 5}]}}
`;

describe('Nonsense over HTTP', function () {
  this.timeout(3_600_000);

  itInBoth('in the bodies of the API places no call that was not asked for', async () => {
    const { world, send, count, isWell } = await attack(YAML);
    // What is taken need not be dialled here.
    await world.api('POST', '/api/v1/pause', { by: 'a test' });
    const call = { target: { user: 'Adele Vance' }, message: `Red: ${CANARY}`, ringTimeoutSeconds: 30 };
    const escalation = {
      policy: 'payments',
      summary: `Checkout errors ${CANARY}`,
      severity: 'critical',
      dedupKey: 'x',
      links: [{ text: 'dashboard', href: `https://x.example/?${CANARY}` }],
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
    const examples = [
      ...unstorable(call).map((body) => ['/api/v1/calls', body] as const),
      ...unstorable(escalation).map((body) => ['/api/v1/escalations', body] as const),
    ].map(([path, [body]]) => ({ path, body: JSON.stringify(body), asks: true }));
    let calls = 0;
    await inCrowds(request, { numRuns: runs(150, 100_000), examples }, async (crowd) => {
      const answers = await Promise.all(
        crowd.map(async ({ path, body, asks }) => ({ ...(await send({ path, body })), path, body, asks })),
      );
      const taken = answers.filter(({ status }) => status === 202);
      const placed = (await count('calls')) - calls;
      assert.ok(placed <= taken.length, `${placed} calls for ${taken.length} requests`);
      calls += placed;
      for (const { path, body, asks } of taken) {
        // Taken: then it is a request for the person or the policy that was meant, in spite of what was spoiled.
        assert.ok(asks, body);
        const { target, policy, steps } = JSON.parse(body) as Record<string, unknown>;
        const meant = path === '/api/v1/calls' ? (target as { user: unknown }).user : policy;
        // What cannot be seen in a name changes nobody's name.
        const name = storable(String(meant)).replaceAll('\ufffd', '');
        assert.ok(name === call.target.user || name === 'payments' || steps !== undefined, body);
      }
      isWell();
    });
  });

  itInBoth('in the paths and queries of the API is answered, and changes nothing', async () => {
    const { world, send, count, isWell } = await attack(YAML);
    const segment = fc.oneof(
      fc.string({ unit: 'binary', minLength: 1 }).map((text) => encodeURIComponent(text.toWellFormed())),
      fc.constantFrom('..', '.', '%', '%zz', '%00', '%2e%2e', 'call_', 'esc_x', '*', ';', 'a'.repeat(900)),
    );
    const path = fc
      .tuple(
        fc.constantFrom('calls', 'escalations', 'alerts', 'heartbeats', 'pause', 'x'),
        segment,
        fc.constantFrom('', '/hang-up', '/acknowledge', '/resolve', '/cancel', '/payments', '/v2/enqueue'),
        fc.constantFrom('', '?limit=', '?cursor=', '?status=', `?${CANARY}&token=`),
        segment,
      )
      .map(([room, id, act, query, value]) => `/api/v1/${room}/${id}${act}${query}${query ? value : ''}`);
    const request = fc.record({
      at: path,
      method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'),
    });
    await inCrowds(request, { numRuns: runs(200, 200_000) }, async (crowd) => {
      const answered = async ({ at, method }: (typeof crowd)[number]): Promise<void> => {
        // "calls/." is the list itself, since a slash too many does no harm.
        const isList =
          method === 'GET' && /\/(?:calls|escalations)\/?$/.test(new URL(at, world.url).pathname);
        const { status } = await send({ method, path: at, body: '{}' });
        assert.ok(status >= 400 || isList, `${status} to ${method} ${at}`);
      };
      await Promise.all(crowd.map(answered));
      isWell();
    });
    assert.deepEqual([await count('calls'), await count('escalations')], [0, 0]);
  });
});
