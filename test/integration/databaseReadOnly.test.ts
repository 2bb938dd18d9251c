import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import pg from 'pg';
import { alertmanagerBody, azureBody, grafanaBody, pagerDutyBody } from '../support/alerts/bodies.ts';
import { inspectDatabase } from '../../src/database/inspect.ts';
import type { Database } from '../../src/database/open.ts';
import { createReadiness } from '../../src/operations/readiness.ts';
import { afterTest } from '../support/afterTest.ts';
import { onPostgres, openEmbedded } from '../support/databases.ts';
import { API_KEY, newestCall, startWorld, type World } from '../support/world.ts';

const EVENT_GRID_SECRET = 'the-secret-of-event-grid';
const PAGERDUTY_KEY = '0123456789abcdef0123456789abcdef';
const hashOf = (key: string): string => createHash('sha256').update(key).digest('hex');
const YAML = `
operators: [Megan Bowen]
heartbeats: [{name: nightly-backup, every: 26h, policy: payments}]
integrations: [{name: probes, kind: pagerduty, hash: ${hashOf(PAGERDUTY_KEY)}, policy: payments}]
policies: {payments: {steps: [{targets: [{user: Adele Vance}]}]}}
`;

/** As after a failover, or on a full disk: the server answers, but accepts no writes. */
async function setReadOnly(database: Database, on: boolean): Promise<void> {
  await sql`SET default_transaction_read_only = ${sql.raw(on ? 'on' : 'off')}`.execute(database.sql);
}

describe('a read-only database', function () {
  let database: Database;
  let world: World;

  beforeEach(async () => {
    database = await openEmbedded();
    world = await startWorld({ database, yaml: YAML, env: { EVENT_GRID_SECRET } });
  });
  afterEach(async () => await setReadOnly(database, false));

  const requests: readonly [path: string, body?: unknown][] = [
    ['/api/v1/calls', { target: { user: 'adele@contoso.example' }, message: 'The build is red' }],
    ['/api/v1/escalations', { policy: 'payments', summary: 'Checkout fails' }],
    ['/api/v1/alerts/alertmanager/payments', alertmanagerBody()],
    ['/api/v1/alerts/grafana/payments', grafanaBody()],
    ['/api/v1/alerts/azure-monitor/payments', azureBody()],
    ['/api/v1/alerts/pagerduty/v2/enqueue', pagerDutyBody('trigger')],
    ['/api/v1/heartbeats/nightly-backup'],
    ['/api/v1/pause'],
    [`/api/events?token=${EVENT_GRID_SECRET}`, [{ id: '1', eventType: 'Microsoft.Communication.CallEnded' }]],
  ];
  it('answers 503 with Retry-After to everything that must be stored, and readiness fails', async () => {
    await setReadOnly(database, true);
    for (const [path, body] of requests) {
      const response = await fetch(`${world.url}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      assert.equal(response.status, 503, `${path} ${await response.text()}`);
      assert.ok(Number(response.headers.get('retry-after')) > 0, path);
    }
    const ready = await fetch(`${world.url}/readyz`);
    assert.equal(ready.status, 503);
    assert.ok(Number(ready.headers.get('retry-after')) > 0);
    const { checks } = (await ready.json()) as { checks: Record<string, string> };
    assert.equal(checks['database'], 'read-only');
    assert.equal((await fetch(`${world.url}/healthz`)).status, 200, 'a restart would not help');
    assert.match(await (await fetch(`${world.url}/metrics`)).text(), /^ringdown_database_up 0$/m);
  });

  it('claims in the chat no success, and the service retries its events', async () => {
    const say = async (text: string): Promise<string> => {
      const heard = await world.emulator.channel.send({ from: 'Megan Bowen', text });
      assert.equal(heard.status, 200);
      return world.emulator.channel.messages(heard.conversationId).at(-1)?.activity.text ?? '';
    };
    const placed = await world.api('POST', '/api/v1/calls', requests[0]?.[1]);
    assert.equal(placed.status, 202);
    await world.settle();
    const adele = world.emulator.phone('Adele Vance');
    assert.equal(adele.rings().length, 1);

    await setReadOnly(database, true);
    assert.ok(adele.answer());
    await world.emulator.idle();
    const deliveries = world.emulator.calls
      .list()
      .flatMap(({ events }) => events.flatMap((event) => event.deliveries.map(({ status }) => status)));
    assert.deepEqual(new Set(deliveries), new Set([503]));
    assert.match(await say('call Diego Siciliani: the build is red'), /^I cannot take requests right now/);

    await setReadOnly(database, false);
    await world.pass(60_000);
    assert.equal((await newestCall(world))?.disposition, 'answered');
    assert.equal(adele.rings().length, 1);
    assert.equal(world.emulator.phone('Diego Siciliani').rings().length, 0);
  });
});

describe('a read-only server', function () {
  onPostgres((open, freshUrl) => {
    it('connections to a read-only server are not reused once another server accepts writes', async () => {
      const url = await freshUrl();
      const name = new URL(url).pathname.slice(1);
      const admin = new pg.Client(url);
      await admin.connect();
      afterTest(async () => await admin.end());
      await admin.query(`ALTER DATABASE "${name}" SET default_transaction_read_only = on`);
      const opened = await open(url).then(
        () => null,
        (error: unknown) => error,
      );
      assert.match(String(opened), /read-only/, 'tables are not migrated there');
      const state = await inspectDatabase({ url, dataDir: '' }, Date.now);
      assert.ok(state.kind === 'there' && state.readOnly === 'setting');

      await admin.query(`SET default_transaction_read_only = off`);
      await admin.query(`ALTER DATABASE "${name}" RESET default_transaction_read_only`);
      const there = await open(url);
      // A connection keeps the state of its start, as one to a real server keeps leading to that server.
      const count = async (): Promise<void> =>
        void (await there.sql.insertInto('settings').values({ name: 'x', value: '{}' }).execute());
      await sql`SET default_transaction_read_only = on`.execute(there.sql);
      await assert.rejects(count(), { code: '25006' });
      await count();

      const another = await open(url);
      const readiness = createReadiness({
        database: another,
        jobs: { lastTick: 0 },
        clock: { now: () => 0 },
        isStopping: () => false,
      });
      await sql`SET default_transaction_read_only = on`.execute(another.sql);
      assert.equal((await readiness()).checks['database'], 'read-only');
      await another.sql.deleteFrom('settings').execute();
    });
  });
});
