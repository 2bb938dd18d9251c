import assert from 'node:assert/strict';
import type { Call } from '../../src/calls/call.ts';
import type { Database } from '../../src/database/open.ts';
import { forEachDatabaseByTurns, onPostgres } from '../support/databases.ts';
import { actor, step, targetOf, World, type Process } from '../support/escalations/stories.ts';

describe('a person has one call at a time', () => {
  forEachDatabaseByTurns((open) => {
    let database: Database;
    let world: World;
    let ringdown: Process;

    beforeEach(async () => {
      database = await open();
      world = new World();
      ringdown = await world.process(database);
    });

    const timeline = async ({ id }: Call): Promise<string[]> =>
      (await ringdown.calls.timeline(id)).map(({ type, data }) =>
        data?.['reason'] ? `${type} ${data['reason']}` : type,
      );
    const only = async (escalation: { id: string }): Promise<Call> => {
      const [call] = await ringdown.escalations.callsOf(escalation.id);
      assert.ok(call);
      return call;
    };

    it('two escalations call the same person one after another', async () => {
      await world.start('Adele');
      const second = await world.start('Adele');
      await world.expectNextCall('Adele').within(0);
      const waiting = await only(second);
      assert.equal((await world.call(waiting)).status, 'queued');
      assert.deepEqual(await timeline(waiting), ['queued', 'deferred phoneBusy']);
      await world.expectNextCall('Adele').within(12);
      await world.pass(30);
      world.expectOneCallAtATime();
      assert.equal(world.called.length, 2);
    });

    it('a chat call waits until the call of an escalation has ended', async () => {
      world.person('Adele').declines(4);
      await world.start('Adele');
      const chat = await world.chatCall('Adele');
      assert.deepEqual(await timeline(chat), ['queued', 'deferred phoneBusy']);
      await world.expectNextCall('Adele').within(0);
      const { dial } = await world.expectNextCall('Adele').within(5);
      assert.equal(dial.call.id, chat.id);
      world.expectOneCallAtATime();
    });

    it('an escalation calls as soon as the chat call before it has ended', async () => {
      world.person('Adele').declines(4);
      await world.chatCall('Adele');
      const escalation = await world.start('Adele');
      await world.expectNextCall('Adele').within(0);
      const { dial } = await world.expectNextCall('Adele').within(5);
      assert.equal(dial.call.id, (await only(escalation)).id);
    });

    it('an escalation waits one answer timeout for a chat call, then ends that call and says why', async () => {
      const chat = await world.chatCall('Adele');
      await world.expectNextCall('Adele').within(0);
      await world.pass(5);
      const escalation = await world.start('Adele');
      const waiting = await only(escalation);
      const { from } = await world.expectNextCall('Adele').within(11);
      assert.ok(from - Date.parse(waiting.createdAt) >= 10_000);
      assert.deepEqual(await world.call(chat).then(({ disposition, cause }) => [disposition, cause]), [
        'cancelled',
        'madeWayForAlert',
      ]);
      assert.ok((await timeline(chat)).includes('hangUpRequested phoneNeeded'));
      world.expectOneCallAtATime();
    });

    it('a chat call with a conversation makes way too', async () => {
      world.person('Adele').answers().doesNotAnswer();
      const chat = await world.chatCall('Adele', { purpose: { kind: 'connect', to: targetOf('Irvin') } });
      await world.pass(4);
      await world.start('Adele');
      await world.expectNextCall('Adele').within(0);
      await world.expectNextCall('Adele').within(11);
      assert.equal((await world.call(chat)).status, 'ended');
    });

    it('an escalation calls even if the chat call does not end', async () => {
      const chat = await world.chatCall('Adele');
      const first = await world.expectNextCall('Adele').within(0);
      // The service refuses to hang up.
      first.deaf = true;
      await world.start('Adele');
      await world.expectNextCall('Adele').within(13);
      assert.notEqual((await world.call(chat)).status, 'ended');
    });

    it('of the waiting calls, escalations go first, then the oldest', async () => {
      world.person('Adele').declines(3);
      const order: string[] = [];
      order.push((await world.chatCall('Adele')).id);
      const chats = [await world.chatCall('Adele'), await world.chatCall('Adele')].map(({ id }) => id);
      await world.pass(0.5);
      order.push((await only(await world.start('Adele'))).id);
      await world.pass(0.5);
      order.push((await only(await world.start('Adele'))).id);
      await world.pass(20);
      const sent = world.ringing.map(({ dial }) => dial.call.id);
      assert.deepEqual(sent.slice(0, 3), order);
      assert.deepEqual(sent.slice(3).toSorted(), chats.toSorted());
      world.expectOneCallAtATime();
    });

    it('a chat call does not overtake a waiting escalation', async () => {
      world.person('Adele').declines(3);
      await world.chatCall('Adele');
      const escalation = await only(await world.start('Adele'));
      await world.passUntil(() => world.ringing[0]?.to !== null, 'the phone is free');
      await world.chatCall('Adele');
      assert.equal(world.ringing[1]?.dial.call.id, escalation.id);
    });

    it('a waiting call that is cancelled lets the next one go', async () => {
      world.person('Adele').declines(6);
      await world.start('Adele');
      const second = await world.start('Adele');
      const third = await world.start('Adele');
      await ringdown.escalations.cancel(second.id, actor('ci', 'api'));
      await world.pass(8);
      assert.equal(world.called.length, 2);
      assert.equal(world.ringing[1]?.dial.call.id, (await only(third)).id);
      assert.equal((await world.call(await only(second))).disposition, 'cancelled');
    });

    it('a voice app takes many calls at a time', async () => {
      const voiceApp = '33333333-3333-4333-8333-333333333333';
      world.plan = { rotations: {}, voiceApps: { desk: voiceApp } };
      const steps = [step('Adele')].map((one) => ({ ...one, targets: [{ voiceApp: 'desk' }] }));
      for (let count = 0; count < 3; count++) await world.start(steps);
      assert.deepEqual(world.called, ['desk', 'desk', 'desk']);
    });

    describe('a call whose outcome is unknown', () => {
      it('keeps the phone until it must have ended', async () => {
        world.person('Adele').isLost().declines();
        await world.start('Adele');
        const first = await world.expectNextCall('Adele').within(0);
        await world.pass(5);
        await world.start('Adele');
        await world.chatCall('Adele');
        const second = await world.expectNextCall('Adele').within(45);
        assert.ok(second.from - first.from >= 40_000);
        await world.expectNextCall('Adele').within(5);
      });

      it('keeps the phone until its end if it is found again', async () => {
        world.person('Adele').isLost().declines();
        await world.start('Adele');
        const first = await world.expectNextCall('Adele').within(0);
        await world.start('Adele');
        await world.pass(30);
        world.answer(first, { hangsUpAfter: 20 });
        const second = await world.expectNextCall('Adele').within(25);
        assert.ok(first.to !== null && second.from >= first.to && second.from <= first.to + 2_000);
      });

      it('from a chat delays an escalation by one answer timeout', async () => {
        world.person('Adele').isLost().declines();
        await world.chatCall('Adele');
        await world.expectNextCall('Adele').within(0);
        await world.start('Adele');
        await world.expectNextCall('Adele').within(13);
      });
    });

    it('a waiting call goes on even if it never hears that the phone is free', async () => {
      world.person('Adele').isLost().declines();
      await world.start('Adele');
      await world.expectNextCall('Adele').within(0);
      await world.start('Adele');
      await database.sql.updateTable('calls').set({ phone_key: null }).execute();
      await world.expectNextCall('Adele').within(31);
    });

    it('a waiting call is never sent if its escalation is acknowledged', async () => {
      await world.start([step('Adele', { ringTimeoutSeconds: 20 })]);
      const second = await world.start('Adele');
      await world.expectNextCall('Adele').within(0);
      await ringdown.escalations.acknowledge(second.id, actor('Alex'));
      await world.expectNoCall(40);
      assert.equal((await world.call(await only(second))).cause, 'cancelledByEscalation');
    });

    it('the next process goes on with the waiting calls', async () => {
      await world.start('Adele');
      await world.start('Adele');
      await world.expectNextCall('Adele').within(0);
      await world.stop(ringdown);
      ringdown = await world.process(database);
      await world.expectNextCall('Adele').within(14);
      world.expectOneCallAtATime();
    });
  });

  onPostgres((open, freshUrl) => {
    it('with two processes and many concurrent calls to the same people, too', async function () {
      const url = await freshUrl();
      const world = new World();
      const processes = [await world.process(await open(url)), await world.process(await open(url))];
      for (const name of ['Adele', 'Alex']) world.person(name).declines(1);
      await Promise.all(
        Array.from({ length: 24 }, async (_, n) => {
          const process = processes[n % 2];
          const name = n % 4 < 2 ? 'Adele' : 'Alex';
          if (n % 3 === 0) await world.chatCall(name, {}, process);
          else await process?.escalations.start(world.alert(name));
        }),
      );
      await world.pass(40);
      assert.equal(world.called.length, 24);
      world.expectOneCallAtATime();
    });
  });
});
