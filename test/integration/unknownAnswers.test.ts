import assert from 'node:assert/strict';
import type { OperationName } from '../../emulator/operations.ts';
import { forEachDatabaseByTurns } from '../support/databases.ts';
import { newestCall, startWorld, type CallAnswer, type World, type WorldOptions } from '../support/world.ts';

const second = 1000;

describe('"not found" and "conflict" are not refusals', function () {
  forEachDatabaseByTurns((open) => {
    /** A person asks for a call with a message, and time passes. @returns the call's outcome */
    async function say(world: World, text: string): Promise<CallAnswer> {
      await world.emulator.channel.send({ from: 'Megan Bowen', text });
      await world.pass(90 * second);
      const call = await newestCall(world);
      assert.ok(call);
      return call;
    }
    const start = async (more: Partial<WorldOptions> = {}): Promise<World> =>
      await startWorld({ database: await open(), ...more });
    const types = ({ timeline }: CallAnswer): string[] => timeline.map(({ type }) => type);
    /** The service executes the request, but its answer is lost, so the request is retried. */
    const loseAnswer = (world: World, operation: OperationName): void =>
      void world.emulator.faults.add({ operation, kind: 'slow', ms: 600_000, when: 'after' });

    it('a call has been answered if the callee hangs up just before the message is sent', async () => {
      const worlds: World[] = [];
      const world = await start({
        checkpoint: (place) => {
          if (place === 'before play') worlds[0]?.emulator.phone('Adele Vance').hangUp();
        },
      });
      worlds.push(world);
      const call = await say(world, 'call Adele Vance: the build is red');
      assert.deepEqual([call.status, call.disposition], ['ended', 'answered']);
      assert.ok(!types(call).includes('speakFailed'));
    });

    it('… even if the event is lost', async () => {
      const worlds: World[] = [];
      const world = await start({
        checkpoint: (place) => {
          if (place === 'before play') worlds[0]?.emulator.phone('Adele Vance').hangUp();
        },
      });
      worlds.push(world);
      world.emulator.eventFaults.add({ kind: 'drop', type: 'CallDisconnected' });
      const call = await say(world, 'call Adele Vance: the build is red');
      assert.deepEqual([call.status, call.disposition], ['ended', 'answered']);
      assert.ok(world.emulator.requests.count('getCall') >= 1, 'the service got the request');
    });

    it('a message is heard even if it is refused once because the call is not ready', async () => {
      const world = await start();
      world.emulator.faults.add({
        operation: 'play',
        kind: 'status',
        status: 409,
        body: { error: { code: '8501', message: 'not in Established state' } },
      });
      const call = await say(world, 'call Adele Vance: the build is red');
      assert.equal(call.disposition, 'answered');
      assert.equal(world.emulator.phone('Adele Vance').spoken().length, 1);
    });

    it('an accepted transfer is not reported as failed because of its retry', async () => {
      const world = await start();
      world.emulator.people.script('Megan Bowen', { answers: { afterMs: 500 } });
      loseAnswer(world, 'transferToParticipant');
      for (const type of ['CallTransferAccepted', 'CallDisconnected'])
        world.emulator.eventFaults.add({ kind: 'delay', type, ms: 20 * second });
      const call = await say(world, 'call Adele Vance');
      assert.ok(world.emulator.requests.count('getCall') >= 1, 'the service got the request');
      assert.ok(!types(call).includes('transferFailed'), types(call).join(' '));
      assert.equal(call.disposition, 'connected_to_caller');
    });

    it('… nor is one that is still in progress at the retry', async () => {
      const world = await start();
      world.emulator.people.script('Megan Bowen', { answers: { afterMs: 25 * second } });
      loseAnswer(world, 'transferToParticipant');
      const call = await say(world, 'call Adele Vance');
      assert.ok(!types(call).includes('transferFailed'), types(call).join(' '));
      assert.equal(call.disposition, 'connected_to_caller');
      assert.equal(world.emulator.phone('Megan Bowen').rings().length, 1);
    });

    it('key presses are received, even if the second request to listen is refused', async () => {
      const world = await start({
        env: { DTMF_ACKNOWLEDGE: 'on' },
        yaml: 'policies: {payments: {steps: [{targets: [{user: Adele Vance}]}]}}',
      });
      loseAnswer(world, 'startContinuousDtmfRecognition');
      await world.api('POST', '/api/v1/escalations', { policy: 'payments', summary: 'Checkout is down' });
      await world.pass(30 * second);
      const call = await newestCall(world);
      assert.ok(call);
      assert.equal(world.emulator.requests.count('startContinuousDtmfRecognition') >= 2, true);
      assert.ok(!types(call).includes('listenFailed'), types(call).join(' '));
    });

    it('a call whose answer was lost is not refused because of a conflict with itself', async () => {
      const world = await start();
      loseAnswer(world, 'createCall');
      world.emulator.faults.add({ operation: 'createCall', kind: 'status', status: 409, times: 2 });
      // Only the answer can tell that the phone is ringing.
      world.emulator.people.script('Adele Vance', { answers: { afterMs: 20 * second } });
      const call = await say(world, 'call Adele Vance: the build is red');
      assert.equal(call.disposition, 'answered');
      assert.ok(!types(call).includes('foundAgain'), types(call).join(' '));
      assert.equal(world.emulator.phone('Adele Vance').rings().length, 1);
    });
  });
});
