import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import sinon from 'sinon';
import type { FakeClock as TestClock } from '../support/clock.ts';
import type { Call, CallEvent, Purpose, Target } from '../../src/calls/call.ts';
import type { Dial, Telephony } from '../../src/calls/telephony.ts';
import { registerCallEffects } from '../../src/calls/callEffects.ts';
import { CallService } from '../../src/calls/callService.ts';
import type { PlaceCall } from '../../src/calls/placeCall.ts';
import { loadCall } from '../../src/calls/callStore.ts';
import { playOf } from '../../src/calls/lifecycle/facts.ts';
import { view } from '../../src/calls/lifecycle/lifecycle.ts';
import { speechName, type SpeechName } from '../../src/calls/lifecycle/speech.ts';
import { PAUSE } from '../../src/calls/pause.ts';
import type { Clock } from '../../src/clock.ts';
import { Jobs } from '../../src/database/jobRunner.ts';
import { TryAgainLater } from '../../src/database/tryAgain.ts';
import type { Database } from '../../src/database/open.ts';
import { createTransact, type Transact } from '../../src/database/transaction.ts';
import { afterTest } from '../support/afterTest.ts';
import { advance, stoppedClock, testClock } from '../support/clock.ts';
import { forEachDatabaseByTurns, onPostgres, pollingOften } from '../support/databases.ts';
import { silent } from '../support/log.ts';
import { until } from '../support/until.ts';
import { adele, connect, escalate, speak, speechNamed } from '../support/calls/stories.ts';

const never = new Promise<never>(() => undefined);
const aCall: PlaceCall = {
  target: adele,
  requestedBy: { kind: 'chat', key: 'chat:alex', name: 'Alex Wilber' },
  purpose: speak,
  language: 'en',
};

/** A new person each time: one person has one call at a time. */
const someone = (): Target => ({ ...adele, id: randomUUID() });

/** People who get no other call. */
const somebody = (n: number): PlaceCall => ({
  ...aCall,
  target: { kind: 'teamsUser', id: `somebody-${n}`, displayName: `Somebody ${n}` },
});

/** One process, with a healthy telephone service unless given otherwise. */
interface Process {
  jobs: Jobs;
  calls: CallService;
  transact: Transact;
  /** What was requested from the service. */
  asked: string[];
  dials: Dial[];
  service: Telephony;
}

