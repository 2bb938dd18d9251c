import assert from 'node:assert/strict';
import { startBalancer } from '../../bench/balancer.ts';
import { createEmulator, type Emulator } from '../../emulator/emulator.ts';
import { afterTest } from '../support/afterTest.ts';
import { botProcess, type BotProcess } from '../support/botProcess.ts';
import { onPostgres } from '../support/databases.ts';
import { itLong } from '../support/long.ts';
import { until } from '../support/until.ts';
import { API_KEY, type CallAnswer } from '../support/world.ts';

/** EX_SOFTWARE of main.ts: forced stop. */
const FORCED = 70;

describe('stopping', function () {
  onPostgres((_open, freshUrl) => {
    let emulator: Emulator;
    const start = async (url: string, more: Record<string, string> = {}): Promise<BotProcess> => {
      const bot = await botProcess(emulator, { url }, more, { asItIs: true });
      afterTest(async () => await bot.stop());
      await bot.start();
      return bot;
    };
    const calls = async (bot: BotProcess): Promise<CallAnswer[]> =>
      ((await bot.get('/api/v1/calls?limit=200')) as { items: CallAnswer[] }).items;
    const readiness = async ({ url }: BotProcess): Promise<number | null> =>
      await fetch(`${url}/readyz`).then(
        ({ status }) => status,
        () => null,
      );

    beforeEach(async () => {
      emulator = createEmulator({ timings: { perCharacterMs: 2 } });
      await emulator.start();
      afterTest(async () => await emulator.stop());
    });

    it('fails readiness, finishes the current request, and the next process continues', async () => {
      const url = await freshUrl();
      const bot = await start(url);
      emulator.channel.connect(`${bot.url}/api/messages`);
      emulator.people.script('Adele Vance', { answers: { afterMs: 10 } });
      emulator.faults.add({ operation: 'graph.*', kind: 'slow', ms: 700 });
      const saying = emulator.channel.send({
        from: 'Megan Bowen',
        text: 'call Adele Vance: the build is red',
      });
      await until(() => emulator.requests.list().length > 0, 'the request is in progress');
      bot.kill('SIGTERM');
      await until(async () => (await readiness(bot)) !== 200, 'readiness fails');
      assert.equal((await saying).status, 200);
      assert.equal(await bot.ended(), null);
      assert.equal(bot.exitCode, 0);

      await bot.start();
      await until(async () => (await calls(bot))[0]?.status === 'ended', 'the call has ended');
      assert.equal((await calls(bot))[0]?.disposition, 'answered');
      assert.equal(emulator.phone('Adele Vance').rings().length, 1);
    });

    itLong('ends at once on a second signal, without losing anything', async () => {
      const url = await freshUrl();
      const bot = await start(url);
      emulator.channel.connect(`${bot.url}/api/messages`);
      emulator.people.script('Adele Vance', { answers: { afterMs: 10 } });
      const slow = emulator.faults.add({ operation: 'createCall', kind: 'slow', ms: 60_000 });
      await emulator.channel.send({ from: 'Megan Bowen', text: 'call Adele Vance: the build is red' });
      await until(() => slow.left === 0, 'createCall is being sent');
      bot.kill('SIGTERM');
      await until(async () => (await readiness(bot)) !== 200, 'it is stopping');
      bot.kill('SIGTERM');
      await bot.ended();
      assert.equal(bot.exitCode, FORCED);

      await bot.start();
      await until(async () => (await calls(bot))[0]?.status === 'ended', 'the call has ended');
      assert.equal((await calls(bot))[0]?.disposition, 'answered');
      assert.equal(emulator.phone('Adele Vance').rings().length, 1);
    });

    itLong('loses nothing in a rolling restart under load, and calls nobody twice', async () => {
      const url = await freshUrl();
      // Both use the load balancer's address, which needs their ports first.
      const ports: number[] = [];
      const balancer = await startBalancer(ports);
      afterTest(async () => await balancer.stop());
      const address = `http://127.0.0.1:${balancer.port}`;
      const replicas = await Promise.all([1, 2].map(async () => await start(url, { PUBLIC_URL: address })));
      ports.push(...replicas.map((replica) => Number(new URL(replica.url).port)));

      /** Like a client that wants its call: repeats the request until the answer says that it is stored. */
      const place = async (user: string): Promise<void> => {
        const once = async (): Promise<number | null> =>
          await fetch(`${address}/api/v1/calls`, {
            method: 'POST',
            headers: {
              authorization: `Bearer ${API_KEY}`,
              'content-type': 'application/json',
              'idempotency-key': user,
              connection: 'close',
            },
            body: JSON.stringify({ target: { user }, message: 'The build is red' }),
          }).then(
            ({ status }) => status,
            () => null,
          );
        await until(async () => (await once()) === 202, `the call to ${user} is stored`);
      };
      let restarted = false;
      const restarting = (async () => {
        for (const replica of replicas) {
          replica.kill('SIGTERM');
          await replica.ended();
          assert.equal(replica.exitCode, 0);
          await replica.start();
        }
      })().finally(() => {
        restarted = true;
      });
      const people: string[] = [];
      for (let after = 0; after < 3; after += restarted ? 1 : 0) {
        const displayName = `Person ${people.length}`;
        const { id } = emulator.people.add({ displayName, script: { answers: { afterMs: 100 } } });
        people.push(id);
        await place(id);
        await until(() => emulator.phone(id).rings().length > 0, `${displayName} is called`);
      }
      await restarting;
      const [one] = replicas;
      assert.ok(one);
      await until(async () => {
        const all = await calls(one);
        return all.length >= Math.min(people.length, 200) && all.every(({ status }) => status === 'ended');
      }, 'every call has ended');
      for (const { disposition } of await calls(one)) assert.equal(disposition, 'answered');
      for (const id of people) assert.equal(emulator.phone(id).rings().length, 1);
    });
  });
});
