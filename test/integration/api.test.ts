import assert from 'node:assert/strict';
import { createEmulator } from '../../emulator/emulator.ts';
import { ask, member, text, type Answer } from '../support/http/api/api.ts';
import { botProcess } from '../support/botProcess.ts';
import { onPostgres } from '../support/databases.ts';
import { cases, itInBoth } from '../support/long.ts';
import { until } from '../support/until.ts';
import { startWorld } from '../support/world.ts';

const second = 1000;
const yaml = `
policies:
  payments:
    steps:
      - {targets: [{user: debra@contoso.example}]}
      - {targets: [{user: nestor@contoso.example}], ringTimeoutSeconds: 10}
      - {targets: [{user: adele@contoso.example}, {user: alex@contoso.example}]}
`;

describe('the API', () => {
  onPostgres((open, freshUrl) => {
    it('tells the story of an escalation: declined, no answer, acknowledged', async () => {
      const world = await startWorld({ database: await open(), yaml });
      const started = await ask(world, 'POST', '/api/v1/escalations', {
        body: { policy: 'payments', summary: 'Checkout errors over 5 %' },
      });
      const path = `/api/v1/escalations/${text(started, 'id')}`;
      await world.pass(25 * second);
      await ask(world, 'POST', `${path}/acknowledge`, { body: { by: 'adele@contoso.example' } });
      await world.pass(30 * second);
      const told = await ask(world, 'GET', path);
      assert.equal(text(told, 'status'), 'acknowledged');
      assert.equal(text(told, 'acknowledgedBy.name'), 'Adele Vance');
      assert.deepEqual(
        [0, 1, 2].map((index) => [
          member(told.body, `calls.${index}.target.displayName`),
          member(told.body, `calls.${index}.disposition`),
        ]),
        [
          ['Debra Berger', 'declined'],
          ['Nestor Wilke', 'no_answer'],
          ['Adele Vance', 'acknowledged'],
        ],
      );
      assert.equal(member(told.body, 'calls.3'), undefined, 'Alex is not called');
    });

    it('places one call if two replicas get the same request', async () => {
      const url = await freshUrl();
      const world = await startWorld({ database: await open(url) });
      const other = await startWorld({ database: await open(url), with: world });
      const asked = {
        body: { target: { user: 'adele@contoso.example' }, message: 'hello' },
        headers: { 'idempotency-key': 'one' },
      };
      const all = await Promise.all(
        Array.from({ length: 8 }, async (_, index) =>
          ask(index % 2 === 0 ? world : other, 'POST', '/api/v1/calls', asked),
        ),
      );
      assert.equal(new Set(all.map((answer) => text(answer, 'id'))).size, 1);
      await world.pass(30 * second);
      assert.equal(world.emulator.phone('Adele Vance').rings().length, 1);
    });

    const places = ['before commit of call.dial', 'after commit of call.dial'];
    for (const place of cases('a request that is sent again', places, [1])) {
      itInBoth(`calls once for a request that is retried after a kill -9 ${place}`, async function () {
        const emulator = createEmulator({ timings: { perCharacterMs: 2 } });
        emulator.people.script('Adele Vance', { answers: { afterMs: 150 } });
        await emulator.start();
        const bot = await botProcess(emulator, { url: await freshUrl() });
        const post = async (): Promise<Answer> =>
          await ask(bot, 'POST', '/api/v1/calls', {
            body: { target: { user: 'adele@contoso.example' }, message: 'hello' },
            headers: { 'idempotency-key': 'one' },
          });
        try {
          await bot.start({ place });
          const [lost] = await Promise.allSettled([post(), bot.ended()]);
          assert.equal(lost.status, 'rejected', 'nothing was promised');
          await bot.start();
          const placed = await post();
          assert.equal(placed.status, 202);
          const replayed = placed.headers.get('idempotency-replayed') === 'true';
          assert.equal(replayed, place.startsWith('after'));
          const shown = async (): Promise<Answer> =>
            await ask(bot, 'GET', `/api/v1/calls/${text(placed, 'id')}`);
          await until(async () => text(await shown(), 'status') === 'ended', 'the call has ended');
          assert.equal(text(await shown(), 'disposition'), 'answered');
          assert.equal(emulator.phone('Adele Vance').rings().length, 1);
        } finally {
          await bot.stop();
          await emulator.stop();
        }
      });
    }
  });
});