describe('the effects of calls', () => {
  let clock: TestClock;
  beforeEach(() => {
    clock = testClock();
  });
  const now = (): string => new Date(clock.now()).toISOString();

  async function startProcess(
    database: Database,
    parts: {
      service?: Partial<Telephony>;
      time?: Clock;
      createCallsPerSecond?: number;
      polls?: 'often';
    } = {},
  ): Promise<Process> {
    const time = parts.time ?? clock;
    const jobs = new Jobs(parts.polls ? pollingOften(database) : database, time, silent);
    const transact = createTransact(database, jobs);
    const calls = new CallService({
      database,
      transact,
      clock: time,
      ringTimeoutSeconds: 45,
      createCallsPerSecond: parts.createCallsPerSecond ?? 100,
    });
    const asked: string[] = [];
    const dials: Dial[] = [];
    const service: Telephony = {
      dial: async ({ call }) => ({
        kind: 'accepted',
        callConnectionId: connectionId(call),
        correlationId: null,
      }),
      speak: async () => ({ kind: 'accepted' }),
      listen: async () => ({ kind: 'accepted' }),
      transfer: async () => ({ kind: 'accepted' }),
      hangUp: async () => undefined,
      probe: async () => 'unknown',
      ...parts.service,
    };
    const recording: Telephony = {
      dial: async (dial) => {
        asked.push('dial');
        dials.push(dial);
        return await service.dial(dial);
      },
      speak: async (call, id, speech) => {
        asked.push(`speak ${speechName(speech)}`);
        return await service.speak(call, id, speech);
      },
      listen: async (call, id) => {
        asked.push('listen');
        return await service.listen(call, id);
      },
      transfer: async (call, id, to) => {
        asked.push(`transfer to ${to.displayName}`);
        return await service.transfer(call, id, to);
      },
      hangUp: async (id) => {
        asked.push('hangUp');
        await service.hangUp(id);
      },
      probe: async (id) => {
        asked.push('probe');
        return await service.probe(id);
      },
    };
    registerCallEffects({
      database,
      jobs,
      calls,
      telephony: recording,
      clock: time,
    });
    await jobs.start();
    afterTest(async () => await jobs.stop(10));
    return { jobs, calls, transact, asked, dials, service };
  }

  const connectionId = (call: Call): string => `connection-of-${call.id}`;
  const pass = async (ms: number, ...processes: Process[]): Promise<void> =>
    await advance(
      clock,
      ms,
      async () => void (await Promise.all(processes.map(async ({ jobs }) => await jobs.idle()))),
    );

  async function place({ calls, jobs }: Process, request: Partial<PlaceCall> = {}): Promise<Call> {
    const { call } = await calls.place({ ...aCall, target: someone(), ...request });
    await jobs.idle();
    return call;
  }
  async function event({ calls, jobs }: Process, call: Call, taken: CallEvent): Promise<void> {
    await calls.apply(call.id, taken);
    await jobs.idle();
  }
  async function current({ calls }: Process, call: Call): Promise<Call> {
    const found = await calls.get(call.id);
    assert.ok(found);
    return found;
  }
  const viewOf = async (process: Process, call: Call): Promise<ReturnType<typeof view>> =>
    view(await current(process, call));
  const connected = (call: Call): CallEvent => ({
    type: 'connected',
    at: now(),
    callConnectionId: connectionId(call),
    serverCallId: null,
    correlationId: null,
  });
  const spoken = (call: Call, name: SpeechName): CallEvent => ({
    type: 'playCompleted',
    at: now(),
    speech: speechNamed(name),
    callConnectionId: connectionId(call),
  });

  forEachDatabaseByTurns((open) => {
    let database: Database;
    beforeEach(async () => {
      database = await open();
    });

    it('dial a call, speak the message and hang up', async () => {
      const process = await startProcess(database);
      const call = await place(process);
      assert.equal((await viewOf(process, call)).status, 'dialing');
      await pass(5_000, process);
      await event(process, call, connected(call));
      await pass(10_000, process);
      await event(process, call, spoken(call, 'message'));
      assert.deepEqual(process.asked, ['dial', 'speak message', 'hangUp']);
      const { disposition, cause } = await viewOf(process, call);
      assert.deepEqual([disposition, cause], ['answered', 'messageDelivered']);
      assert.deepEqual(
        (await process.calls.timeline(call.id)).map(({ type }) => type),
        ['queued', 'dialing', 'accepted', 'connected', 'speaking', 'messageSpoken', 'ended'],
      );
      await pass(40_000, process);
      assert.equal(process.asked.length, 3);
    });

    it('leave no deadline behind when a call ends', async () => {
      const process = await startProcess(database);
      const call = await place(process);
      await event(process, call, connected(call));
      await event(process, call, spoken(call, 'message'));
      assert.equal((await viewOf(process, call)).status, 'ended');
      assert.deepEqual(await database.sql.selectFrom('jobs').select(['name', 'due_at']).execute(), []);
      assert.equal((await current(process, call)).alarmAt, null);
    });

    it('greet a callee and transfer the call', async () => {
      const process = await startProcess(database);
      const call = await place(process, { purpose: connect });
      await event(process, call, connected(call));
      await event(process, call, spoken(call, 'connecting'));
      assert.deepEqual(process.asked, ['dial', 'speak connecting', 'transfer to Alex Wilber']);
      assert.ok((await current(process, call)).facts.transfer?.acceptedAt);
    });

    it('listen for keys in an escalation, and say its message three times', async () => {
      const process = await startProcess(database);
      const call = await place(process, { purpose: escalate });
      await event(process, call, connected(call));
      for (const context of ['message', 'message2', 'message3'] as const) {
        await event(process, call, spoken(call, context));
        await pass(9_000, process);
      }
      assert.deepEqual(process.asked.toSorted(), [
        'dial',
        'hangUp',
        'listen',
        'speak message',
        'speak message2',
        'speak message3',
      ]);
      assert.equal((await viewOf(process, call)).cause, 'answeredNotAcknowledged');
    });

    it('send createCall with the stored id, secret and first time', async () => {
      const process = await startProcess(database);
      const call = await place(process);
      const stored = await loadCall(database.sql, call.id);
      const [dial] = process.dials;
      assert.ok(stored && dial);
      assert.equal(dial.repeatabilityId, stored.repeatabilityId);
      assert.equal(dial.callbackSecret, stored.callbackSecret);
      assert.equal(dial.firstSent.toISOString(), stored.call.facts.dialSentAt);
    });

    describe('a call that starts where it is placed', () => {
      const begun = async (
        { transact, calls, jobs }: Process,
        request: Partial<PlaceCall> = {},
        then: () => void = () => undefined,
      ): Promise<Call> => {
        const call = await transact(async (work) => {
          const wanted = { ...aCall, target: someone(), ...request };
          const placed = await calls.placing.placeIn(work, wanted);
          then();
          return placed.call;
        });
        await jobs.idle();
        return call;
      };
      const linesOf = async (process: Process, { id }: Call): Promise<string[]> =>
        (await process.calls.timeline(id)).map(({ type }) => type);

      it('is sent with the id and the time that were stored there', async () => {
        const process = await startProcess(database);
        const call = await begun(process);
        const [dial, ...more] = process.dials;
        assert.ok(dial && more.length === 0);
        assert.equal(call.facts.dialSentAt, now());
        assert.equal(dial.firstSent.toISOString(), now());
        assert.equal(dial.isRepeated, false);
        const stored = await loadCall(database.sql, call.id);
        assert.equal(dial.repeatabilityId, stored?.repeatabilityId);
        assert.equal(dial.callbackSecret, stored?.callbackSecret);
        assert.deepEqual(await linesOf(process, call), ['queued', 'dialing', 'accepted']);
      });

      it('waits for its turn like every other call', async () => {
        const process = await startProcess(database, { createCallsPerSecond: 0.5, polls: 'often' });
        await begun(process);
        const call = await begun(process);
        assert.equal(view(call).status, 'queued');
        assert.equal(process.dials.length, 1);
        await pass(1_900, process);
        assert.equal(process.dials.length, 1);
        await pass(1_000, process);
        assert.equal(process.dials.length, 2);
      });

      it('waits for the phone', async () => {
        // Not because of the pace.
        const process = await startProcess(database, { createCallsPerSecond: 100_000, polls: 'often' });
        const target = someone();
        const first = await begun(process, { target });
        const second = await begun(process, { target });
        assert.deepEqual(await linesOf(process, second), ['queued', 'deferred']);
        await event(process, first, {
          type: 'ended',
          at: now(),
          by: 'disconnected',
          callConnectionId: connectionId(first),
          result: { code: 603, subCode: 0, message: '' },
        });
        await pass(1_000, process);
        assert.equal(process.dials[1]?.call.id, second.id);
      });

      it('waits while calls are paused', async () => {
        const value = JSON.stringify({ paused: true });
        await database.sql.insertInto('settings').values({ name: PAUSE, value }).execute();
        const process = await startProcess(database);
        const call = await begun(process);
        assert.deepEqual(await linesOf(process, call), ['queued', 'deferred']);
        assert.equal(process.dials.length, 0);
      });

      it('is not sent if it was not stored', async () => {
        const process = await startProcess(database);
        const undone = begun(process, {}, () => {
          throw new RangeError('something else could not be stored');
        });
        await assert.rejects(undone, RangeError);
        await process.jobs.idle();
        assert.equal(process.dials.length, 0);
        await begun(process);
        assert.equal(process.dials.length, 1);
      });

      it('is sent as it is stored, if the database undid a first attempt to start it', async () => {
        const process = await startProcess(database);
        let attempts = 0;
        const request: PlaceCall = { ...aCall, target: someone() };
        const call = await process.transact(async (work) => {
          attempts += 1;
          const placed = await process.calls.placing.placeIn(work, { ...request, leaveToJob: attempts > 1 });
          if (attempts === 1) {
            throw Object.assign(new pg.DatabaseError('deadlock', 1, 'error'), { code: '40P01' });
          }
          return placed.call;
        });
        await process.jobs.idle();
        const [dial] = process.dials;
        const stored = await loadCall(database.sql, call.id);
        assert.equal(attempts, 2);
        assert.ok(stored?.call.facts.dialSentAt);
        assert.equal(dial?.callbackSecret, stored.callbackSecret);
        assert.equal(dial.repeatabilityId, stored.repeatabilityId);
      });

      it('is sent by the next process, with the same id, if its own process dies first', async () => {
        const dying = await startProcess(database);
        sinon.stub(dying.jobs, 'concluded');
        const call = await begun(dying);
        await dying.jobs.stop(0);
        const next = await startProcess(database, { polls: 'often' });
        await pass(8_000, next);
        const [dial, ...more] = next.dials;
        assert.ok(dial && more.length === 0);
        assert.equal(dial.isRepeated, true);
        assert.equal(dial.repeatabilityId, (await loadCall(database.sql, call.id))?.repeatabilityId);
        assert.equal(dial.firstSent.toISOString(), call.facts.dialSentAt);
      });

      it('is left to its job if this process is busy', async () => {
        const process = await startProcess(database);
        sinon.stub(process.jobs, 'runsNow').get(() => false);
        const call = await begun(process);
        assert.equal(view(call).status, 'queued');
      });

      it('is not sent if it was hung up before its job ran', async () => {
        const process = await startProcess(database);
        const concluded = sinon.stub(process.jobs, 'concluded');
        const call = await begun(process);
        await process.calls.hangUp(call.id, 'requester');
        concluded.restore();
        await pass(8_000, process);
        assert.equal(process.dials.length, 0);
      });
    });

    it('do not dial a call that was hung up before its turn came', async () => {
      const process = await startProcess(database, { createCallsPerSecond: 0.5 });
      await place(process, somebody(1));
      const call = await place(process);
      assert.equal(process.asked.length, 1);
      await process.calls.hangUp(call.id, 'requester');
      await pass(5_000, process);
      assert.equal(process.asked.length, 1);
      assert.equal((await viewOf(process, call)).disposition, 'cancelled');
      assert.deepEqual(
        (await process.calls.timeline(call.id)).map(({ type }) => type),
        ['queued', 'hangUpRequested', 'ended'],
      );
    });

    it('do not dial a call that was hung up while the process waited for its turn', async () => {
      const process = await startProcess(database, { createCallsPerSecond: 2 });
      await place(process, somebody(1));
      const { call } = await process.calls.place(aCall);
      await process.calls.hangUp(call.id, 'requester');
      await pass(2_000, process);
      assert.equal(process.asked.length, 1);
      assert.deepEqual(
        (await process.calls.timeline(call.id)).map(({ type }) => type),
        ['queued', 'hangUpRequested', 'ended'],
      );
    });

    it('keep the pace with many calls, and give each its turn', async () => {
      const process = await startProcess(database, { createCallsPerSecond: 10, polls: 'often' });
      const start = clock.now();
      const times: number[] = [];
      process.service.dial = async ({ call }) => {
        times.push(clock.now() - start);
        return { kind: 'accepted', callConnectionId: connectionId(call), correlationId: null };
      };
      await Promise.all(
        Array.from({ length: 60 }, async () => await process.calls.place({ ...aCall, target: someone() })),
      );
      await advance(clock, 8_000, async () => await process.jobs.idle());
      await process.jobs.idle();
      assert.equal(times.length, 60);
      // A turn may come up to half a second late: the poll.
      for (let second = 0; second < 8; second++) {
        const within = times.filter((time) => time >= second * 1000 && time < (second + 1) * 1000).length;
        assert.ok(within <= 20, `${within} in second ${second}`);
      }
      assert.ok(Math.max(...times) <= 7_000, String(Math.max(...times)));
    });

    it('send calls of alerts before waiting calls, and keep the pace overall', async () => {
      const process = await startProcess(database, { createCallsPerSecond: 10, polls: 'often' });
      const start = clock.now();
      const times: { kind: string; at: number }[] = [];
      process.service.dial = async ({ call }) => {
        times.push({ kind: call.purpose.kind, at: clock.now() - start });
        return { kind: 'accepted', callConnectionId: connectionId(call), correlationId: null };
      };
      const call = async (purpose: Purpose): Promise<unknown> =>
        await process.calls.place({ ...aCall, target: someone(), purpose });
      await Promise.all(Array.from({ length: 60 }, async () => await call(aCall.purpose)));
      await advance(clock, 1_000, async () => await process.jobs.idle());
      await Promise.all(Array.from({ length: 20 }, async () => await call(escalate)));
      await advance(clock, 11_000, async () => await process.jobs.idle());
      const urgent = times.filter(({ kind }) => kind === 'escalate').map(({ at: time }) => time);
      assert.equal(urgent.length, 20);
      // Twenty turns, and half a second for the poll.
      assert.ok(Math.max(...urgent) <= 3_600, `the last alert after ${Math.max(...urgent)} ms`);
      assert.equal(times.length, 80);
      const first4s = times.filter(({ at: time }) => time <= 4_000).length;
      assert.ok(first4s <= 56, `${first4s} within 4 s`);
    });

    it('repeat createCall after a crash with the same id and the same first time', async () => {
      const dead = await startProcess(database, {
        time: stoppedClock(clock.now()),
        polls: 'often',
        service: { dial: async () => await never },
      });
      const { call } = await dead.calls.place(aCall);
      await until(() => dead.dials.length > 0, 'createCall is on its way');
      const next = await startProcess(database, { polls: 'often' });
      await pass(12_000, next);
      const [first, second] = [dead.dials[0], next.dials[0]];
      assert.ok(first && second);
      assert.equal(second.repeatabilityId, first.repeatabilityId);
      assert.deepEqual(second.firstSent, first.firstSent);
      assert.equal(second.callbackSecret, first.callbackSecret);
      assert.equal((await viewOf(next, call)).status, 'dialing');
      assert.deepEqual(
        (await next.calls.timeline(call.id)).map(({ type }) => type),
        ['queued', 'dialing', 'accepted'],
      );
    });

    it('… but not after the 30 s for which the service promises not to call twice', async () => {
      const dead = await startProcess(database, {
        time: stoppedClock(clock.now()),
        service: { dial: async () => await never },
      });
      const { call } = await dead.calls.place(aCall);
      await until(() => dead.dials.length > 0, 'createCall is on its way');
      clock.setTime(clock.now() + 31_000);
      const next = await startProcess(database);
      await pass(15_000, next);
      assert.deepEqual(next.asked, []);
      assert.equal((await viewOf(next, call)).cause, 'outcomeUnknown');
    });

    it('find a call with an unknown outcome again by its first event', async () => {
      const process = await startProcess(database, { service: { dial: async () => ({ kind: 'unknown' }) } });
      const call = await place(process);
      assert.equal((await viewOf(process, call)).cause, 'outcomeUnknown');
      await event(process, call, connected(call));
      assert.equal((await viewOf(process, call)).status, 'connected');
      assert.deepEqual(process.asked, ['dial', 'speak message']);
    });

    it('… and hang it up then, if that was requested before', async () => {
      const process = await startProcess(database, {
        service: {
          dial: async () =>
            await new Promise((resolve) => void clock.setTimeout(() => resolve({ kind: 'unknown' }), 30_000)),
        },
      });
      const { call } = await process.calls.place(aCall);
      await until(() => process.dials.length > 0, 'createCall is on its way');
      await process.calls.hangUp(call.id, 'requester');
      await advance(clock, 31_000, async () => undefined);
      await until(async () => (await viewOf(process, call)).status === 'ended', 'its outcome is unknown');
      await event(process, call, connected(call));
      assert.deepEqual(process.asked, ['dial', 'hangUp']);
      assert.equal((await viewOf(process, call)).status, 'ended');
    });

    it('end a call that the service refused for good with the words of the service', async () => {
      const process = await startProcess(database, {
        service: {
          dial: async () => ({ kind: 'refused', result: { code: 403, subCode: 10124, message: '' } }),
        },
      });
      const call = await place(process);
      const { cause, code, subCode } = await viewOf(process, call);
      assert.deepEqual(
        { cause, code, subCode },
        { cause: 'federationNotAllowed', code: 403, subCode: 10124 },
      );
    });

    it('hang up at the ring timeout if the callee does not answer', async () => {
      const process = await startProcess(database);
      const call = await place(process);
      await pass(44_000, process);
      assert.deepEqual(process.asked, ['dial']);
      await pass(2_500, process);
      assert.deepEqual(process.asked, ['dial', 'probe', 'hangUp']);
      assert.equal((await viewOf(process, call)).disposition, 'no_answer');
    });

    it('retry a hang-up until the service accepts it', async () => {
      const process = await startProcess(database, { polls: 'often' });
      const call = await place(process);
      let tries = 0;
      process.service.hangUp = async () => {
        tries += 1;
        if (tries < 4) throw new TryAgainLater(1_000);
      };
      await process.calls.hangUp(call.id, 'requester');
      await pass(6_000, process);
      assert.equal(tries, 4);
      assert.equal((await viewOf(process, call)).disposition, 'cancelled');
    });

    it('end a call if the service no longer answers', async () => {
      const process = await startProcess(database);
      const call = await place(process);
      process.service.hangUp = async () => await Promise.reject(new TryAgainLater(1_000));
      process.service.probe = async () => await Promise.reject(new RangeError('no answer'));
      await process.calls.hangUp(call.id, 'requester');
      await pass(240_000, process);
      assert.equal((await viewOf(process, call)).disposition, 'cancelled');
      const asked = process.asked.length;
      await pass(60_000, process);
      assert.ok(process.asked.length - asked <= 1, 'the hang-up is no longer tried');
    });

    it('believe the service that a call is gone', async () => {
      const process = await startProcess(database, {
        service: {
          hangUp: async () => await Promise.reject(new TryAgainLater(60_000)),
          probe: async () => 'gone',
        },
      });
      const call = await place(process);
      await process.calls.hangUp(call.id, 'operator');
      await pass(12_000, process);
      assert.equal((await viewOf(process, call)).cause, 'cancelledByOperator');
    });

    it('retry speech that is throttled', async () => {
      const process = await startProcess(database, { polls: 'often' });
      const call = await place(process);
      let tries = 0;
      process.service.speak = async () => {
        tries += 1;
        if (tries < 3) throw new TryAgainLater(2_000);
        return { kind: 'accepted' };
      };
      await event(process, call, connected(call));
      await pass(7_000, process);
      assert.equal(tries, 3);
      assert.ok(playOf((await current(process, call)).facts, speechNamed('message'))?.acceptedAt);
    });

    it('end a call if speech is refused, and say why', async () => {
      const process = await startProcess(database, {
        service: {
          speak: async () => ({ kind: 'refused', result: { code: 0, subCode: 8567, message: '' } }),
        },
      });
      const call = await place(process);
      await event(process, call, connected(call));
      assert.deepEqual(process.asked, ['dial', 'speak message', 'hangUp']);
      assert.equal((await viewOf(process, call)).cause, 'speechNotConfigured');
    });

    it('send a dial once if it is requested again while it runs', async () => {
      const answer = Promise.withResolvers<void>();
      const process = await startProcess(database, {
        service: {
          dial: async ({ call }) => {
            await answer.promise;
            return { kind: 'accepted', callConnectionId: connectionId(call), correlationId: null };
          },
        },
      });
      const { call } = await process.calls.place(aCall);
      await until(() => process.dials.length > 0, 'createCall is on its way');
      for (let n = 0; n < 3; n++)
        await process.transact((work) => work.enqueue({ name: 'call.dial', data: { callId: call.id } }));
      answer.resolve();
      await process.jobs.idle();
      assert.deepEqual(process.asked, ['dial']);
    });

    it('take no second turn for a call that is requested again while it waits', async () => {
      const process = await startProcess(database, { createCallsPerSecond: 0.5, polls: 'often' });
      await place(process, somebody(1));
      const call = await place(process, somebody(2));
      for (let n = 0; n < 3; n++) {
        await process.transact((work) => work.enqueue({ name: 'call.dial', data: { callId: call.id } }));
        await process.jobs.idle();
      }
      await place(process, somebody(3));
      await pass(5_000, process);
      assert.equal(process.asked.length, 3, 'the third is sent 4 s after the first');
      assert.equal(new Set(process.dials.map((dial) => dial.call.id)).size, 3);
    });

    it('end a dial that always fails as unknown, however often it is tried', async () => {
      const process = await startProcess(database, {
        service: { dial: async () => await Promise.reject(new RangeError('a fault of our own')) },
      });
      const call = await place(process);
      await pass(34_000, process);
      assert.equal((await viewOf(process, call)).cause, 'outcomeUnknown');
    });

    it('wait for the event of a message that was answered "not found", then ask the service', async () => {
      const process = await startProcess(database, {
        polls: 'often',
        service: { speak: async () => ({ kind: 'unknown' }), probe: async () => 'gone' },
      });
      const call = await place(process);
      await event(process, call, connected(call));
      await pass(2_000, process);
      assert.equal((await viewOf(process, call)).status, 'connected');
      await pass(2_000, process);
      assert.deepEqual(process.asked, ['dial', 'speak message', 'probe']);
      const { disposition, cause } = await viewOf(process, call);
      assert.deepEqual([disposition, cause], ['answered', 'messageNotConfirmed']);
    });

    it('… and send the message once more while the call lives, but not for ever', async () => {
      const process = await startProcess(database, {
        polls: 'often',
        service: { speak: async () => ({ kind: 'unknown' }), probe: async () => 'connected' },
      });
      const call = await place(process);
      await event(process, call, connected(call));
      await pass(30_000, process);
      assert.deepEqual(process.asked, ['dial', 'speak message', 'probe', 'speak message']);
      await pass(60_000, process);
      assert.equal((await viewOf(process, call)).disposition, 'answered');
    });

    /** A clock that is wrong. */
    const wrongBy = (ms: number): Clock => ({
      now: () => clock.now() + ms,
      monotonic: () => clock.monotonic(),
      setTimeout: (fn, wait) => clock.setTimeout(fn, wait),
      clearTimeout: (timer) => clock.clearTimeout(timer),
      setInterval: (fn, wait) => clock.setInterval(fn, wait),
      clearInterval: (timer) => clock.clearInterval(timer),
    });
    const HOUR = 3_600_000;
    for (const [title, before, after] of [
      ['calls are sent after a replica whose clock was an hour ahead', HOUR, 0],
      ['a replica whose clock is an hour behind sends its calls', 0, -HOUR],
    ] as const) {
      it(title, async () => {
        const first = await startProcess(database, { time: wrongBy(before) });
        await place(first, { ...somebody(1), purpose: escalate });
        assert.equal(first.asked.length, 1);
        await first.jobs.stop(10);
        const next = await startProcess(database, {
          time: wrongBy(after),
          createCallsPerSecond: 5,
          polls: 'often',
        });
        await Promise.all(
          [2, 3, 4, 5].map(async (n) => {
            const purpose = n % 2 ? escalate : speak;
            await next.calls.place({ ...somebody(n), purpose });
          }),
        );
        await pass(5_000, next);
        assert.equal(next.asked.length, 4);
      });
    }

    it('keep the pace of a long queue of calls', async () => {
      const process = await startProcess(database, { createCallsPerSecond: 2, polls: 'often' });
      await Promise.all(
        Array.from({ length: 30 }, async () => await process.calls.place({ ...aCall, target: someone() })),
      );
      await advance(clock, 10_000, async () => await process.jobs.idle());
      assert.ok(process.asked.length <= 21, `${process.asked.length} in 10 s`);
      await advance(clock, 6_000, async () => await process.jobs.idle());
      assert.equal(process.asked.length, 30);
    });

    it('do no harm if jobs run again', async () => {
      const process = await startProcess(database);
      const call = await place(process);
      await event(process, call, connected(call));
      const again = async (): Promise<void> => {
        await process.transact((work) => {
          const data = { callId: call.id };
          work.enqueue({ name: 'call.dial', data });
          work.enqueue({ name: 'call.speak', data: { ...data, context: 'message' } });
          work.enqueue({ name: 'call.wake', data, dueAt: clock.now() });
        });
        await pass(1_000, process);
      };
      await again();
      assert.deepEqual(process.asked, ['dial', 'speak message']);
      await event(process, call, spoken(call, 'message'));
      await process.transact((work) => {
        for (const name of ['call.hangUp', 'call.transfer', 'call.listen', 'call.probe'] as const)
          work.enqueue({ name, data: { callId: call.id } });
      });
      await again();
      assert.deepEqual(
        process.asked.filter((what) => what !== 'probe'),
        ['dial', 'speak message', 'hangUp'],
      );
    });

    it('do nothing for a call that does not exist', async () => {
      const process = await startProcess(database);
      await process.transact((work) => {
        const data = { callId: 'call_0' };
        work.enqueue({ name: 'call.speak', data: { ...data, context: 'message' } });
        for (const name of ['dial', 'listen', 'transfer', 'hangUp', 'probe', 'wake'] as const)
          work.enqueue({ name: `call.${name}`, data });
      });
      await pass(1_000, process);
      assert.deepEqual(process.asked, []);
    });
  });

  onPostgres((open, freshUrl) => {
    it('keep one pace in two processes', async () => {
      const url = await freshUrl();
      const processes = [
        await startProcess(await open(url), { createCallsPerSecond: 10 }),
        await startProcess(await open(url), { createCallsPerSecond: 10 }),
      ];
      await Promise.all(
        Array.from(
          { length: 40 },
          async (_, n) => await processes[n % 2]?.calls.place({ ...aCall, target: someone() }),
        ),
      );
      const sent = (): number => processes.reduce((sum, { dials }) => sum + dials.length, 0);
      await advance(clock, 1_500, async () => undefined);
      assert.ok(sent() <= 21, `${sent()} in 1.5 s`);
      // How far it gets in this time also depends on the machine.
      await until(async () => {
        await advance(clock, 500, async () => undefined);
        return sent() >= 40;
      }, 'all are sent');
      await advance(clock, 5_000, async () => undefined);
      assert.equal(sent(), 40);
    });

    it('go on in a second process after the first one stops', async () => {
      const url = await freshUrl();
      const first = await startProcess(await open(url));
      const second = await startProcess(await open(url));
      const call = await place(first);
      await event(second, call, connected(call));
      await event(first, call, spoken(call, 'message'));
      assert.deepEqual([first.asked, second.asked], [['dial', 'hangUp'], ['speak message']]);
      assert.equal((await viewOf(second, call)).cause, 'messageDelivered');
    });
  });
});
