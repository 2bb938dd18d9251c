import assert from 'node:assert/strict';
import * as z from 'zod';
import { forEachDatabaseByTurns } from '../support/databases.ts';
import { newestCall, startWorld, type World } from '../support/world.ts';

const second = 1000;
const minute = 60_000;

/** The UTC time of day, this many minutes from now. */
const clockIn = (minutes: number): string =>
  new Date(Date.now() + minutes * minute).toISOString().slice(11, 16);

const Problem = z.looseObject({ code: z.string(), detail: z.string(), reason: z.string().optional() });
const Escalation = z.looseObject({
  id: z.string(),
  timeline: z.array(z.looseObject({ type: z.string(), data: z.looseObject({}).optional() })),
});

async function escalate(world: World, more: object): Promise<string> {
  const answer = await world.api('POST', '/api/v1/escalations', { summary: 'Checkout errors', ...more });
  assert.equal(answer.status, 202, JSON.stringify(answer.body));
  return Escalation.parse(answer.body).id;
}

async function timelineOf(world: World, id: string): Promise<string[]> {
  const { timeline } = Escalation.parse((await world.api('GET', `/api/v1/escalations/${id}`)).body);
  return timeline.map(({ type }) => type);
}

const call = async (world: World, target: object): Promise<z.infer<typeof Problem> | null> => {
  const answer = await world.api('POST', '/api/v1/calls', { target, message: 'hello' });
  return answer.status === 202 ? null : Problem.parse(answer.body);
};

