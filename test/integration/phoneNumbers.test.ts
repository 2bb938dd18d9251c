import assert from 'node:assert/strict';
import * as z from 'zod';
import { forEachDatabaseByTurns } from '../support/databases.ts';
import { wordsOf } from '../support/chat/room.ts';
import { newestCall, startWorld, type World } from '../support/world.ts';

const second = 1000;
const answers = '+493023125001';
const busy = '+493023125002';
const silent = '+493023125004';
const unknown = '+493023125999';

const yaml = `
limits: {phoneCallsPerHour: 3}
operators: [ops@contoso.example]
permissions: {phones: {callers: [{user: alex@contoso.example}], countries: [DE]}}
policies:
  payments: {steps: [{targets: [{phone: "${busy}"}]}, {targets: [{user: adele@contoso.example}]}]}
  many:
    steps:
      - {targets: [{phone: "${answers}"}, {phone: "${busy}"}, {phone: "${silent}"}, {phone: "+493023125003"}], mode: parallel}
      - {targets: [{user: adele@contoso.example}]}
`;

const problem = z.object({ code: z.string(), reason: z.string().optional() });

/** Says something in a chat and returns the bot's last words there. */
async function say(world: World, from: string, text: string): Promise<string> {
  await world.emulator.channel.send({ from, text });
  await world.settle();
  const last = world.emulator.channel.messages(world.emulator.channel.personal(from).id).at(-1);
  return last ? wordsOf(last) : '';
}

async function place(world: World, phone: string) {
  const { status, body } = await world.api('POST', '/api/v1/calls', { target: { phone }, message: 'Red' });
  return status === 202 ? '202' : `${status} ${problem.parse(body).code} ${problem.parse(body).reason ?? ''}`;
}

/** Whom the service was asked to call. The emulator calls no number without one of the resource to call from. */
function dialled(world: World): string[] {
  return world.emulator.calls.list().map(({ target }) => target.rawId);
}

describe('a phone number', () => {
  forEachDatabaseByTurns((open) => {
    it('is called from a chat by somebody who may, and hears the message', async () => {
      const world = await startWorld({ database: await open(), yaml });
      await say(world, 'Alex Wilber', 'call +49 (0)30 23125-001: the build is red');
      await world.pass(30 * second);
      const call = await newestCall(world);
      assert.equal(call?.disposition, 'answered');
      assert.deepEqual(call?.target, {
        kind: 'phone',
        id: answers,
        displayName: '+49 30 23125001',
      });
      assert.deepEqual(dialled(world), [`4:${answers}`]);
      assert.match(world.emulator.phone(answers).spoken().join(' '), /The build is red/i);
      // Numbers are personal.
      assert.ok(!world.log.some((line) => /23125[-. ]?001/.test(line)));
    });

    it('is called by the API, once for each key, and refused in words', async () => {
      const world = await startWorld({ database: await open(), yaml });
      assert.equal(await place(world, '+49 112'), '422 target_not_callable emergency');
      assert.equal(await place(world, '+49 900 1234567'), '422 target_not_callable costly');
      assert.equal(await place(world, '+1 876 926 1234'), '403 not_allowed phoneCountry');
      assert.deepEqual(dialled(world), []);
      assert.equal(await place(world, unknown), '202');
      await world.pass(10 * second);
      const call = await newestCall(world);
      assert.deepEqual([call?.disposition, call?.code, call?.subCode], ['unreachable', 404, 560404]);
    });

    it('is not called without a number to call from, or without permission', async () => {
      const none = await startWorld({ database: await open(), yaml, env: { ACS_PHONE_NUMBER: '' } });
      assert.equal(await place(none, answers), '422 target_not_callable phonesOff');
      assert.match(await say(none, 'Alex Wilber', `call ${answers}`), /ACS_PHONE_NUMBER is not set/);
      await none.stop();
      const closed = await startWorld({ database: await open() });
      assert.equal(await place(closed, answers), '403 not_allowed phones');
      await closed.stop();
      const world = await startWorld({ database: await open(), yaml });
      assert.match(
        await say(world, 'Megan Bowen', `call ${answers}: red`),
        /not allowed to call phone numbers/,
      );
      assert.match(await say(world, 'Megan Bowen', 'call +49 110: red'), /emergency number/);
      assert.match(await say(world, 'Alex Wilber', 'call +1 876 926 1234: red'), /country/);
      assert.deepEqual(dialled(world), []);
    });

    it('counts for the limit with those of escalations, which go on to the next person', async () => {
      const world = await startWorld({ database: await open(), yaml });
      await world.api('POST', '/api/v1/escalations', { policy: 'many', summary: 'Checkout is down' });
      await world.pass(10 * second);
      // The fourth phone of the step was one too many.
      assert.equal(dialled(world).length, 3);
      assert.equal(await place(world, answers), '429 rate_limited phoneCallsPerHour');
      await world.pass(60 * second);
      assert.ok(world.emulator.phone('Adele Vance').rings().length > 0);
      assert.equal(dialled(world).filter((one) => one.startsWith('4:')).length, 3);
      const { body } = await world.api('GET', '/api/v1/escalations?limit=1');
      const { items } = z.object({ items: z.array(z.object({ id: z.string() })) }).parse(body);
      const whole = JSON.stringify((await world.api('GET', `/api/v1/escalations/${items[0]?.id}`)).body);
      assert.match(whole, /phoneLimit/);
      const told = await world.app.database.sql.selectFrom('operator_notices').select('notice').execute();
      assert.ok(told.some(({ notice }) => JSON.stringify(notice).includes('phoneLimit')));
    });

    it('counts once across two replicas', async () => {
      const database = await open();
      const one = await startWorld({ database, yaml });
      const other = await startWorld({ database, yaml, with: one });
      const phones = [answers, busy, silent, '+493023125003', '+493023125005', '+493023125006'];
      const outcomes = await Promise.all(
        phones.map(async (phone, index) => await place(index % 2 === 0 ? one : other, phone)),
      );
      assert.equal(outcomes.filter((outcome) => outcome === '202').length, 3, outcomes.join());
      await one.pass(10 * second);
      assert.equal(dialled(one).length, 3);
    });
  });
});
