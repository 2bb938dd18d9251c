import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { openEmbedded } from '../support/databases.ts';
import { startWorld } from '../support/world.ts';

const KEY = 'a-key-that-stands-in-an-address';
const SECRET = 'grafana-secret';
const hash = createHash('sha256').update(KEY).digest('hex');
const yaml = `
policies: {payments: {steps: [{targets: [{user: adele@contoso.example}]}]}}
integrations: [{name: signed, kind: grafana, hash: ${hash}, policy: payments, signatureSecret: ${SECRET}}]
`;
const body = JSON.stringify({
  version: '4',
  groupKey: 'g',
  status: 'firing',
  receiver: 'r',
  groupLabels: { alertname: 'Red' },
  alerts: [
    { status: 'firing', labels: { alertname: 'Red' }, annotations: {}, fingerprint: '9f2c41d0a7be3356' },
  ],
});

describe('the time stamp that Grafana signs', function () {
  it('is searched in a few headers only, because each hashes the whole body', async () => {
    const world = await startWorld({ database: await openEmbedded(), yaml, clock: 'real' });
    const now = Math.floor(Date.now() / 1000);
    const status = async (others: number): Promise<number> => {
      const signature = createHmac('sha256', SECRET).update(`${now}:${body}`).digest('hex');
      const headers = new Headers({
        'content-type': 'application/json',
        'x-grafana-alerting-signature': signature,
      });
      for (let nth = 0; nth < others; nth++) headers.set(`x-time-a${nth}`, String(now - 1 - nth));
      headers.set('x-time-z', String(now));
      const url = `${world.url}/api/v1/alerts/grafana/payments?token=${KEY}`;
      return (await fetch(url, { method: 'POST', headers, body })).status;
    };
    assert.equal(await status(0), 202);
    assert.equal(await status(3), 202);
    assert.equal(await status(100), 401);
  });
});
