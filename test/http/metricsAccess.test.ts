import assert from 'node:assert/strict';
import { metricsRoute } from '../../src/http/routes/metrics.ts';
import { openEmbedded } from '../support/databases.ts';
import { startWorld } from '../support/world.ts';

const TOKEN = 'a-token-for-the-scraper';

/** The status for a request from this address. */
async function statusFor(
  remoteAddress: string,
  headers: Record<string, string> = {},
  token: string | null = null,
): Promise<number> {
  const route = metricsRoute({ text: async () => 'ringdown_up 1', contentType: 'text/plain', token });
  const head = {
    method: 'GET',
    params: {},
    query: new URLSearchParams(),
    headers,
    remoteAddress,
    reference: 'r',
  };
  return await route.admit(head).then(
    () => 200,
    (error: { kind: { status: number } }) => error.kind.status,
  );
}

describe('who can read the metrics', () => {
  describe('without METRICS_TOKEN', () => {
    for (const address of [
      '127.0.0.1',
      '::1',
      '10.1.2.3',
      '172.31.0.1',
      '192.168.7.7',
      '::ffff:10.0.0.1',
      'fd00::7',
      'fe80::1%eth0',
    ]) {
      it(`somebody at ${address}`, async () => assert.equal(await statusFor(address), 200));
    }
    // With HOST=:: every IPv4 client appears as ::ffff:…; 6to4 and Teredo embed public IPv4 addresses too.
    for (const address of [
      '8.8.8.8',
      '2a00:1450:4001::1',
      '172.32.0.1',
      '::ffff:8.8.8.8',
      '64:ff9b::808:808',
      '2002:808:808::1',
      '2001:0:808:808::1',
      '',
    ]) {
      it(`not somebody at ${address || 'an unknown address'}`, async () => {
        assert.equal(await statusFor(address), 403);
      });
    }
    const forwarded: Record<string, string>[] = [
      { 'x-forwarded-for': '10.0.0.1' },
      { 'x-forwarded-for': '' },
      { forwarded: 'for=127.0.0.1' },
      { 'x-real-ip': '10.0.0.1' },
      { 'x-forwarded-proto': 'https' },
      { via: '1.1 gateway' },
      { 'cf-connecting-ip': '8.8.8.8' },
      { 'x-original-host': 'ringdown.contoso.example' },
    ];
    for (const headers of forwarded) {
      it(`nobody behind a proxy (${JSON.stringify(headers)})`, async () => {
        assert.equal(await statusFor('127.0.0.1', headers), 403);
      });
    }
  });

  describe('with METRICS_TOKEN', () => {
    const withToken = async (headers: Record<string, string>): Promise<number> =>
      await statusFor('8.8.8.8', headers, TOKEN);
    it('anybody who sends it, from anywhere', async () => {
      assert.equal(await withToken({ authorization: `Bearer ${TOKEN}`, 'x-forwarded-for': '8.8.4.4' }), 200);
    });
    for (const authorization of [
      '',
      'Bearer ',
      `Bearer ${TOKEN}x`,
      `Bearer ${TOKEN.slice(1)}`,
      `Basic ${TOKEN}`,
    ]) {
      it(`nobody with ${JSON.stringify(authorization)}`, async () => {
        assert.equal(await withToken({ authorization }), 401);
        assert.equal(await statusFor('127.0.0.1', { authorization }, TOKEN), 401);
      });
    }
  });

  it('as set in the environment of the running product', async () => {
    const world = await startWorld({ database: await openEmbedded(), env: { METRICS_TOKEN: TOKEN } });
    const scraped = async (headers: Record<string, string>): Promise<Response> =>
      await fetch(`${world.url}/metrics`, { headers });
    assert.equal((await scraped({})).status, 401);
    const answer = await scraped({ Authorization: `Bearer ${TOKEN}` });
    assert.match(await answer.text(), /^ringdown_open_calls/m);
  });
});
