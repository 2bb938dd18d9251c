import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { alertmanagerBody, azureBody, grafanaBody, pagerDutyBody } from '../support/alerts/bodies.ts';
import { attack, type Attacked, type Sent } from '../support/fuzz/attacked.ts';
import { inCrowds } from '../support/fuzz/crowds.ts';
import { nonsense, sent, spoiled, unstorable } from '../support/fuzz/spoiled.ts';
import { itInBoth, runs } from '../support/long.ts';

/* How many runs each has is told in docs/security.md, and a test holds the two together. */

const PD_KEY = '0123456789abcdef0123456789abcdef';
const YAML = `
integrations:
  - {name: pd, kind: pagerduty, hash: ${createHash('sha256').update(PD_KEY).digest('hex')}, policy: payments}
policies: {payments: {steps: [{targets: [{user: Nestor Wilke}], ringTimeoutSeconds: 5}]}}
`;
const BODIES: [path: string, body: object][] = [
  ['alertmanager/payments', alertmanagerBody([{}, { status: 'resolved', fingerprint: 'b' }])],
  ['grafana/payments', grafanaBody()],
  ['azure-monitor/payments', azureBody()],
  ['pagerduty/v2/enqueue', { ...pagerDutyBody('trigger'), routing_key: PD_KEY }],
];

describe('Nonsense in alerts', function () {
  this.timeout(3_600_000);

  /** A server that dials nothing, and takes crowds of alerts. */
  async function paused(): Promise<Attacked & { sendAll: (crowd: Sent[]) => Promise<void> }> {
    const attacked = await attack(YAML);
    attacked.keepSecret(PD_KEY);
    await attacked.world.api('POST', '/api/v1/pause', { by: 'a test' });
    const sendAll = async (crowd: Sent[]): Promise<void> => {
      const answers = await Promise.all(
        crowd.map(async ({ path, ...more }) => ({
          path,
          ...(await attacked.send({ path: `/api/v1/alerts/${path}`, ...more })),
        })),
      );
      for (const { path, status, headers } of answers) {
        // PagerDuty's senders expect PagerDuty's own form.
        if (status < 400 || path.includes('pagerduty')) continue;
        assert.match(headers['content-type'] ?? '', /^application\/problem\+json/);
      }
      await attacked.world.settle();
      attacked.isWell();
    };
    return { ...attacked, sendAll };
  }

  itInBoth('opens nothing', async () => {
    const { sendAll, count } = await paused();
    const wild = fc.record({
      path: fc.constantFrom(...BODIES.map(([path]) => path), 'grafana/nope', 'x/payments'),
      body: sent(nonsense),
    });
    await inCrowds(wild, { numRuns: runs(75, 150_000) }, sendAll);
    assert.equal(await count('escalations'), 0);
  });

  itInBoth('that is nearly an alert is answered without a fault', async () => {
    const { sendAll } = await paused();
    const near = fc
      .constantFrom(...BODIES)
      .chain(([path, body]) => spoiled(body).map((one) => ({ path, body: JSON.stringify(one) ?? '' })));
    const examples = BODIES.flatMap(([path, body]) =>
      unstorable(body).map(([one]) => ({ path, body: JSON.stringify(one) })),
    );
    await inCrowds(near, { numRuns: runs(50, 100_000), examples }, sendAll);
  });
});
