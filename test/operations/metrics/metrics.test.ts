import assert from 'node:assert/strict';
import { forEachDatabaseByTurns } from '../../support/databases.ts';
import { startWorld, type World } from '../../support/world.ts';

const second = 1000;
const YAML = `
limits: {perCallee: 2/1h}
policies: {payments: {steps: [{targets: [{user: Nestor Wilke}], ringTimeoutSeconds: 5}]}}
`;

/** The value of a series in /metrics; undefined if there is none. Labels in the order of /metrics. */
async function value(world: World, series: string): Promise<number | undefined> {
  const answer = await fetch(`${world.url}/metrics`);
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  const line = (await answer.text()).split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

const call = async (world: World, user: string): Promise<{ status: number }> =>
  await world.api('POST', '/api/v1/calls', { target: { user }, message: 'The build is red' });

describe('metrics', function () {
  forEachDatabaseByTurns((open) => {
    it('measure a call from the request to its end, and all its outgoing requests', async () => {
      const world = await startWorld({ database: await open(), yaml: YAML });
      await call(world, 'Adele Vance');
      await world.settle();
      await world.pass(second);
      assert.equal(await value(world, 'ringdown_open_calls{status="dialing"}'), 1);
      await world.pass(60 * second);
      const expected: Record<string, number> = {
        'ringdown_calls_placed_total{purpose="speak",by="api"}': 1,
        'ringdown_calls_ended_total{purpose="speak",disposition="answered"}': 1,
        'ringdown_request_to_create_call_seconds_count{purpose="speak",waited="no"}': 1,
        'ringdown_time_to_answer_seconds_count{purpose="speak"}': 1,
        'ringdown_time_to_answer_seconds_sum{purpose="speak"}': 2,
        'ringdown_callback_events_total{type="CallConnected",outcome="applied"}': 1,
        'ringdown_outgoing_requests_total{service="identity",status="201"}': 1,
        'ringdown_outgoing_requests_total{service="callAutomation",status="201"}': 1,
        ringdown_database_up: 1,
        ringdown_paused: 0,
      };
      for (const [series, number] of Object.entries(expected)) {
        assert.equal(await value(world, series), number, series);
      }
      assert.ok(
        ((await value(world, 'ringdown_outgoing_requests_total{service="graph",status="200"}')) ?? 0) > 0,
      );
      assert.ok(((await value(world, 'ringdown_callback_lag_seconds_count')) ?? 0) > 2);
      const route = 'ringdown_http_request_seconds_count{route="POST /api/v1/calls",status="202"}';
      assert.equal(await value(world, route), 1);
    });

    it('count limits, refused callbacks, duplicates, and an escalation that nobody acknowledged', async () => {
      const world = await startWorld({ database: await open(), yaml: YAML });
      world.emulator.eventFaults.add({ kind: 'duplicate', type: 'CallConnected' });
      await call(world, 'Adele Vance');
      await world.pass(40 * second);
      await call(world, 'Adele Vance');
      assert.equal((await call(world, 'Adele Vance')).status, 429);
      await fetch(`${world.url}/api/callbacks/call_x/y`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer a.b.c' },
        body: '[]',
      });
      const alert = { policy: 'payments', summary: 'Checkout errors', severity: 'critical' };
      await world.api('POST', '/api/v1/escalations', alert);
      await world.pass(40 * second);
      const expected: Record<string, number> = {
        'ringdown_limits_hit_total{limit="perCallee"}': 1,
        'ringdown_callbacks_refused_total{reason="token"}': 1,
        'ringdown_callback_events_total{type="CallConnected",outcome="duplicate"}': 1,
        'ringdown_escalation_events_total{event="opened"}': 1,
        'ringdown_escalation_events_total{event="exhausted"}': 1,
        'ringdown_open_escalations{status="exhausted"}': 1,
        'ringdown_open_escalations{status="open"}': 0,
      };
      for (const [series, number] of Object.entries(expected)) {
        assert.equal(await value(world, series), number, series);
      }
    });

    it('measure how long an acknowledgement took', async () => {
      const world = await startWorld({ database: await open(), yaml: YAML });
      const alert = { policy: 'payments', summary: 'Checkout errors', severity: 'critical' };
      const { body } = await world.api('POST', '/api/v1/escalations', alert);
      await world.pass(3 * second);
      const { id } = body as { id: string };
      await world.api('POST', `/api/v1/escalations/${id}/acknowledge`, { by: 'Megan Bowen' });
      await world.settle();
      const sum = 'ringdown_time_to_acknowledge_seconds_sum{severity="critical"}';
      assert.equal(await value(world, sum), 3);
    });

    it('contain no personal data and no secrets', async () => {
      const world = await startWorld({ database: await open(), yaml: YAML });
      await call(world, 'Adele Vance');
      await world.pass(60 * second);
      const text = await (await fetch(`${world.url}/metrics`)).text();
      const { connectionString, graphToken } = world.emulator.addresses;
      for (const word of [
        'Adele',
        'Vance',
        'contoso',
        '87d349ed',
        'call_',
        'red',
        connectionString,
        graphToken,
      ]) {
        // Here `call_` begins names of metrics, not ids.
        const found =
          word === 'call_' ? /call_[0-9a-f]{8}/.test(text) : text.includes(word) && word !== 'red';
        assert.ok(!found, word);
      }
    });

    it('work without the database, and say so', async () => {
      const database = await open();
      const world = await startWorld({ database, yaml: YAML });
      await database.sql.schema.dropTable('webhook_deliveries').execute();
      assert.equal(await value(world, 'ringdown_database_up'), 0);
      assert.equal(await value(world, 'ringdown_open_calls{status="queued"}'), undefined);
      assert.equal(await value(world, 'ringdown_alerts_waiting'), undefined);
    });
  });
});
