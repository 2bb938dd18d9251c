import assert from 'node:assert/strict';
import { setImmediate, setTimeout as wait } from 'node:timers/promises';
import type { Call, CallEvent, Reply, Target } from '../../../src/calls/call.ts';
import type { Dial, DialOutcome, RequestOutcome, Telephony } from '../../../src/calls/telephony.ts';
import { isMobile } from '../../../src/calls/callee.ts';
import { registerCallEffects } from '../../../src/calls/callEffects.ts';
import { CallService } from '../../../src/calls/callService.ts';
import type { PlaceCall } from '../../../src/calls/placeCall.ts';
import { view } from '../../../src/calls/lifecycle/lifecycle.ts';
import { isQuestion } from '../../../src/calls/purposes/escalateByPhone.ts';
import { readSpeech, speechName, type SpeechName } from '../../../src/calls/lifecycle/speech.ts';
import type { Clock } from '../../../src/clock.ts';
import type { JobHandler } from '../../../src/database/jobHandler.ts';
import { Jobs } from '../../../src/database/jobRunner.ts';
import { TryAgainLater } from '../../../src/database/tryAgain.ts';
import type { JobName } from '../../../src/database/jobKinds.ts';
import type { Database } from '../../../src/database/open.ts';
import { AUTO_RESOLVE_MS } from '../../../src/config/ringdownSchema.ts';
import { createTransact, type Transact } from '../../../src/database/transaction.ts';
import { Callees } from '../../../src/escalations/callees.ts';
import type { Actor, Escalation, FrozenStep } from '../../../src/escalations/escalation.ts';
import { registerEscalationEffects } from '../../../src/escalations/escalationEffects.ts';
import { EscalationService } from '../../../src/escalations/escalationService.ts';
import type { StartEscalation } from '../../../src/escalations/starting.ts';
import type { PhoneRules } from '../../../src/escalations/phoneTargets.ts';
import { Targets, type DutyPlan } from '../../../src/escalations/targets.ts';
import { Pause } from '../../../src/operations/pause.ts';
import { afterTest } from '../afterTest.ts';
import { advance, stoppedClock, testClock, type FakeClock } from '../clock.ts';
import { recordingLog, silent } from '../log.ts';
import { FakeDirectory, idOf } from './people.ts';

/**
 * Stories of escalations, in the words of the people who are called. There are people with phones, a telephone service,
 * one or more processes of Ringdown on one database, and a clock that the test moves.
 *
 *     person('Adele').declines();
 *     await start('Adele Alex');
 *     await expectNextCall('Alex').within(2);
 */

const NAMES = ['Adele', 'Alex', 'Megan', 'Diego', 'Nestor', 'Irvin', 'Joni', 'Lynne'];
const STEP_MS = 500;
/** Real time for a look-up in a database. */
const PATIENCE_MS = 50;
/** How long a sentence takes. */
const SENTENCE_S = 4;
/** How long the service waits for a key after that. */
const SILENCE_S = 8;

/** What a person does when called. Times are seconds since the call, or since the answer. */
interface Habit {
  does: 'noAnswer' | 'end' | 'answer' | 'refused' | 'unknown' | 'silence';
  after?: number;
  code?: number;
  subCode?: number;
  presses?: { tone: string; after: number }[];
  /** Keys for the questions on a phone of the telephone network, in order; silence after them. */
  replies?: string[];
  hangsUpAfter?: number;
}

/** A phone call, as the telephone service sees it. */
interface Ringing {
  dial: Dial;
  name: string;
  connectionId: string;
  from: number;
  connectedAt: number | null;
  hangUpAskedAt: number | null;
  /** What the callee will reply. */
  replies: string[];
  /** The service refuses to hang up. */
  deaf?: boolean;
  to: number | null;
}

class Phone {
  readonly name: string;
  readonly #habits: Habit[] = [];
  /** What was said to this person. */
  readonly heard: SpeechName[] = [];

  constructor(name: string) {
    this.name = name;
  }

