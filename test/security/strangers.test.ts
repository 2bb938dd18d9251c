import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Agent, request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { sql } from 'kysely';
import { openEmbedded } from '../support/databases.ts';
import { isLong, itInBoth } from '../support/long.ts';
import { API_KEY, startWorld, type World } from '../support/world.ts';

const second = 1000;
const minute = 60 * second;
const MANY = isLong ? 5000 : 500;
const AT_ONCE = 16;

const hash = (key: string): string => createHash('sha256').update(key).digest('hex');
const YAML = `
operators: [Megan Bowen]
integrations:
  - {name: broken sender, kind: grafana, hash: ${hash('grafana-key')}, policy: payments}
  - {name: signed, kind: grafana, hash: ${hash('signed-key')}, policy: payments, signatureSecret: grafana-secret}
  - {name: probes, kind: pagerduty, hash: ${hash('routing-key')}, policy: payments}
heartbeats: [{name: nightly-backup, every: 1d, policy: payments}]
policies:
  payments: {steps: [{targets: [{user: Adele Vance}]}]}
  nobody: {steps: [{targets: [{user: Isaiah Langer}]}]}
`;

interface Sent {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: Buffer | string;
}

const json = { 'content-type': 'application/json' };
const bodies: readonly Pick<Sent, 'headers' | 'body'>[] = [
  { headers: { ...json, 'content-encoding': 'gzip' }, body: 'this is not gzip' },
  { headers: { ...json, 'content-encoding': 'gzip' }, body: gzipSync('0'.repeat(600_000)) },
  { headers: json, body: '{"routing_key":' },
  { headers: json, body: '{"routing_key":"look-at-evil.example","event_action":"trigger"}' },
  { headers: { 'content-type': 'text/evil' }, body: 'evil' },
];
const credentials: readonly Record<string, string>[] = [
  {},
  { authorization: 'Bearer look-at-evil.example' },
  { authorization: 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJldmlsIn0.' },
];

/** Requests of each kind to each route, and to unknown paths, without a valid key. */
function* keyless(world: World): Generator<Sent> {
  const addresses = [
    ...world.app.routes.map(({ method, path }) => ({ method, path })),
    { method: 'POST', path: '/api/v1/alerts/grafana/payments?token=signed-key' },
    { method: 'POST', path: '/api/v1/alerts/:evil/:evil' },
    { method: 'DELETE', path: '/api/v1/alerts/grafana/:evil' },
    { method: 'POST', path: '/:evil' },
  ];
  for (let n = 0; ; n++) {
    for (const [index, { method, path }] of addresses.entries()) {
      const { headers, body } = bodies[(n + index) % bodies.length] ?? { headers: {}, body: '' };
      yield {
        method,
        path: path.replace(/:\w+/g, (name) => `evil-${name.slice(1)}-${n}`),
        headers: { ...credentials[(n + 2 * index) % credentials.length], ...headers },
        body: method === 'GET' ? '' : body,
      };
    }
  }
}

/** Garbage from senders with a valid key. */
function* broken(): Generator<Sent> {
  for (let n = 0; ; n++) {
    for (const { headers, body } of bodies) {
      const to = (path: string, key: string): Sent => ({
        method: 'POST',
        path,
        body,
        headers: { authorization: `Bearer ${key}`, ...headers },
      });
      yield to('/api/v1/alerts/grafana/payments', 'grafana-key');
      yield to(`/api/v1/alerts/alertmanager/made-up-${n}`, 'grafana-key');
      yield to(`/api/v1/alerts/azure-monitor/made-up-${n}`, API_KEY);
      yield {
        method: 'POST',
        path: '/api/v1/alerts/pagerduty/v2/enqueue',
        headers: json,
        body: JSON.stringify({ routing_key: 'routing-key', event_action: `made-up-${n}` }),
      };
    }
  }
}

/** @returns the number of answers by status */
async function flood(world: World, requests: Generator<Sent>, many: number): Promise<Map<number, number>> {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const statuses = new Map<number, number>();
  let left = many;
  const send = async ({ method, path, headers, body }: Sent): Promise<number> =>
    await new Promise((resolve, reject) => {
      const sending = request(`${world.url}${path}`, { agent, method, headers }, (answer) => {
        answer.resume();
        answer.once('end', () => resolve(answer.statusCode ?? 0));
      });
      sending.once('error', reject);
      sending.end(body);
    });
  const one = async (): Promise<void> => {
    while (left-- > 0) {
      const { value } = requests.next() as IteratorYieldResult<Sent>;
      const status = await send(value);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  agent.destroy();
  return statuses;
}

const told = (world: World): string[] =>
  world.emulator.channel
    .messages(world.emulator.channel.personal('Megan Bowen').id)
    .map(({ activity }) => JSON.stringify(activity))
    .filter((text) => text.includes('needs your attention'));

/** An escalation is exhausted because nobody can be called. */
async function exhaust(world: World): Promise<void> {
  await world.api('POST', '/api/v1/escalations', { policy: 'nobody', summary: 'It burns' });
  for (let waited = 0; waited < 2 * minute; waited += second) {
    const { body } = await world.api('GET', '/api/v1/escalations?limit=1');
    if (JSON.stringify(body).includes('"status":"exhausted"')) return;
    await world.pass(second);
  }
  assert.fail('it is not exhausted');
}

/** Notices caused by what was sent to alert endpoints. */
async function rows(world: World): Promise<number> {
  const { count } = await world.app.database.sql
    .selectFrom('operator_notices')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .where(sql<string>`notice ->> 'kind'`, 'like', 'intake%')
    .executeTakeFirstOrThrow();
  return Number(count);
}

describe('nobody shouts us down', function () {
  this.timeout(isLong ? 600_000 : 300_000);
  const open = async (): Promise<World> =>
    await startWorld({
      database: await openEmbedded(),
      yaml: YAML,
      env: { EVENT_GRID_SECRET: 'the-secret-of-event-grid-for-tests-only' },
    });

  itInBoth(
    'an exhausted escalation is reported within a minute, however much strangers send to any address',
    async () => {
      const world = await open();
      const requests = keyless(world);
      await flood(world, requests, MANY / 2);
      await world.pass(12 * second);
      const before = told(world).length;
      assert.equal(before, 1, 'strangers are reported once');
      const statuses = await flood(world, requests, MANY / 2);
      assert.deepEqual(
        [...statuses.keys()].filter((status) => status >= 500),
        [],
      );
      await exhaust(world);
      await world.pass(minute);
      const [strangers = '', ...since] = told(world);
      assert.match(strangers, /no valid key or signature.*\(\d+ times\)/);
      assert.doesNotMatch(told(world).join(''), /evil/);
      assert.match(since.join(''), /Nobody in nobody acknowledged: It burns/);
      assert.equal(await rows(world), 1);
      const [refused] = (await world.app.metrics.text()).matchAll(
        /^ringdown_http_strangers_refused_total\{route="none"\} (\d+)/gm,
      );
      assert.ok(Number(refused?.[1]) > 0, 'they are counted');
      const lines = world.log.filter((line) => line.includes('evil') && line.includes('"level":"info"'));
      assert.ok(lines.length < 130, `${lines.length} lines of the log`);
      assert.ok(lines.every((line) => line.length < 500));
    },
  );

  itInBoth(
    'an exhausted escalation is reported within a minute, however much garbage senders with a valid key send',
    async () => {
      const world = await open();
      const requests = broken();
      await flood(world, requests, MANY / 2);
      await world.pass(12 * second);
      assert.equal(told(world).length, 1);
      await flood(world, requests, MANY / 2);
      await exhaust(world);
      await world.pass(minute);
      assert.match(told(world).slice(1).join(''), /Nobody in nobody acknowledged: It burns/);
      const [garbage = ''] = told(world);
      assert.match(garbage, /An alert from broken sender \(grafana\/payments\) was rejected \(bad_request\)/);
      assert.match(garbage, /An alert from probes \(pagerduty\/payments\) was rejected \(bad_request\)/);
      assert.ok((await rows(world)) < 20, 'what each of them does wrong is counted, not stored one by one');
    },
  );
});
