import assert from 'node:assert/strict';
import { openEmbedded } from '../support/databases.ts';
import { startWorld, type World } from '../support/world.ts';
import { azureBody, grafanaBody } from '../support/alerts/bodies.ts';

const second = 1000;
const YAML = `
operators: [Megan Bowen]
policies:
  payments:
    steps:
      - {targets: [{user: Adele Vance}], tries: 2}
      - {targets: [{user: Alex Wilber}]}
    test: [{user: Diego Siciliani}]
    repeat: 2
    acknowledgeTimeout: 40s
  other: {steps: [{targets: [{user: Adele Vance}]}, {targets: [{user: Alex Wilber}]}]}
`;

const button = {
  receiver: 'test',
  status: 'firing',
  groupKey: 'test-57c6d9296de2ad39-1700000000',
  alerts: [
    {
      status: 'firing',
      labels: { alertname: 'TestAlert', instance: 'Grafana' },
      annotations: { summary: 'Notification test' },
      generatorURL: '?orgId=1',
      fingerprint: '57c6d9296de2ad39',
    },
  ],
};

interface Shown {
  id: string;
  status: string;
  test: boolean;
  summary: string;
  timeline: { type: string }[];
}

async function shown(world: World): Promise<Shown[]> {
  const { items } = (await world.api('GET', '/api/v1/escalations')).body as { items: { id: string }[] };
  const all = items.map(
    async ({ id }) => (await world.api('GET', `/api/v1/escalations/${id}`)).body as Shown,
  );
  return (await Promise.all(all)).toReversed();
}

const rings = (world: World, name: string): number => world.emulator.phone(name).rings().length;
const press = async (world: World, policy = 'payments'): Promise<void> => {
  assert.equal((await world.api('POST', `/api/v1/alerts/grafana/${policy}`, button)).status, 202);
};

describe('a sender’s Test button', function () {
  const open = async (): Promise<World> => await startWorld({ database: await openEmbedded(), yaml: YAML });

  it('calls the people in the policy’s `test`, says that it is a test, and ends by itself', async () => {
    const world = await open();
    world.emulator.people.script('Diego Siciliani', { byHand: true });
    await press(world);
    await world.pass(3 * second);
    const [test, ...others] = await shown(world);
    assert.deepEqual([test?.test, test?.status, test?.summary], [true, 'open', 'Notification test']);
    assert.equal(others.length, 0);
    const diego = world.emulator.phone('Diego Siciliani');
    diego.answer();
    await world.pass(3 * second);
    assert.match(
      diego.spoken()[0] ?? '',
      /This is a test of Ringdown\. Nothing is wrong\. Notification test/,
    );
    await world.api('POST', `/api/v1/escalations/${test?.id}/acknowledge`, { by: 'Diego Siciliani' });
    assert.equal((await shown(world))[0]?.status, 'acknowledged');
    await world.pass(35 * second);
    const [ended] = await shown(world);
    assert.equal(ended?.status, 'resolved');
    assert.ok(ended.timeline.some(({ type }) => type === 'testOver'));
    await world.pass(12 * second);
    assert.deepEqual(
      [rings(world, 'Diego Siciliani'), rings(world, 'Adele Vance'), rings(world, 'Alex Wilber')],
      [1, 0, 0],
    );
  });

  it('calls the first step if the policy has no `test`, and ends when nobody acknowledges', async () => {
    const world = await open();
    world.emulator.people.script('Adele Vance', { declines: { afterMs: second } });
    await press(world, 'other');
    await world.pass(10 * second);
    assert.equal((await shown(world))[0]?.status, 'exhausted');
    assert.deepEqual([rings(world, 'Adele Vance'), rings(world, 'Alex Wilber')], [1, 0]);
  });

  it('calls nobody twice if it is pressed again; after the test it starts another one', async () => {
    const world = await open();
    world.emulator.people.script('Diego Siciliani', { byHand: true });
    await press(world);
    await press(world);
    await world.pass(3 * second);
    await press(world);
    await world.pass(3 * second);
    const [test, ...others] = await shown(world);
    assert.equal(others.length, 0);
    assert.equal(rings(world, 'Diego Siciliani'), 1);
    await world.api('POST', `/api/v1/escalations/${test?.id}/acknowledge`, { by: 'Diego Siciliani' });
    await world.pass(3 * second);
    await press(world);
    await world.pass(second);
    assert.equal((await shown(world)).length, 2);
  });

  it('never shares an escalation with a real alert', async () => {
    const world = await open();
    await press(world);
    await world.pass(second);
    await world.api('POST', '/api/v1/alerts/grafana/payments', grafanaBody());
    await world.pass(3 * second);
    await press(world);
    await world.pass(second);
    assert.deepEqual(
      (await shown(world)).map(({ test, summary }) => [test, summary]),
      [
        [true, 'Notification test'],
        [false, 'Queue older than 10 min'],
      ],
    );
    assert.equal(rings(world, 'Adele Vance'), 1);
  });

  it('works for Azure too', async () => {
    const world = await open();
    const target =
      '/subscriptions/1/resourcegroups/test-RG/providers/microsoft.compute/virtualmachines/test-VM';
    const essentials = { alertRule: 'test-metricAlertRule', alertTargetIDs: [target] };
    await world.api('POST', '/api/v1/alerts/azure-monitor/payments', azureBody('Fired', essentials));
    await world.pass(second);
    assert.equal((await shown(world))[0]?.test, true);
  });
});