  /** Each method says what the person does on the next call. The last one repeats. */
  declines(after = 2): this {
    return this.#does({ does: 'end', after, code: 603, subCode: 0 });
  }
  isBusy(): this {
    return this.#does({ does: 'end', after: 1, code: 486, subCode: 560486 });
  }
  isUnreachable(): this {
    return this.#does({ does: 'end', after: 1, code: 480, subCode: 10037 });
  }
  mayNotBeCalled(): this {
    return this.#does({ does: 'refused', code: 403, subCode: 10124 });
  }
  doesNotAnswer(): this {
    return this.#does({ does: 'noAnswer' });
  }
  /** The service does not answer the request, and does not say whether it placed the call. */
  isLost(): this {
    return this.#does({ does: 'unknown' });
  }
  answers(then: Pick<Habit, 'after' | 'presses' | 'replies' | 'hangsUpAfter'> = {}): this {
    return this.#does({ does: 'answer', after: 3, ...then });
  }
  /** The process that asks for the call never gets an answer: it was killed. */
  keepsTheAskerWaiting(): this {
    return this.#does({ does: 'silence' });
  }

  habit(nth: number): Habit {
    return this.#habits[nth - 1] ?? this.#habits.at(-1) ?? { does: 'noAnswer' };
  }

  #does(habit: Habit): this {
    this.#habits.push(habit);
    return this;
  }
}

/** Knows what work is in progress, so that time stands still until it is done. */
class Busy {
  #count = 0;

  get idle(): boolean {
    return this.#count === 0;
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#count += 1;
    try {
      return await work();
    } finally {
      this.#count -= 1;
    }
  }
}

class WatchedJobs extends Jobs {
  readonly #atWork: Busy;

  constructor(database: Database, clock: Clock, log: typeof silent, atWork: Busy) {
    super(database, clock, log);
    this.#atWork = atWork;
  }

  override handle<Name extends JobName>(name: Name, handler: JobHandler<Name>): void {
    super.handle(name, {
      ...handler,
      run: async (data, job) => await this.#atWork.during(async () => await handler.run(data, job)),
    });
  }
}

class DeadJobs extends Jobs {
  override concluded(): void {
    // Jobs stay in the queue for another process.
  }
}

/** One running Ringdown. */
export interface Process {
  jobs: Jobs;
  transact: Transact;
  calls: CallService;
  escalations: EscalationService;
  targets: Targets;
  pause: Pause;
  database: Database;
}

export const actor = (name: string, way: Actor['way'] = 'card'): Actor => ({ key: idOf(name), name, way });

export const targetOf = (name: string): Target => ({
  kind: 'teamsUser',
  id: idOf(name),
  displayName: name,
});

/** `Adele`, or `Adele's mobile`. */
function phoneNamed(target: Target): string {
  return isMobile(target) ? `${target.displayName}'s mobile` : target.displayName;
}

export class World {
  readonly clock: FakeClock = testClock();
  readonly directory = new FakeDirectory(...NAMES);
  readonly processes: Process[] = [];
  /** All calls that the telephone service placed, in order. */
  readonly ringing: Ringing[] = [];
  /** Messages to people when nobody acknowledged: "ops: Checkout is down". */
  readonly told: string[] = [];
  tellingFails = false;
  /** Errors while Ringdown handled events of the service. */
  readonly faults: unknown[] = [];
  plan: DutyPlan = { rotations: {}, voiceApps: {} };
  phones: PhoneRules = { isOn: true, countries: ['DE'] };
  readonly #phones = new Map<string, Phone>();
  readonly #atWork = new Busy();
  readonly #log = recordingLog();
  readonly #start = this.clock.now();
  /** How many calls the story has looked at. */
  #seen = 0;
  #events = 0;

  person(name: string): Phone {
    const phone = this.#phones.get(name) ?? new Phone(name);
    this.#phones.set(name, phone);
    return phone;
  }

