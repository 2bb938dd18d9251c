import assert from 'node:assert/strict';
import { afterTest } from '../support/afterTest.ts';
import { onPostgres } from '../support/databases.ts';
import { Machine } from '../support/machine.ts';
import { until } from '../support/until.ts';
import { newestCall, startWorld, type World } from '../support/world.ts';

const second = 1000;

describe('a replica that stalls for longer than its lease', function () {
  onPostgres((open, freshUrl) => {
    let stalled: World;
    let other: World;
    let stall: () => void;
    let goOn: () => void;

    beforeEach(async () => {
      const url = await freshUrl();
      // The lease of the product: six seconds.
      const database = async () => ({ ...(await open(url)), pollSeconds: 1 });
      other = await startWorld({ database: await database(), emulator: { timings: { perCharacterMs: 2 } } });
      stalled = await startWorld({
        database: await database(),
        with: other,
        env: { PUBLIC_URL: other.url },
        machine: (clock) => {
          const machine = new Machine(clock);
          [stall, goOn] = [() => machine.freeze(), () => machine.goOn()];
          return machine;
        },
      });
      afterTest(() => goOn());
      other.emulator.channel.connect(`${stalled.url}/api/messages`);
    });

    const say = async (text: string): Promise<string> =>
      (await other.emulator.channel.send({ from: 'Megan Bowen', text })).conversationId;
    const card = (conversation: string): string =>
      JSON.stringify(other.emulator.channel.messages(conversation).at(-1)?.activity);
    const untilTaken = async (): Promise<void> =>
      await until(() => other.emulator.faults.pending.length === 0, 'the request is on its way');

    it('sends nothing when it goes on: the other one has placed the call', async () => {
      const { emulator } = other;
      emulator.people.script('Adele Vance', { answers: { afterMs: second } });
      emulator.faults.add({ operation: 'createIdentity', kind: 'slow', ms: 20 * second });
      const conversation = await say('call Adele Vance: the build is red');
      await untilTaken();
      stall();
      await other.pass(15 * second);
      assert.equal((await newestCall(other))?.disposition, 'answered');
      goOn();
      await other.pass(15 * second);
      assert.equal(emulator.requests.count('createCall'), 1);
      assert.equal(emulator.phone('Adele Vance').spoken().length, 1);
      assert.match(card(conversation), /Adele Vance answered and heard the message/);

      emulator.people.script('Alex Wilber', { answers: { afterMs: second } });
      await stalled.api('POST', '/api/v1/calls', { target: { user: 'Alex Wilber' }, message: 'It is red' });
      await other.pass(15 * second);
      assert.equal((await newestCall(other))?.disposition, 'answered', 'it works again');
    });

    it('leaves no card false: what it had sent arrives after the newer state that the other one showed', async () => {
      const { emulator } = other;
      emulator.people.script('Adele Vance', { byHand: true });
      const conversation = await say('call Adele Vance: the build is red');
      await until(() => emulator.phone('Adele Vance').incoming() !== null, 'it rings');
      emulator.faults.add({ operation: 'connector.updateActivity', kind: 'slow', ms: 12 * second });
      const { id } = (await newestCall(other)) ?? {};
      await stalled.api('POST', `/api/v1/calls/${id}/hang-up`);
      await untilTaken();
      stall();
      await other.pass(10 * second);
      const end = /The call to Adele Vance was cancelled/;
      assert.match(card(conversation), end, 'the other one has shown the end');
      goOn();
      await other.pass(15 * second);
      assert.match(card(conversation), end);
    });
  });
});
