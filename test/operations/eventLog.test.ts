import assert from 'node:assert/strict';
import * as z from 'zod';
import { forEachDatabaseByTurns } from '../support/databases.ts';
import { newestCall, startWorld, type World } from '../support/world.ts';

const second = 1000;
const YAML = `
operators: [ops@contoso.example]
policies: {payments: {steps: [{targets: [{user: Adele Vance}, {user: Nestor Wilke}], mode: sequence, ringTimeoutSeconds: 5}]}}
`;
const line = z.looseObject({ msg: z.string(), callId: z.string().optional(), event: z.string().optional() });

const linesOf = (world: World, msg: string) =>
  world.log.map((one) => line.parse(JSON.parse(one))).filter((one) => one.msg === msg);

describe('the event log', function () {
  forEachDatabaseByTurns((open) => {
    it('has a line for each event of a call, with its ids', async () => {
      const world = await startWorld({ database: await open() });
      await world.emulator.channel.send({ from: 'Megan Bowen', text: 'call Adele Vance: the build is red' });
      await world.pass(30 * second);
      const call = await newestCall(world);
      const lines = linesOf(world, 'call');
      assert.deepEqual(
        lines.map(({ event }) => event),
        call?.timeline.map(({ type }) => type),
      );
      assert.ok(lines.every(({ callId }) => callId === call?.id));
      const [{ correlationId }] = [world.emulator.calls.list()[0] ?? { correlationId: '' }];
      assert.ok(correlationId);
      // The service's answer names it. From then on it is in each line.
      const accepted = lines.findIndex(({ event }) => event === 'accepted');
      for (const one of lines.slice(accepted)) assert.equal(one['correlationId'], correlationId);
      const end = lines.at(-1);
      assert.equal(end?.event, 'ended');
      assert.equal(end['disposition'], 'answered');
      assert.equal(typeof end['secondsToAnswer'], 'number');
    });

    it('has code and subcode of a failed call, for Microsoft’s support', async () => {
      const world = await startWorld({ database: await open() });
      await world.emulator.channel.send({ from: 'Megan Bowen', text: 'call Isaiah Langer: hello' });
      await world.pass(70 * second);
      const end = linesOf(world, 'call').at(-1);
      const { id, code, subCode } = (await newestCall(world)) ?? {};
      assert.ok(code);
      assert.deepEqual([end?.callId, end?.['code'], end?.['subCode']], [id, code, subCode]);
      assert.equal(typeof end?.['correlationId'], 'string');
    });

    it('contains no names, addresses, messages or secrets, whatever fails', async () => {
      const world = await startWorld({
        database: await open(),
        yaml: YAML,
        env: { LOG_LEVEL: 'trace', EVENT_GRID_SECRET: 'a-secret-of-event-grid' },
      });
      const { emulator } = world;
      const said = 'tell Zacharias on +49 30 7654321';
      await emulator.channel.send({ from: 'Megan Bowen', text: `call Adele Vance: ${said}` });
      await world.pass(30 * second);
      emulator.faults.add({
        operation: 'createCall',
        kind: 'status',
        status: 400,
        body: { error: { code: '400', message: `Adele Vance (adele@contoso.example): ${said}` } },
      });
      await emulator.channel.send({ from: 'Megan Bowen', text: `call Nestor Wilke: ${said}` });
      await world.pass(30 * second);
      emulator.faults.add({
        operation: 'graph.*',
        kind: 'status',
        status: 400,
        times: 20,
        body: { error: { code: 'BadRequest', message: "No 'Adele Vance' at adele@contoso.example" } },
      });
      await emulator.channel.send({ from: 'Megan Bowen', text: 'who is adele@contoso.example' });
      await world.api('POST', '/api/v1/calls', { target: { user: 'Adele Vance' }, message: said });
      await world.api('POST', '/api/v1/escalations', {
        policy: 'payments',
        summary: said,
        severity: 'critical',
        dedupKey: 'one',
      });
      emulator.faults.add({ operation: 'connector.*', kind: 'status', status: 400, times: 20 });
      await emulator.channel.send({ from: 'Megan Bowen', text: 'call Lee Gu: hello' });
      const token = 'token=a-secret-of-event-grid';
      await fetch(`${world.url}/api/v1/alerts/grafana/payments?${token}`, {
        method: 'POST',
        body: '{"Zacharias',
      });
      await fetch(`${world.url}/api/callbacks/call_1/the-secret-of-a-call?${token}`, { method: 'POST' });
      await world.pass(120 * second);

      assert.ok(linesOf(world, 'escalation').length > 0);
      assert.ok(linesOf(world, 'request failed').length + linesOf(world, 'HTTP request failed').length > 0);
      const { connectionString, graphToken } = emulator.addresses;
      const key = /accesskey=(.*)/.exec(connectionString)?.[1] ?? '';
      assert.ok(key.length > 6);
      const never = [
        'Adele',
        'Vance',
        'Megan',
        'Nestor',
        'Zacharias',
        'adele@',
        '7654321',
        'the-secret-of-a-call',
      ];
      for (const one of world.log) {
        for (const word of [...never, key, graphToken, 'a-secret-of-event-grid', 'a-key-for-tests-only']) {
          assert.ok(!one.includes(word), `${word} in ${one}`);
        }
      }
    });
  });
});