  /**
   * Starts a process of Ringdown. `dying`: it finishes what it has begun, but its clock stands still. `dead`: it was
   * killed right after its transaction, so it runs no jobs.
   */
  async process(database: Database, as: 'alive' | 'dying' | 'dead' = 'alive'): Promise<Process> {
    const clock: Clock = as === 'alive' ? this.clock : stoppedClock(this.clock.now());
    const jobs =
      as === 'alive'
        ? new WatchedJobs(database, clock, this.#log.log, this.#atWork)
        : new (as === 'dead' ? DeadJobs : Jobs)(database, clock, silent);
    const transact = createTransact(database, jobs);
    const calls = new CallService({
      database,
      transact,
      clock,
      ringTimeoutSeconds: 20,
      createCallsPerSecond: 100_000,
    });
    const escalations = new EscalationService({
      sql: database.sql,
      transact,
      calls,
      clock,
      autoResolveMs: () => AUTO_RESOLVE_MS,
      patienceMs: database.patienceMs,
      log: silent,
      apart: false,
    });
    const targets = new Targets({
      sql: database.sql,
      directory: this.directory,
      plan: () => this.plan,
      phones: () => this.phones,
      clock,
      log: silent,
    });
    registerCallEffects({
      database,
      jobs,
      calls,
      telephony: this.#service(),
      clock,
    });
    registerEscalationEffects({
      jobs,
      calls,
      escalations,
      callees: new Callees({
        targets,
        optedOut: async () => new Set(),
        presence: async () => null,
      }),
      clock,
      tellPeople: async ({ summary }, people) => {
        if (this.tellingFails) return people.map((name) => ({ name, told: false }));
        this.told.push(...people.map((name) => `${name}: ${summary}`));
        return people.map((name) => ({ name, told: true }));
      },
    });
    const pause = new Pause({ sql: database.sql, transact, clock, calls, escalations });
    const process = { jobs, transact, calls, escalations, targets, pause, database };
    await jobs.start();
    if (as === 'alive') this.processes.push(process);
    afterTest(async () => await (as === 'alive' ? this.stop(process) : jobs.stop(10)));
    return process;
  }

  async stop(process: Process): Promise<void> {
    const index = this.processes.indexOf(process);
    if (index < 0) return;
    this.processes.splice(index, 1);
    await process.jobs.stop(10);
  }

  /** The process that a story uses if it does not name one. */
  get ringdown(): Process {
    const [first] = this.processes;
    assert.ok(first, 'no process runs');
    return first;
  }

  /** The log of the job engine. */
  get log(): readonly string[] {
    return this.#log.lines;
  }

  get seconds(): number {
    return (this.clock.now() - this.#start) / 1000;
  }

  /** Starts an escalation. "Adele Alex" are the people of its only step; or give the steps. */
  async start(people: string | FrozenStep[], more: Partial<StartEscalation> = {}): Promise<Escalation> {
    const { escalation } = await this.ringdown.escalations.start(this.alert(people, more));
    await this.settle();
    return escalation;
  }

  alert(people: string | FrozenStep[], more: Partial<StartEscalation> = {}): StartEscalation {
    return {
      policy: 'payments',
      steps: typeof people === 'string' ? [step(people)] : people,
      repeat: 0,
      acknowledgeTimeoutMs: null,
      notify: ['ops'],
      channel: null,
      language: 'en',
      voice: null,
      source: 'ci',
      dedupKey: null,
      summary: 'Checkout is down',
      details: null,
      severity: 'critical',
      links: [],
      test: false,
      startedBy: { kind: 'api', key: 'ci', name: 'ci' },
      ...more,
    };
  }

  /** A call that somebody asks for in a chat. */
  async chatCall(to: string, more: Partial<PlaceCall> = {}, process = this.ringdown): Promise<Call> {
    const { call } = await process.calls.place({
      target: targetOf(to),
      requestedBy: { kind: 'chat', key: 'chat:irvin', name: 'Irvin' },
      purpose: { kind: 'speak', message: 'Lunch?' },
      language: 'en',
      ringTimeoutSeconds: 100,
      ...more,
    });
    await this.settle();
    return call;
  }

  /** Lets time pass, and everything happen that is due. */
  async pass(seconds: number): Promise<void> {
    await advance(this.clock, seconds * 1000, async () => await this.settle());
  }

  /** Lets time pass until a condition is true. @returns the seconds that passed */
  async passUntil(condition: () => boolean | Promise<boolean>, what: string, limit = 600): Promise<number> {
    const from = this.seconds;
    await this.settle();
    while (!(await condition())) {
      assert.ok(this.seconds - from < limit, `${limit} s passed, but not: ${what}`);
      await this.pass(STEP_MS / 1000);
    }
    return this.seconds - from;
  }

  async settle(): Promise<void> {
    const settled = this.#settled();
    // Work that waits for the clock ends only when time passes.
    if (this.directory.state === 'silent') await Promise.race([settled, wait(PATIENCE_MS)]);
    else await settled;
  }

  async #settled(): Promise<void> {
    for (let quiet = 0; quiet < 3; quiet++) {
      await Promise.all(this.processes.map(async ({ jobs }) => await jobs.idle()));
      await setImmediate();
      if (!this.#atWork.idle || this.processes.some(({ jobs }) => jobs.busy)) quiet = -1;
    }
  }

  /** Expects that this person's phone is the next one called, within so many seconds. */
  expectNextCall(name: string): { within: (seconds: number) => Promise<Ringing> } {
    return {
      within: async (seconds) => {
        const took = await this.passUntil(
          () => this.ringing.length > this.#seen,
          `${name} is called`,
          seconds + 1,
        );
        const call = this.ringing[this.#seen];
        assert.ok(call);
        this.#seen += 1;
        assert.equal(call.name, name);
        assert.ok(took <= seconds, `${name} was called after ${took} s`);
        return call;
      },
    };
  }

  /** Marks all calls so far as looked at. */
  seen(): void {
    this.#seen = this.ringing.length;
  }

  async expectNoCall(seconds: number): Promise<void> {
    await this.pass(seconds);
    assert.deepEqual(
      this.ringing.slice(this.#seen).map(({ name }) => name),
      [],
    );
  }

  /** Whose phones were called, in order. */
  get called(): string[] {
    return this.ringing.map(({ name }) => name);
  }

  async escalation({ id }: { id: string }): Promise<Escalation> {
    const found = await this.ringdown.escalations.get(id);
    assert.ok(found);
    return found;
  }

  async status(escalation: { id: string }): Promise<string> {
    return (await this.escalation(escalation)).ladder.status;
  }

  async timeline({ id }: { id: string }): Promise<string[]> {
    return (await this.ringdown.escalations.timeline(id)).map(({ type }) => type);
  }

  async call({ id }: { id: string }): Promise<ReturnType<typeof view>> {
    const found = await this.ringdown.calls.get(id);
    assert.ok(found);
    return view(found);
  }

  /** Expects that nobody was called, in Teams or on their mobile, while another call was at one of their phones. */
  expectOneCallAtATime(): void {
    const callee = ({ dial }: Ringing): string => dial.call.target.displayName;
    for (const name of new Set(this.ringing.map(callee))) {
      const own = this.ringing.filter((call) => callee(call) === name);
      for (const [index, call] of own.entries()) {
        const next = own[index + 1];
        if (next)
          assert.ok(call.to !== null && call.to <= next.from, `${name} had two calls at ${next.from}`);
      }
    }
  }

  #service(): Telephony {
    const accepted: RequestOutcome = { kind: 'accepted' };
    const find = (connectionId: string): Ringing | undefined =>
      this.ringing.find((call) => call.connectionId === connectionId);
    return {
      dial: async (dial) => await this.#dial(dial),
      speak: async (call, connectionId, speech) => {
        const ringing = find(connectionId);
        const { heard } = this.person(phoneNamed(call.target));
        heard.push(speechName(speech));
        if (ringing && isQuestion(speech, call)) {
          const tone = ringing.replies.shift();
          const reply: Reply = tone === undefined ? { kind: 'silence' } : { kind: 'key', tone };
          const after = tone === undefined ? SENTENCE_S + SILENCE_S : SENTENCE_S;
          this.#later(after, ringing, {
            type: 'replied',
            at: '',
            speech,
            reply,
            callConnectionId: connectionId,
          });
        } else if (ringing)
          this.#later(SENTENCE_S, ringing, {
            type: 'playCompleted',
            at: '',
            speech,
            callConnectionId: connectionId,
          });
        return accepted;
      },
      listen: async () => accepted,
      transfer: async () => accepted,
      hangUp: async (connectionId) => {
        const ringing = find(connectionId);
        if (ringing?.deaf) throw new TryAgainLater(1_000);
        if (!ringing || ringing.to !== null) return;
        ringing.hangUpAskedAt ??= this.clock.now();
        this.#ends(ringing, 200, 7000);
      },
      probe: async (connectionId) => {
        const ringing = find(connectionId);
        return !ringing || ringing.to !== null ? 'gone' : ringing.connectedAt ? 'connected' : 'connecting';
      },
    };
  }

  async #dial(dial: Dial): Promise<DialOutcome> {
    const { call, repeatabilityId } = dial;
    const name = phoneNamed(call.target);
    const known = this.ringing.find((one) => one.dial.repeatabilityId === repeatabilityId);
    const accept = (connectionId: string): DialOutcome => ({
      kind: 'accepted',
      callConnectionId: connectionId,
      correlationId: null,
    });
    if (known) return accept(known.connectionId);
    const nth = this.ringing.filter((one) => one.name === name).length + 1;
    const habit = this.person(name).habit(nth);
    const connectionId = `connection-${this.ringing.length + 1}`;
    const ringing: Ringing = {
      dial,
      name,
      connectionId,
      from: this.clock.now(),
      connectedAt: null,
      hangUpAskedAt: null,
      replies: [],
      to: null,
    };
    this.ringing.push(ringing);
    const { after = 0, code = 0, subCode = 0 } = habit;
    switch (habit.does) {
      case 'refused':
        ringing.to = this.clock.now();
        return { kind: 'refused', result: { code, subCode, message: '' } };
      case 'unknown':
        return { kind: 'unknown' };
      case 'silence':
        return await new Promise(() => undefined);
      case 'end':
        void this.clock.setTimeout(() => this.#ends(ringing, code, subCode), after * 1000);
        break;
      case 'answer':
        void this.clock.setTimeout(() => this.answer(ringing, habit), after * 1000);
        break;
      case 'noAnswer':
    }
    return accept(connectionId);
  }

  /** Somebody answers, even if the call was lost. */
  answer(ringing: Ringing, habit: Partial<Habit> = {}): void {
    if (ringing.to !== null) return;
    ringing.connectedAt = this.clock.now();
    ringing.replies = [...(habit.replies ?? [])];
    const { connectionId: callConnectionId } = ringing;
    this.#happens(ringing, {
      type: 'connected',
      at: '',
      callConnectionId,
      serverCallId: null,
      correlationId: null,
    });
    for (const [index, { tone, after }] of (habit.presses ?? []).entries()) {
      this.#later(after, ringing, { type: 'tone', at: '', tone, sequenceId: index + 1, callConnectionId });
    }
    if (habit.hangsUpAfter !== undefined) {
      void this.clock.setTimeout(() => this.#ends(ringing, 200, 5000), habit.hangsUpAfter * 1000);
    }
  }

  /** The callee replies while no process of the story runs but this one. */
  async reply(
    { dial, connectionId }: Ringing,
    name: SpeechName,
    tone: string,
    process: Process,
  ): Promise<void> {
    const speech = readSpeech(name);
    assert.ok(speech);
    const at = new Date(this.clock.now()).toISOString();
    const event: CallEvent = {
      type: 'replied',
      at,
      speech,
      reply: { kind: 'key', tone },
      callConnectionId: connectionId,
    };
    const incoming = { id: `reply to ${name}`, type: event.type, at, event, body: {} };
    await process.calls.takeEvents(dial.call.id, dial.callbackSecret, [incoming]);
  }

  #ends(ringing: Ringing, code: number, subCode: number): void {
    if (ringing.to !== null) return;
    ringing.to = this.clock.now();
    this.#happens(ringing, {
      type: 'ended',
      at: '',
      by: ringing.connectedAt || code === 200 ? 'disconnected' : 'createCallFailed',
      result: { code, subCode, message: '' },
      callConnectionId: ringing.connectionId,
    });
  }

  #later(seconds: number, ringing: Ringing, event: CallEvent): void {
    void this.clock.setTimeout(() => {
      if (ringing.to === null) this.#happens(ringing, event);
    }, seconds * 1000);
  }

  /** An event of the service. It goes to any process, as with a load balancer. */
  #happens({ dial }: Ringing, event: CallEvent): void {
    const id = `event-${(this.#events += 1)}`;
    const at = new Date(this.clock.now()).toISOString();
    const process = this.processes[this.#events % Math.max(1, this.processes.length)];
    const incoming = { id, type: event.type, at, event: { ...event, at }, body: { id } };
    const { callbackSecret } = dial;
    void this.#atWork
      .during(async () => await process?.calls.takeEvents(dial.call.id, callbackSecret, [incoming]))
      .catch((error: unknown) => this.faults.push(error));
  }
}

/** A step with these people, ringing ten seconds each. */
export const step = (people: string, more: Partial<FrozenStep> = {}): FrozenStep => ({
  targets: people.split(' ').map((user) => ({ user })),
  mode: 'sequence',
  tries: 1,
  pauseSeconds: 0,
  ringTimeoutSeconds: 10,
  ...more,
});