describe('permissions in the whole product', () => {
  forEachDatabaseByTurns((open) => {
    describe('quiet hours', () => {
      const yaml = (): string => `
quietHours: {from: "${clockIn(-60)}", to: "${clockIn(3)}", except: [critical]}
policies: {payments: {steps: [{targets: [{user: adele@contoso.example}]}]}}
`;

      it('let critical escalations through', async () => {
        const world = await startWorld({ database: await open(), yaml: yaml() });
        const id = await escalate(world, { policy: 'payments' });
        await world.pass(10 * second);
        assert.equal(world.emulator.phone('Adele Vance').rings().length, 1);
        assert.ok(!(await timelineOf(world, id)).includes('quietHours'));
      });

      it('hold other escalations until the end, and say so', async () => {
        const world = await startWorld({ database: await open(), yaml: yaml() });
        world.emulator.people.script('Adele Vance', { declines: { afterMs: 1000 } });
        const id = await escalate(world, { policy: 'payments', severity: 'warning' });
        await world.pass(10 * second);
        assert.equal(world.emulator.phone('Adele Vance').rings().length, 0);
        assert.equal((await timelineOf(world, id)).filter((type) => type === 'quietHours').length, 1);
        const waiting = await newestCall(world);
        assert.equal(waiting?.status, 'queued');
        assert.deepEqual(waiting.timeline.at(-1)?.data, { reason: 'quietHours' });

        // A held escalation blocks nothing: neither a critical one for the same person, nor their own test call.
        await escalate(world, { policy: 'payments' });
        await world.pass(10 * second);
        assert.equal(world.emulator.phone('Adele Vance').rings().length, 1);
        await world.emulator.channel.send({ from: 'Adele Vance', text: 'call me' });
        await world.pass(10 * second);
        assert.equal(world.emulator.phone('Adele Vance').rings().length, 2);

        await world.pass(3 * minute);
        assert.equal(world.emulator.phone('Adele Vance').rings().length, 3);
      });
    });

    describe('stop calling me', () => {
      const yaml = 'policies: {payments: {steps: [{targets: [{user: adele@contoso.example}]}]}}';

      it('does not stop a policy’s calls, and says so', async () => {
        const world = await startWorld({ database: await open(), yaml });
        await world.emulator.channel.send({ from: 'Adele Vance', text: 'stop calling me' });
        const id = await escalate(world, { policy: 'payments' });
        await world.pass(10 * second);
        assert.equal(world.emulator.phone('Adele Vance').rings().length, 1);
        assert.ok((await timelineOf(world, id)).includes('optOutOverruled'));
      });

      it('is respected by a policy that is configured to; the operators are told', async () => {
        const stepsOver = `
operators: [Alex Wilber]
policies: {payments: {stepOver: [optedOut], steps: [{targets: [{user: Adele Vance}, {user: Megan Bowen}]}]}}`;
        const world = await startWorld({ database: await open(), yaml: stepsOver });
        await world.emulator.channel.send({ from: 'Adele Vance', text: 'stop calling me' });
        await escalate(world, { policy: 'payments' });
        await world.pass(15 * second);
        assert.equal(world.emulator.phone('Adele Vance').rings().length, 0);
        assert.equal(world.emulator.phone('Megan Bowen').rings().length, 1);
        const { channel } = world.emulator;
        const told = JSON.stringify(channel.messages(channel.personal('Alex Wilber').id));
        assert.match(told, /Adele Vance \(payments\) could not be called: has opted out of calls from chats/);
      });

      it('does not apply to API keys', async () => {
        const world = await startWorld({ database: await open() });
        await world.emulator.channel.send({ from: 'Adele Vance', text: 'stop calling me' });
        assert.equal(await call(world, { user: 'adele@contoso.example' }), null);
      });
    });

    describe('a presenting person, in a policy that skips them', () => {
      const yaml = `
operators: [Alex Wilber]
policies: {office: {stepOver: [presenting, inACall], steps: [{targets: [{user: Miriam Graham}, {user: Adele Vance}]}]}}`;

      it('is not called for a warning, which the card and the timeline say', async () => {
        const world = await startWorld({ database: await open(), yaml });
        const id = await escalate(world, { policy: 'office', severity: 'warning' });
        await world.pass(15 * second);
        assert.equal(world.emulator.phone('Miriam Graham').rings().length, 0);
        assert.equal(world.emulator.phone('Adele Vance').rings().length, 1);
        assert.ok((await timelineOf(world, id)).includes('skipped'));
        const { channel } = world.emulator;
        const read = (who: string): string => JSON.stringify(channel.messages(channel.personal(who).id));
        assert.match(read('Adele Vance'), /Skipping Miriam Graham: is presenting/);
        assert.equal(
          channel.messages(channel.personal('Alex Wilber').id).length,
          0,
          'there is nothing to fix',
        );
      });

      it('is called for critical alerts, and if presence cannot be read', async () => {
        const world = await startWorld({ database: await open(), yaml });
        await escalate(world, { policy: 'office' });
        await world.pass(5 * second);
        assert.equal(world.emulator.phone('Miriam Graham').rings().length, 1);

        const blind = await startWorld({ database: await open(), yaml });
        blind.emulator.graph.permissions.delete('Presence.Read.All');
        await escalate(blind, { policy: 'office', severity: 'info' });
        await blind.pass(5 * second);
        assert.equal(blind.emulator.phone('Miriam Graham').rings().length, 1);
      });
    });

    describe('a policy whose members are all skipped', () => {
      const yaml = `
operators: [Alex Wilber]
policies:
  office:
    stepOver: [optedOut, presenting]
    steps: [{targets: [{user: Miriam Graham}]}, {targets: [{user: Adele Vance}]}]
    onExhausted: {notify: [Megan Bowen]}`;
      const nobody = /^Nobody in this policy can be called\./;

      /** Adele has opted out, Miriam is presenting. */
      async function steppedOver(): Promise<World> {
        const world = await startWorld({ database: await open(), yaml });
        await world.emulator.channel.send({ from: 'Adele Vance', text: 'stop calling me' });
        return world;
      }

      const read = ({ emulator: { channel } }: World, who: string): string =>
        channel
          .messages(channel.personal(who).id)
          .map(({ activity }) => JSON.stringify(activity))
          .join('\n');

      it('is reported at once to a program, and the people to notify are notified', async () => {
        const world = await steppedOver();
        const body = { policy: 'office', summary: 'Checkout errors', severity: 'warning' };
        const { body: answer } = await world.api('POST', '/api/v1/escalations', body);
        const { id, warnings } = z.object({ id: z.string(), warnings: z.array(z.string()) }).parse(answer);
        assert.match(warnings[0] ?? '', nobody);
        assert.match(warnings.join(' '), /Skipping Miriam Graham: is presenting/);
        assert.match(warnings.join(' '), /Skipping Adele Vance: has opted out of calls from chats/);
        await world.pass(2 * minute);
        assert.deepEqual(
          (await timelineOf(world, id)).filter((type) => type !== 'told'),
          ['opened', 'skipped', 'nobodyInStep', 'skipped', 'nobodyInStep', 'exhausted'],
        );
        assert.match(read(world, 'Megan Bowen'), /Nobody acknowledged/);
        assert.match(read(world, 'Alex Wilber'), /Nobody in office acknowledged: Checkout errors/);
      });

      it('calls for critical alerts the people whom only presence excluded', async () => {
        const world = await steppedOver();
        await escalate(world, { policy: 'office' });
        await world.pass(10 * second);
        assert.equal(world.emulator.phone('Miriam Graham').rings().length, 1);
      });

      it('is reported at once in a chat, if all have opted out even of critical alerts', async () => {
        const world = await steppedOver();
        await world.emulator.channel.send({ from: 'Miriam Graham', text: 'stop calling me' });
        const { channel } = world.emulator;
        await channel.send({ from: 'Debra Berger', text: 'escalate office: Checkout errors' });
        assert.match(
          channel.messages(channel.personal('Debra Berger').id).at(-1)?.activity.text ?? '',
          /^Nobody in this policy can be called\. .*Miriam Graham.*Adele Vance/,
        );
        await world.pass(2 * minute);
        assert.match(read(world, 'Megan Bowen'), /Nobody acknowledged/);
        assert.match(read(world, 'Alex Wilber'), /Nobody in office acknowledged: Checkout errors/);
      });
    });

    describe('the API', () => {
      it('respects who may be called, and says why', async () => {
        const yaml = 'permissions: {callees: {deny: [{user: adele@contoso.example}]}, callers: []}';
        const world = await startWorld({ database: await open(), yaml });
        const refused = await call(world, { user: 'Adele Vance' });
        assert.deepEqual([refused?.code, refused?.reason], ['not_allowed', 'callee']);
        assert.match(refused?.detail ?? '', /Adele Vance/);
        assert.equal(await call(world, { user: 'Megan Bowen' }), null);
      });

      it('respects how often somebody may be called', async () => {
        const yaml = 'limits: {perCaller: 1/1h, perCallee: 2/1h}';
        const world = await startWorld({ database: await open(), yaml });
        const target = { user: 'Adele Vance' };
        const came = await Promise.all([1, 2, 3, 4].map(async () => await call(world, target)));
        const refused = came.filter((one) => one !== null);
        assert.equal(refused.length, 2);
        assert.deepEqual(
          [...new Set(refused.map(({ code, reason }) => `${code} ${reason}`))],
          ['rate_limited perCallee'],
        );
        assert.equal(await call(world, { user: 'Megan Bowen' }), null, 'perCaller applies to people only');
      });
    });

    it('calls an ACS user by id, and a voice app as such', async () => {
      const database = await open();
      const world = await startWorld({
        database,
        yaml: 'permissions: {callees: {allow: [{user: "8:acs:resource_kiosk"}, {domain: contoso.example}]}}',
      });
      world.emulator.people.add({ id: '8:acs:resource_kiosk', displayName: 'Kiosk' });
      await world.emulator.channel.send({ from: 'Megan Bowen', text: 'call 8:acs:resource_kiosk: hello' });
      await world.pass(10 * second);
      assert.equal(world.emulator.phone('Kiosk').rings().length, 1);
      await world.emulator.channel.send({ from: 'Megan Bowen', text: 'call help desk: hello' });
      await world.pass(10 * second);
      assert.equal(world.emulator.phone('Help Desk').rings().length, 1);
    });
  });
});
