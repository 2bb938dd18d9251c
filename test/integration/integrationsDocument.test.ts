import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { signatureOf } from '../../src/webhooks/signature.ts';
import { forEachDatabaseByTurns } from '../support/databases.ts';
import { API_KEY, startWorld } from '../support/world.ts';

const text = readFileSync(new URL('../../docs/integrations.md', import.meta.url), 'utf8');
const blocks = (kind: string): string[] =>
  [...text.matchAll(new RegExp(`^\`\`\`${kind}\\n([^]*?)^\`\`\`$`, 'gm'))].map(([, block]) => block ?? '');

const GRAFANA_KEY = 'a-key-of-grafana';
const PAGERDUTY_KEY = 'a-key-for-probes';
const hash = (key: string): string => createHash('sha256').update(key).digest('hex');
const YAML = `
integrations:
  - {name: grafana, kind: grafana, hash: ${hash(GRAFANA_KEY)}, policy: payments, signatureSecret: signs}
  - {name: probes, kind: pagerduty, hash: ${hash(PAGERDUTY_KEY)}, policy: payments}
heartbeats: [{name: nightly-backup, every: 26h, policy: payments}]
policies: {payments: {steps: [{targets: [{user: Adele Vance}]}]}}
`;

describe('docs/integrations.md', function () {
  forEachDatabaseByTurns((open, kind) => {
    if (kind === 'postgres') return;
    it('has shell commands that do what they say', async () => {
      const world = await startWorld({ database: await open(), yaml: YAML });
      const tried = blocks('sh').filter((block) => block.includes('curl'));
      assert.ok(tried.length >= 8);
      for (const block of tried) {
        const { stdout } = await promisify(execFile)('sh', ['-euc', block], {
          env: {
            PATH: process.env['PATH'] ?? '',
            RINGDOWN: world.url,
            KEY: API_KEY,
            GRAFANA_KEY,
            PAGERDUTY_KEY,
            GRAFANA_SECRET: 'signs',
          },
        });
        assert.match(stdout, /"status":"(accepted|success|open)"|"paused":false/, block);
      }
      await world.pass(2_000);
      const { items } = (await world.api('GET', '/api/v1/escalations')).body as {
        items: { summary: string }[];
      };
      // The five alerts are one escalation; the one started through the API is another.
      assert.deepEqual(items.map(({ summary }) => summary).toSorted(), [
        '5 alerts: Checkout error rate over 5 %',
        'Checkout errors over 5 %',
      ]);
    });
  });

  it('has code that verifies signatures correctly', async () => {
    const [source = ''] = blocks('js');
    const module: unknown = await import(`data:text/javascript,${encodeURIComponent(source)}`);
    assert.ok(typeof module === 'object' && module !== null && 'isFromRingdown' in module);
    const { isFromRingdown } = module;
    assert.ok(typeof isFromRingdown === 'function');
    const now = 1_790_000_000_000;
    const header = signatureOf('{}', ['new', 'old'], now);
    const check = (...args: unknown[]): unknown => Reflect.apply(isFromRingdown, null, args);
    assert.equal(check('{}', header, 'new', now), true);
    assert.equal(check('{}', header, 'old', now), true);
    assert.equal(check('{}', header, 'other', now), false);
    assert.equal(check('{ }', header, 'new', now), false);
    assert.equal(check('{}', header, 'new', now + 600_000), false);
  });
});
