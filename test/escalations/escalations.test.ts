import assert from 'node:assert/strict';
import { RingdownError } from '../../src/errors.ts';
import type { Database } from '../../src/database/open.ts';
import type { FrozenStep } from '../../src/escalations/escalation.ts';
import { forEachDatabaseByTurns, pollingOften } from '../support/databases.ts';
import { until } from '../support/until.ts';
import { person } from '../support/escalations/people.ts';
import { actor, step, World, type Process } from '../support/escalations/stories.ts';

const minutes = (count: number): number => count * 60_000;

describe('an escalation', () => {
  forEachDatabaseByTurns((open) => {
    let database: Database;
    let world: World;
    let ringdown: Process;

    beforeEach(async () => {
      database = await open();
      world = new World();
      ringdown = await world.process(database);
    });

    describe('calls people', () => {
      it('until somebody acknowledges', async () => {
        world.person('Adele').declines();
        const escalation = await world.start([step('Adele'), step('Alex Megan')]);
        await world.expectNextCall('Adele').within(0);
        await world.expectNextCall('Alex').within(2 + 2);
        await world.expectNextCall('Megan').within(10 + 2);
        await ringdown.escalations.acknowledge(escalation.id, actor('Megan'));
        await world.expectNoCall(60);
        assert.equal(await world.status(escalation), 'acknowledged');
        assert.deepEqual(await world.timeline(escalation), [
          'opened',
          'calling',
          'callEnded',
          'calling',
          'callEnded',
          'calling',
          'acknowledged',
          'callEnded',
        ]);
        const calls = await ringdown.escalations.callsOf(escalation.id);
        assert.deepEqual(
          calls.map(({ target }) => target.displayName),
          ['Adele', 'Alex', 'Megan'],
        );
      });

      const quick = {
        declines: (name: string) => world.person(name).declines(2),
        'is busy': (name: string) => world.person(name).isBusy(),
        'is not reachable': (name: string) => world.person(name).isUnreachable(),
        'may not be called': (name: string) => world.person(name).mayNotBeCalled(),
        'does not answer': (name: string) => world.person(name).doesNotAnswer(),
        'answers and hangs up': (name: string) => world.person(name).answers({ after: 1, hangsUpAfter: 1 }),
        'cannot be found': (name: string) =>
          world.directory.people.splice(
            world.directory.people.findIndex((one) => one.displayName === name),
            1,
          ),
        'is a guest': (name: string) =>
          world.directory.people.splice(0, 1, person(name, { userType: 'Guest' })),
      };
      for (const [does, make] of Object.entries(quick)) {
        it(`calls the next person within two seconds if somebody ${does}`, async () => {
          make('Adele');
          const escalation = await world.start('Adele Alex');
          await world.pass(0.5);
          const [first] = world.ringing.filter(({ name }) => name === 'Adele');
          if (first) {
            await world.expectNextCall('Adele').within(0);
            await world.passUntil(() => first.to !== null, 'the first call is over');
          }
          await world.expectNextCall('Alex').within(2);
          assert.ok((await world.timeline(escalation)).includes(first ? 'callEnded' : 'skipped'));
        });
      }

      it('calls a busy person again after fifteen seconds', async () => {
        world.person('Adele').isBusy();
        await world.start([step('Adele Alex', { tries: 2 })]);
        const first = await world.expectNextCall('Adele').within(0);
        const second = await world.expectNextCall('Adele').within(18);
        assert.ok(second.from - first.from >= 16_000);
        await world.expectNextCall('Alex').within(3);
      });

      it('goes on at once from a person whose call was lost, and does not call them again while that call may be at the phone', async () => {
        world.person('Adele').isLost();
        await world.start([step('Adele Alex', { tries: 2 })]);
        const lost = await world.expectNextCall('Adele').within(0);
        await world.expectNextCall('Alex').within(2);
        await world.expectNextCall('Alex').within(12);
        const again = await world.expectNextCall('Adele').within(60);
        assert.ok(again.from - lost.from >= 40_000, `${again.from - lost.from}`);
      });

      it('in parallel, and ends the step with the last call', async () => {
        world.person('Alex').declines();
        await world.start([step('Adele Alex', { mode: 'parallel' }), step('Megan')]);
        await world.pass(0.5);
        assert.deepEqual(world.called.toSorted(), ['Adele', 'Alex']);
        world.seen();
        await world.expectNextCall('Megan').within(12);
      });

      it('with the pauses and rounds of the policy', async () => {
        world.person('Adele').declines();
        await world.start([step('Adele', { pauseSeconds: 30 })], { repeat: 1 });
        const first = await world.expectNextCall('Adele').within(0);
        const second = await world.expectNextCall('Adele').within(35);
        assert.ok(second.from - first.from >= 32_000);
        await world.expectNoCall(60);
      });

      it('not while calls are paused, and goes on when they are resumed', async () => {
        world.person('Adele').declines();
        await world.start('Adele Alex');
        await world.expectNextCall('Adele').within(0);
        await ringdown.pause.pause('ops');
        await world.expectNoCall(30);
        await ringdown.pause.resume('ops');
        await world.expectNextCall('Alex').within(1);
      });

      it('with the voice and the language of the policy', async () => {
        await world.start('Adele', { voice: 'de-DE-KatjaNeural', language: 'de' });
        const { dial } = await world.expectNextCall('Adele').within(0);
        const { purpose, language } = dial.call;
        assert.ok(purpose.kind === 'escalate');
        assert.deepEqual([purpose.voice, language], ['de-DE-KatjaNeural', 'de']);
      });

      it('about any text that people paste, even if a database cannot store it', async () => {
        const summary = 'NUL \0 and half a \ud83d pair';
        const escalation = await world.start('Adele', { summary, dedupKey: 'a\0b', details: summary });
        const again = await world.start('Adele', { summary, dedupKey: 'a\0b' });
        assert.equal(again.id, escalation.id);
        assert.equal((await world.escalation(escalation)).summary, 'NUL  and half a \ufffd pair');
      });
    });

    describe('if nobody acknowledges', () => {
      it('tells the people whom the policy names, once', async () => {
        world.person('Adele').declines();
        const escalation = await world.start('Adele', { notify: ['ops', 'boss'] });
        await world.pass(20);
        assert.equal(await world.status(escalation), 'exhausted');
        assert.deepEqual(world.told, ['ops: Checkout is down', 'boss: Checkout is down']);
        assert.deepEqual((await world.timeline(escalation)).slice(-3), ['exhausted', 'told', 'told']);
        assert.notEqual((await world.escalation(escalation)).ladder.endedAt, null);
      });

      it('says in its timeline who could not be told', async () => {
        world.tellingFails = true;
        world.person('Adele').declines();
        const escalation = await world.start('Adele');
        await world.pass(10);
        assert.deepEqual((await world.timeline(escalation)).slice(-2), ['exhausted', 'notTold']);
      });

      it('does the same at once if nobody can be called at all', async () => {
        const escalation = await world.start('Nobody Noone');
        await world.pass(1);
        assert.equal(await world.status(escalation), 'exhausted');
        assert.deepEqual(world.told, ['ops: Checkout is down']);
      });

      it('can still be acknowledged', async () => {
        world.person('Adele').declines();
        const escalation = await world.start('Adele', { acknowledgeTimeoutMs: minutes(1) });
        await world.pass(10);
        const taken = await ringdown.escalations.acknowledge(escalation.id, actor('Alex', 'chat'));
        assert.equal(taken?.refused, null);
        const { ladder } = await world.escalation(escalation);
        assert.deepEqual([ladder.status, ladder.endedAt], ['acknowledged', null]);
      });
    });

    describe('the same alert, again', () => {
      it('joins the escalation that runs, and adds no call', async () => {
        const first = await world.start('Adele', { dedupKey: 'checkout' });
        const second = await ringdown.escalations.start(world.alert('Adele', { dedupKey: 'checkout' }));
        assert.deepEqual([second.joined, second.escalation.id], [true, first.id]);
        await world.expectNextCall('Adele').within(0);
        await world.expectNoCall(5);
        assert.ok((await world.timeline(first)).includes('joined'));
      });

      it('joins an acknowledged escalation', async () => {
        const first = await world.start('Adele', { dedupKey: 'checkout' });
        await ringdown.escalations.acknowledge(first.id, actor('Adele'));
        const { joined } = await ringdown.escalations.start(world.alert('Adele', { dedupKey: 'checkout' }));
        assert.equal(joined, true);
        await world.expectNextCall('Adele').within(0);
        await world.expectNoCall(30);
      });

      it('starts an exhausted escalation again', async () => {
        world.person('Adele').declines();
        const first = await world.start('Adele', { dedupKey: 'checkout' });
        await world.pass(10);
        assert.equal(await world.status(first), 'exhausted');
        const again = await world.start('Adele', { dedupKey: 'checkout' });
        assert.equal(again.id, first.id);
        await world.expectNextCall('Adele').within(0);
        await world.expectNextCall('Adele').within(1);
        await world.pass(10);
        assert.equal(world.told.length, 2);
      });

      for (const end of ['resolve', 'cancel'] as const) {
        it(`opens a new escalation after ${end}`, async () => {
          const first = await world.start('Adele', { dedupKey: 'checkout' });
          await ringdown.escalations[end](first.id, actor('ci', 'api'));
          const second = await world.start('Adele', { dedupKey: 'checkout' });
          assert.notEqual(second.id, first.id);
        });
      }

      it('opens a new escalation from another sender, for another policy or with another key', async () => {
        const ids = [];
        for (const more of [{}, { source: 'cd' }, { policy: 'web' }, { policy: null }, { dedupKey: 'disk' }])
          ids.push((await world.start('Adele', { dedupKey: 'checkout', ...more })).id);
        assert.equal(new Set(ids).size, 5);
      });

      it('always opens a new escalation without a key, or as a test', async () => {
        const ids = [];
        for (const more of [
          {},
          {},
          { dedupKey: 'x' },
          { dedupKey: 'x', test: true },
          { dedupKey: 'x', test: true },
        ])
          ids.push((await world.start('Adele', more)).id);
        assert.equal(new Set(ids).size, 5);
      });
    });

    describe('if somebody acknowledges', () => {
      it('lets one of two win, and tells the other one who it was', async () => {
        const escalation = await world.start('Adele Alex');
        const [one, other] = await Promise.all([
          ringdown.escalations.acknowledge(escalation.id, actor('Adele', 'api')),
          ringdown.escalations.acknowledge(escalation.id, actor('Alex', 'api')),
        ]);
        const refused = [one, other].filter((taken) => taken?.refused === 'already_acknowledged');
        assert.equal(refused.length, 1);
        const winner = one?.refused ? 'Alex' : 'Adele';
        assert.equal(refused[0]?.escalation.ladder.acknowledgedBy?.name, winner);
      });

      it('accepts a second acknowledgement of the same person, in any way', async () => {
        const escalation = await world.start('Adele');
        await ringdown.escalations.acknowledge(escalation.id, actor('Adele', 'card'), 'on it');
        const again = await ringdown.escalations.acknowledge(escalation.id, actor('Adele', 'api'));
        assert.equal(again?.refused, null);
        assert.equal(again?.escalation.ladder.acknowledgedBy?.way, 'card');
        const lines = await ringdown.escalations.timeline(escalation.id);
        assert.deepEqual(
          lines.flatMap((entry) => (entry.type === 'acknowledged' ? [entry.data] : [])),
          [{ name: 'Adele', way: 'card', note: 'on it' }],
        );
      });

      it('answers null if it does not exist', async () => {
        assert.equal(await ringdown.escalations.acknowledge('esc_0', actor('Adele')), null);
      });

      it('hangs up unanswered calls within two seconds', async () => {
        const escalation = await world.start([step('Adele Alex Megan', { mode: 'parallel' })]);
        await world.pass(3);
        const at = world.clock.now();
        await ringdown.escalations.acknowledge(escalation.id, actor('Diego', 'api'));
        await world.pass(2);
        assert.equal(world.ringing.length, 3);
        for (const { hangUpAskedAt } of world.ringing)
          assert.ok(hangUpAskedAt && hangUpAskedAt - at <= 2_000);
        for (const call of await ringdown.escalations.callsOf(escalation.id)) {
          assert.equal((await world.call(call)).cause, 'cancelledByEscalation');
        }
      });

      for (const how of ['acknowledge', 'resolve', 'cancel'] as const) {
        it(`${how}: says one sentence to people on the phone, and hangs up within ten seconds`, async () => {
          world.person('Adele').answers();
          const escalation = await world.start('Adele');
          await world.pass(5);
          const at = world.clock.now();
          await ringdown.escalations[how](escalation.id, actor('Alex', 'api'));
          await world.pass(10);
          assert.deepEqual(world.person('Adele').heard, ['message', 'takenOver']);
          const [call] = world.ringing;
          assert.ok(call?.hangUpAskedAt && call.hangUpAskedAt - at <= 10_000);
          const [own] = await ringdown.escalations.callsOf(escalation.id);
          const said = { acknowledge: 'acknowledged', resolve: 'resolved', cancel: 'cancelled' } as const;
          assert.deepEqual(
            { by: own?.facts.takenOver?.by, how: own?.facts.takenOver?.how },
            { by: 'Alex', how: said[how] },
          );
        });
      }

      it('says so to a callee who acknowledged on the card', async () => {
        world.person('Adele').answers();
        const escalation = await world.start('Adele');
        await world.pass(5);
        await ringdown.escalations.acknowledge(escalation.id, actor('Adele', 'card'));
        await world.pass(10);
        assert.deepEqual(world.person('Adele').heard, ['message', 'acknowledged']);
        const [call] = await ringdown.escalations.callsOf(escalation.id);
        assert.equal(call && (await world.call(call)).disposition, 'acknowledged');
      });

      it('does not send a call that was about to be sent', async () => {
        const escalation = await world.start('Adele Alex');
        await world.expectNextCall('Adele').within(0);
        // The next call is placed in this transaction. The acknowledgement comes before its job can run.
        await ringdown.transact(async (work) => {
          await ringdown.escalations.takeIn(work, escalation.id, {
            type: 'passedOn',
            at: new Date(world.clock.now()).toISOString(),
            by: actor('Adele'),
            key: null,
          });
          await ringdown.escalations.takeIn(work, escalation.id, {
            type: 'acknowledged',
            at: new Date(world.clock.now()).toISOString(),
            by: actor('Megan'),
          });
        });
        await world.expectNoCall(20);
        const calls = await ringdown.escalations.callsOf(escalation.id);
        assert.equal(calls.length, 2);
        for (const call of calls) assert.equal((await world.call(call)).status, 'ended');
      });

      it('hangs up a lost call that is found afterwards', async () => {
        world.person('Adele').isLost();
        const escalation = await world.start('Adele Alex');
        const lost = await world.expectNextCall('Adele').within(0);
        await world.expectNextCall('Alex').within(2);
        await ringdown.escalations.acknowledge(escalation.id, actor('Alex'));
        await world.pass(5);
        world.answer(lost);
        await world.pass(2);
        assert.notEqual(lost.hangUpAskedAt, null);
        assert.deepEqual(world.person('Adele').heard, []);
      });

      it('starts again if nobody resolves it in time', async () => {
        const escalation = await world.start('Adele', { acknowledgeTimeoutMs: minutes(2) });
        await world.expectNextCall('Adele').within(0);
        await ringdown.escalations.acknowledge(escalation.id, actor('Adele'));
        await world.expectNoCall(115);
        await world.expectNextCall('Adele').within(8);
        assert.equal(await world.status(escalation), 'open');
        const again = await ringdown.escalations.acknowledge(escalation.id, actor('Alex'));
        assert.equal(again?.refused, null);
      });

      it('does not start again if somebody resolves it in time', async () => {
        const escalation = await world.start('Adele', { acknowledgeTimeoutMs: minutes(2) });
        await world.expectNextCall('Adele').within(0);
        await ringdown.escalations.acknowledge(escalation.id, actor('Adele'));
        await ringdown.escalations.resolve(escalation.id, actor('ci', 'sender'));
        await world.expectNoCall(130);
        assert.equal(await world.status(escalation), 'resolved');
      });
    });

    describe('on phone keys', () => {
      it('is acknowledged with 1, and confirms that on the phone', async () => {
        world.person('Adele').answers({ presses: [{ tone: 'one', after: 6 }] });
        const escalation = await world.start('Adele Alex');
        const call = await world.expectNextCall('Adele').within(0);
        await world.pass(25);
        const { acknowledgedBy } = (await world.escalation(escalation)).ladder;
        assert.deepEqual([acknowledgedBy?.name, acknowledgedBy?.way], ['Adele', 'keys']);
        assert.deepEqual(world.person('Adele').heard, ['message', 'acknowledged']);
        assert.notEqual(call.to, null);
        await world.expectNoCall(10);
        const [own] = await ringdown.escalations.callsOf(escalation.id);
        assert.equal(own && (await world.call(own)).disposition, 'acknowledged');
      });

      it('says who was first if somebody else presses 1 later', async () => {
        world.person('Adele').answers({ presses: [{ tone: 'one', after: 6 }] });
        world.person('Alex').answers({ presses: [{ tone: 'one', after: 6 }] });
        const escalation = await world.start([step('Adele Alex', { mode: 'parallel' })]);
        await world.pass(25);
        const heard = [world.person('Adele').heard, world.person('Alex').heard].map((words) =>
          words.join(' '),
        );
        assert.deepEqual(heard.toSorted(), ['message acknowledged', 'message takenOver']);
        const acknowledged = (await world.timeline(escalation)).filter((type) => type === 'acknowledged');
        assert.equal(acknowledged.length, 1);
      });

      it('is passed on with 2', async () => {
        world.person('Adele').answers({ presses: [{ tone: 'two', after: 6 }] });
        const escalation = await world.start([step('Adele Alex', { tries: 3 })]);
        const call = await world.expectNextCall('Adele').within(0);
        await world.expectNextCall('Alex').within(3 + 6 + 2);
        await world.pass(2);
        assert.notEqual(call.to, null);
        assert.ok((await world.timeline(escalation)).includes('passedOn'));
      });

      it('repeats the message with 3, as often as it is pressed', async () => {
        const presses = [6, 12, 13, 30].map((after) => ({ tone: 'three', after }));
        world.person('Adele').answers({ presses });
        await world.start('Adele');
        await world.pass(3 + 6);
        assert.deepEqual(world.person('Adele').heard, ['message', 'message2']);
        await world.pass(6);
        assert.deepEqual(world.person('Adele').heard, ['message', 'message2', 'message3']);
        await world.pass(5);
        // Pressed during the message: the message is repeated after it.
        assert.equal(world.person('Adele').heard.at(-1), 'message4');
        await world.pass(60);
        assert.equal(world.person('Adele').heard.length, 6);
        assert.notEqual(world.ringing[0]?.to, null);
      });

      it('repeats the message twice without a key, then calls the next person', async () => {
        world.person('Adele').answers();
        await world.start('Adele Alex');
        await world.expectNextCall('Adele').within(0);
        await world.expectNextCall('Alex').within(3 + 3 * (4 + 8 + 1) + 2);
        assert.deepEqual(world.person('Adele').heard, ['message', 'message2', 'message3']);
      });
    });

    describe('on phones of the telephone network', () => {
      const adele = '+49 30 23125001';
      const alex = '+49 30 23125002';
      const phones = (mode: 'sequence' | 'parallel'): FrozenStep[] => [
        {
          ...step(''),
          targets: [adele, alex].map((number) => ({ phone: number.replaceAll(' ', '') })),
          mode,
        },
      ];

      it('is acknowledged with 1 and then 5, and the other hears who has it', async () => {
        world.person(adele).answers({ replies: ['one', 'five'] });
        world.person(alex).answers({ replies: ['one', 'five'] });
        const escalation = await world.start(phones('parallel'));
        await world.pass(30);
        const heard = [world.person(adele).heard, world.person(alex).heard].map((words) => words.join(' '));
        assert.deepEqual(heard.toSorted(), ['message confirm acknowledged', 'message confirm takenOver']);
        const acknowledged = (await world.timeline(escalation)).filter((type) => type === 'acknowledged');
        assert.equal(acknowledged.length, 1);
      });

      it('calls the next one at once after 2, and after a callee who only listens', async () => {
        world.person(adele).answers({ replies: ['two'] });
        world.person(alex).answers();
        const escalation = await world.start(phones('sequence'));
        await world.expectNextCall(adele).within(0);
        await world.expectNextCall(alex).within(3 + 4 + 2);
        await world.pass(60);
        assert.deepEqual(world.person(alex).heard, ['message', 'message2', 'message3']);
        assert.equal(await world.status(escalation), 'exhausted');
      });

      it('stays acknowledged if the process dies with the key, and the callee still hears it', async () => {
        database = pollingOften(database);
        world.person(adele).answers({ replies: ['one'] });
        const escalation = await world.start(phones('sequence'));
        const call = await world.expectNextCall(adele).within(0);
        await world.passUntil(() => world.person(adele).heard.includes('confirm'), 'it is asked');
        await world.stop(ringdown);
        await world.reply(call, 'confirm', 'five', await world.process(database, 'dead'));
        assert.deepEqual(world.person(adele).heard, ['message', 'confirm']);
        ringdown = await world.process(database);
        await world.pass(15);
        assert.deepEqual(world.person(adele).heard, ['message', 'confirm', 'acknowledged']);
        assert.equal(await world.status(escalation), 'acknowledged');
        assert.notEqual(call.to, null);
        await world.expectNoCall(30);
      });
    });

    describe('if a process is killed', () => {
      beforeEach(() => (database = pollingOften(database)));

      const killed = async (as: 'dying' | 'dead'): Promise<Process> => {
        await world.stop(ringdown);
        return await world.process(database, as);
      };

      it('before it knows whom a step means, the next process looks it up', async () => {
        const dead = await killed('dead');
        await dead.escalations.start(world.alert('Adele'));
        ringdown = await world.process(database);
        await world.expectNextCall('Adele').within(12);
        await world.pass(40);
        assert.deepEqual(world.called, ['Adele']);
        assert.equal(world.told.length, 1);
      });

      it('between placing and sending a call, the next process sends it', async () => {
        const dead = await killed('dead');
        const { escalation } = await dead.escalations.start(world.alert('Adele Alex'));
        await dead.escalations.take(escalation.id, {
          type: 'stepResolved',
          at: new Date(world.clock.now()).toISOString(),
          run: 0,
          round: 0,
          step: 0,
          ...(await dead.targets.ofStep(null, step('Adele Alex'))),
        });
        assert.equal((await dead.escalations.callsOf(escalation.id)).length, 1);
        ringdown = await world.process(database);
        await world.expectNextCall('Adele').within(12);
        await world.expectNextCall('Alex').within(12);
        await world.pass(30);
        assert.deepEqual(world.called, ['Adele', 'Alex']);
      });

      it('while it sends a call, nobody is called twice or skipped', async () => {
        const dying = await killed('dying');
        world.person('Adele').keepsTheAskerWaiting();
        const { escalation } = await dying.escalations.start(world.alert('Adele Alex'));
        await until(() => world.ringing.length > 0, 'the call is asked for');
        ringdown = await world.process(database);
        await world.expectNextCall('Adele').within(0);
        await world.expectNextCall('Alex').within(30);
        await world.pass(30);
        assert.deepEqual(world.called, ['Adele', 'Alex']);
        assert.equal(await world.status(escalation), 'exhausted');
      });

      it('right after an acknowledgement, the next process hangs up', async () => {
        const { id } = await world.start([step('Adele', { ringTimeoutSeconds: 60 })]);
        const call = await world.expectNextCall('Adele').within(0);
        const dead = await killed('dead');
        await dead.escalations.acknowledge(id, actor('Alex'));
        ringdown = await world.process(database);
        await world.pass(12);
        assert.notEqual(call.to, null);
        await world.expectNoCall(30);
      });

      it('when nobody acknowledged, the next process tells people', async () => {
        const dead = await killed('dead');
        const { escalation } = await dead.escalations.start(world.alert('Nobody'));
        await dead.escalations.take(escalation.id, {
          type: 'stepResolved',
          at: new Date(world.clock.now()).toISOString(),
          run: 0,
          round: 0,
          step: 0,
          people: [],
          skipped: [],
          remembered: [],
        });
        ringdown = await world.process(database);
        await world.pass(12);
        assert.deepEqual(world.told, ['ops: Checkout is down']);
      });

      it('the next process keeps its deadlines', async () => {
        world.person('Adele').isBusy();
        await world.start([step('Adele Alex', { tries: 2 })]);
        await world.expectNextCall('Adele').within(0);
        await world.pass(2);
        await world.stop(ringdown);
        ringdown = await world.process(database);
        await world.expectNextCall('Adele').within(16);
        await world.expectNextCall('Alex').within(3);
      });
    });

    it('asks again whom a step means if there is no answer, and goes on', async () => {
      world.directory.state = 'silent';
      const escalation = await world.start([step('Adele'), step('Alex')]);
      await world.pass(6);
      // The directory does not answer and nobody is remembered, so these people are skipped.
      await world.pass(6);
      assert.equal(await world.status(escalation), 'exhausted');
      assert.deepEqual((await world.timeline(escalation)).filter((type) => type === 'skipped').length, 2);
    });

    it('does not change if a listener throws', async () => {
      const escalation = await world.start('Adele');
      let refuses = true;
      ringdown.escalations.listen({
        changed: () => {
          if (refuses) throw new RingdownError('unavailable');
        },
      });
      await assert.rejects(ringdown.escalations.acknowledge(escalation.id, actor('Adele')), RingdownError);
      await assert.rejects(ringdown.escalations.start(world.alert('Alex')), RingdownError);
      assert.equal(await world.status(escalation), 'open');
      assert.ok(!(await world.timeline(escalation)).includes('acknowledged'));
      refuses = false;
      const taken = await ringdown.escalations.acknowledge(escalation.id, actor('Adele'));
      assert.equal(taken?.refused, null);
      await world.pass(5);
      assert.deepEqual(world.called, ['Adele']);
    });

    it('tells listeners each change in its transaction, and nothing if nothing changes', async () => {
      const heard: string[][] = [];
      ringdown.escalations.listen({
        changed: (_work, _escalation, timeline) => void heard.push(timeline.map(({ type }) => type)),
      });
      world.person('Adele').declines();
      const escalation = await world.start('Adele');
      await world.pass(5);
      await ringdown.escalations.wake(escalation.id, world.clock.now());
      await ringdown.escalations.acknowledge(escalation.id, actor('Adele'));
      await ringdown.escalations.acknowledge(escalation.id, actor('Adele'));
      assert.deepEqual(heard, [
        ['opened'],
        ['calling'],
        ['callEnded', 'exhausted'],
        ['told'],
        ['acknowledged'],
      ]);
    });

    it('is listed by status and policy, the newest first, page by page', async () => {
      const ids: string[] = [];
      for (const policy of ['payments', 'web', 'payments', 'web']) {
        ids.unshift((await world.start('Adele', { policy })).id);
        await world.pass(0.5);
      }
      await ringdown.escalations.resolve(ids[0] ?? '', actor('ci', 'api'));
      const list = async (query: Parameters<Process['escalations']['list']>[0]): Promise<string[]> =>
        (await ringdown.escalations.list(query)).map(({ id }) => id);
      assert.deepEqual(await list({ limit: 10 }), ids);
      assert.deepEqual(await list({ limit: 10, status: 'resolved' }), ids.slice(0, 1));
      assert.deepEqual(await list({ limit: 10, running: true }), ids.slice(1));
      assert.deepEqual(await list({ limit: 10, policies: ['web'] }), [ids[0], ids[2]]);
      assert.deepEqual(await list({ limit: 10, policies: [] }), []);
      const [newest, next] = await ringdown.escalations.list({ limit: 2 });
      assert.ok(newest && next);
      assert.deepEqual(await list({ limit: 10, before: next }), ids.slice(2));
    });
  });
});
