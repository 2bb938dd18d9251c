import assert from 'node:assert/strict';
import { alertmanagerBody } from '../support/alerts/bodies.ts';
import { forEachDatabaseByTurns } from '../support/databases.ts';
import { newestCall, startWorld, type World } from '../support/world.ts';

const second = 1000;
const minute = 60 * second;

const YAML = `
operators: [Megan Bowen]
heartbeats: [{name: nightly-backup, every: 2m, policy: payments}]
policies:
  payments: {steps: [{targets: [{user: Adele Vance}]}]}
  nobody: {steps: [{targets: [{user: Isaiah Langer}]}]}
`;

interface Listed {
  id: string;
  status: string;
  summary: string;
}

async function listed(world: World): Promise<Listed[]> {
  return ((await world.api('GET', '/api/v1/escalations')).body as { items: Listed[] }).items;
}

const rings = (world: World, name: string): number => world.emulator.phone(name).rings().length;

describe('heartbeats', function () {
  forEachDatabaseByTurns((open) => {
    it('that stop open an escalation, which the next heartbeat resolves', async () => {
      const world = await startWorld({ database: await open(), yaml: YAML });
      for (let beat = 0; beat < 3; beat++) {
        const answer = await world.api('POST', '/api/v1/heartbeats/nightly-backup');
        assert.equal(answer.status, 202);
        await world.pass(minute);
      }
      assert.equal((await listed(world)).length, 0);
      await world.pass(minute + 5 * second);
      const [silent] = await listed(world);
      assert.equal(silent?.status, 'open');
      assert.match(silent.summary, /No heartbeat from nightly-backup for 2 minutes/);
      await world.pass(10 * second);
      assert.equal(rings(world, 'Adele Vance'), 1);
      await world.api('POST', '/api/v1/heartbeats/nightly-backup');
      assert.equal((await listed(world))[0]?.status, 'resolved');
      await world.pass(2 * minute + 5 * second);
      assert.deepEqual(
        (await listed(world)).map(({ status }) => status),
        ['open', 'resolved'],
      );
    });

    it('that never came are missed too; unknown ones get 404', async () => {
      const world = await startWorld({ database: await open(), yaml: YAML });
      assert.equal((await world.api('POST', '/api/v1/heartbeats/other')).status, 404);
      await world.pass(2 * minute + 5 * second);
      assert.equal((await listed(world)).length, 1);
    });
  });
});

describe('the pause of all calls', function () {
  forEachDatabaseByTurns((open) => {
    it('holds every new call, says so, and loses none', async () => {
      const world = await startWorld({ database: await open(), yaml: YAML });
      assert.deepEqual((await world.api('GET', '/api/v1/pause')).body, {
        paused: false,
        since: null,
        by: null,
      });
      const paused = await world.api('POST', '/api/v1/pause');
      assert.equal(paused.status, 200);
      assert.equal((paused.body as { by: string }).by, 'tests');
      assert.deepEqual((await world.api('POST', '/api/v1/pause')).body, paused.body);

      await world.api('POST', '/api/v1/escalations', { policy: 'payments', summary: 'It burns' });
      await world.emulator.channel.send({ from: 'Megan Bowen', text: 'call Alex Wilber: hello' });
      const answer = await world.api('POST', '/api/v1/alerts/alertmanager/payments', alertmanagerBody());
      assert.equal(answer.status, 202);
      await world.pass(90 * second);
      assert.equal(world.emulator.calls.list().length, 0);
      const waiting = await newestCall(world);
      assert.equal(waiting?.status, 'queued');
      assert.deepEqual(waiting.timeline.at(-1)?.data, { reason: 'paused' });
      for (const { id, status } of await listed(world)) {
        assert.equal(status, 'open');
        const { timeline } = (await world.api('GET', `/api/v1/escalations/${id}`)).body as {
          timeline: { type: string; data?: object }[];
        };
        assert.deepEqual(timeline.find(({ type }) => type === 'halted')?.data, { by: 'tests' });
      }

      assert.deepEqual((await world.api('POST', '/api/v1/resume')).body, {
        paused: false,
        since: null,
        by: null,
      });
      await world.pass(5 * second);
      assert.equal(rings(world, 'Adele Vance'), 1);
      assert.equal(rings(world, 'Alex Wilber'), 1);
    });
  });
});

describe('operators', function () {
  forEachDatabaseByTurns((open) => {
    it('are told that nobody could be called, and separately that nobody acknowledged', async () => {
      const world = await startWorld({ database: await open(), yaml: YAML });
      await world.api('POST', '/api/v1/escalations', { policy: 'nobody', summary: 'It burns' });
      await world.pass(90 * second);
      const chat = world.emulator.channel
        .messages(world.emulator.channel.personal('Megan Bowen').id)
        .map(({ activity }) => JSON.stringify(activity))
        .filter((text) => text.includes('needs your attention'));
      assert.equal(chat.length, 2);
      const urgent = chat.filter((text) => text.includes('Nobody in nobody acknowledged'));
      const ordinary = chat.filter((text) => text.includes('Isaiah Langer (nobody) could not be called'));
      assert.deepEqual([urgent.length, ordinary.length], [1, 1]);
      assert.notEqual(urgent[0], ordinary[0]);
    });
  });
});
