import { randomBytes, randomUUID } from 'node:crypto';
import type { RawBuilder } from 'kysely';
import type { Logger } from 'pino';
import { timeNow, type Clock } from '../clock.ts';
import { ask, type Answers, type Questions } from '../database/ask.ts';
import { asRequest } from '../database/lanes.ts';
import type { Transact, Work } from '../database/transaction.ts';
import { RingdownError } from '../errors.ts';
import type { Call, CallEvent, Purpose, Requester, Target } from './call.ts';
import type { CallChanges } from './callChanges.ts';
import type { Gate } from './callListener.ts';
import { findByKeys, knownIn, knownQuestion, targetKey, type NewCall } from './callStore.ts';
import { deferred, TURN_NOW_MS, turnTaken, type Dialling } from './dialling.ts';
import { paceQuestions, takeTurns, turnsFrom } from './dialPace.ts';
import { deadlineOf } from './lifecycle/deadlines.ts';
import { pauseIn, pauseQuestion } from './pause.ts';
import {
  dialSoon,
  lockForPlacing,
  lockPhones,
  phoneKey,
  queuesIn,
  queuesQuestion,
  type PhoneQueue,
} from './phones.ts';
import { Together } from './together.ts';

export interface PlaceCall {
  target: Target;
  requestedBy: Requester;
  purpose: Purpose;
  language: string;
  /** Seconds; the configured default if not given. */
  ringTimeoutSeconds?: number;
  /** Names the request: a repeated request places nothing. */
  requestKey?: string | null;
  /** While this requester's call to this target runs, another request leads to the same call. */
  oncePerRequester?: boolean;
  /** The conversation that shows it. */
  conversationKey?: string;
}

export interface Placed {
  /** As it is stored. */
  call: Call;
  /** As it was placed, before anything was done for it. */
  placed: Call;
  /** `fresh`: placed now; `running`: this requester's call to this person runs already; `repeated`: the same request. */
  how: 'fresh' | 'running' | 'repeated';
}

/** What a caller reads, decides and writes in the transaction that places its call, which may be undone and run again. */
export interface Alongside {
  /**
   * A question about a key. Requests that share a transaction and ask the same question are answered together.
   * `ask` gives an expression whose value is a JSON object with the answers by their keys.
   */
  question?: { key: string; ask: (keys: readonly string[]) => RawBuilder<unknown> };
  /**
   * Returns false to place nothing. A RingdownError refuses this request and no other; then nothing may have been
   * written.
   *
   * @param answer to the question; undefined if there is none
   */
  admit?: (work: Work, answer: unknown) => Promise<boolean>;
  /** A new call gets this id. Called before listeners hear of it. */
  begins?: (callId: string) => void;
  placed?: (work: Work, placed: Placed) => Promise<void> | void;
}

/** A request to place a call, with what its caller does in the same transaction. */
export interface Wanted extends PlaceCall {
  /** Its job starts it, even if it could start at once. */
  leaveToJob?: boolean;
  also?: Alongside;
}

/** `placed` is null if the caller did not admit it. */
type Outcome = { placed: Placed | null } | { refused: RingdownError };

/** `TURN_NOW_MS` for calls that are placed together, or urgent: they are sent together, and later calls keep the pace. */
const TOGETHER_NOW_MS = 100;

/** Of calls that nobody guards. */
const openGate: Gate = {
  locksOf: () => [],
  questions: async () => ({}),
  judge: () => ({ check: () => undefined, granted: () => undefined }),
  refused: async () => undefined,
};

interface Parts {
  transact: Transact;
  /** How long a request may wait for its transaction. Milliseconds. */
  patienceMs: number;
  clock: Clock;
  /** Seconds. */
  ringTimeoutSeconds: number;
  /** The current span, which is stored with a call; null without traces. */
  span: () => string | null;
  changes: CallChanges;
  dialling: Dialling;
  log?: Pick<Logger, 'warn'> | undefined;
  /** Each request has a transaction of its own, and so a trace of its own. */
  apart?: boolean | undefined;
}

/**
 * Places calls, and starts those that can start now. Requests that arrive while a transaction runs share the next one.
 * It has three statements, for any number of requests: one locks limits and phones, one reads what must be known, one
 * writes everything.
 */
export class Placing {
  readonly #parts: Parts;
  readonly #queue: Together<Wanted, Outcome>;
  /** Requests that need a lock of another transaction. One transaction waits for the locks of all of them. */
  readonly #held: Together<Wanted, Outcome>;
  #gate: Gate = openGate;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { patienceMs, log } = parts;
    const shared = { patienceMs, log, what: 'requests to place calls' };
    this.#held = new Together({
      ...shared,
      together: async (wanted) => await this.#commit(wanted, true),
      alone: async (one) => await this.#alone(one),
      staysBehind: true,
    });
    this.#queue = new Together({
      ...shared,
      together: async (wanted) => await this.#commit(wanted, false),
      alone: async (one) => (await this.#commit([one], false))[0] ?? (await this.#held.take(one)),
    });
  }

  /** Who decides which calls may be placed, in the same transaction. */
  guardWith(gate: Gate): void {
    this.#gate = gate;
  }

  /**
   * Places a call in a transaction that other requests may share, and starts it if it can start now. Otherwise it stays
   * queued, and its job finds out when it may go.
   *
   * @returns null if `also.admit` said no
   * @throws what the gate throws, such as NotPermitted; TurnTimeout if its turn did not come in time
   */
  async place(wanted: PlaceCall & { leaveToJob?: boolean }): Promise<Placed>;
  async place(wanted: Wanted): Promise<Placed | null>;
  async place(wanted: Wanted): Promise<Placed | null> {
    const own = { ...wanted, span: this.#parts.span() };
    const outcome = await (this.#parts.apart ? this.#alone(own) : this.#queue.take(own));
    if ('placed' in outcome) return outcome.placed;
    await this.#gate.refused(outcome.refused);
    throw outcome.refused;
  }

  /** The same in the caller's own transaction. It is written with the last statement. */
  async placeIn(work: Work, wanted: PlaceCall & { leaveToJob?: boolean }): Promise<Placed>;
  async placeIn(work: Work, wanted: Wanted): Promise<Placed | null>;
  async placeIn(work: Work, wanted: Wanted): Promise<Placed | null> {
    const [outcome] = await this.#placeIn(work, [wanted], true);
    return outcome && 'placed' in outcome ? outcome.placed : null;
  }

  async #alone(wanted: Wanted): Promise<Outcome> {
    const [outcome] = await this.#commit([wanted], true);
    return outcome ?? { placed: null };
  }

  /** As a request: if transactions stall, they leave connections to calls in progress. */
  async #commit(wanted: readonly Wanted[], waits: boolean): Promise<(Outcome | null)[]> {
    const { transact } = this.#parts;
    return await asRequest(
      async () => await transact(async (work) => await this.#placeIn(work, wanted, waits)),
    );
  }

  /**
   * @param waits for limits that other transactions have locked; it never waits for a phone
   * @returns the outcome of each; null for one that must be taken alone: another transaction has its lock, or its call
   *   is known already
   */
  async #placeIn(work: Work, wanted: readonly Wanted[], waits: boolean): Promise<(Outcome | null)[]> {
    const gate = this.#gate;
    const isAlone = wanted.length === 1;
    const mayStart = ({ purpose, leaveToJob }: Wanted): boolean =>
      work.runsNow && purpose.kind !== 'talk' && leaveToJob !== true;
    const phones = wanted.filter(mayStart).flatMap(({ target }) => phoneKey(target) ?? []);
    const held = await lockForPlacing(work.sql, wanted.flatMap(gate.locksOf.bind(gate)), phones, waits);
    const ready = firstOfEach(wanted).filter((one) => gate.locksOf(one).every((key) => held.limits.has(key)));
    if (ready.length === 0) return wanted.map(() => null);
    const asked = [...new Set(ready.flatMap(({ also }) => also?.question?.ask ?? []))];
    const answers = await ask(work.sql, {
      known: knownQuestion(ready.map(keysOf)),
      ...(await gate.questions(work.sql, ready)),
      ...alsoQuestions(ready, asked),
      ...(ready.some(mayStart) && {
        pause: pauseQuestion,
        ...paceQuestions,
        queues: queuesQuestion([...held.phones]),
      }),
    });
    const isKnown = knownIn(answers['known']);
    const judge = gate.judge(answers);
    const outcomes = new Map<Wanted, Outcome>();
    const fresh = new Map<Wanted, NewCall>();
    for (const one of ready) {
      const known = isKnown(keysOf(one));
      if (known && !isAlone) continue;
      try {
        // A call that was granted before is not another call.
        if (!known) judge.check(one);
        if (!((await one.also?.admit?.(work, answerFor(one, asked, answers))) ?? true)) {
          outcomes.set(one, { placed: null });
          continue;
        }
        const found = known ? await this.#find(work, one) : null;
        // The running call has ended meanwhile, so this is another call.
        if (known && !found) judge.check(one);
        if (found) {
          await one.also?.placed?.(work, found);
          outcomes.set(one, { placed: found });
        } else {
          judge.granted(one);
          fresh.set(one, this.#fresh(one));
        }
      } catch (error) {
        // Alone, it undoes the transaction.
        if (isAlone || !(error instanceof RingdownError)) throw error;
        outcomes.set(one, { refused: error });
      }
    }
    for (const [{ also }, { call }] of fresh) also?.begins?.(call.id);
    const calls = await this.#placeFresh(work, [...fresh.values()], answers, {
      phones: held.phones,
      mayStart: new Set([...fresh].flatMap(([one, { call }]) => (mayStart(one) ? [call.id] : []))),
      urgent: false,
    });
    for (const [one, { call: placed }] of fresh) {
      const done: Placed = { call: calls.get(placed.id) ?? placed, placed, how: 'fresh' };
      await one.also?.placed?.(work, done);
      outcomes.set(one, { placed: done });
    }
    return wanted.map((one) => outcomes.get(one) ?? null);
  }

  async #find(work: Work, wanted: Wanted): Promise<Placed | null> {
    const found = await findByKeys(work.sql, keysOf(wanted));
    if (!found) return null;
    const { call, by } = found;
    return { call, placed: call, how: by === 'request' ? 'repeated' : 'running' };
  }

  /**
   * Places calls of escalations, and starts those that can start now; jobs start the others. Written with the
   * last statement of the transaction.
   */
  async placeAllIn(work: Work, requests: readonly (PlaceCall & { callId: string })[]): Promise<void> {
    const placing = requests.map((request) => this.#fresh(request, request.callId));
    const keys = [...new Set(placing.flatMap(({ call }) => phoneKey(call.target) ?? []))].toSorted();
    const locked = work.runsNow && keys.length > 0 ? await lockPhones(work.sql, keys, false) : [];
    const answers = work.runsNow
      ? await ask(work.sql, { ...paceQuestions, pause: pauseQuestion, queues: queuesQuestion(locked) })
      : {};
    await this.#placeFresh(work, placing, answers, {
      phones: new Set(locked),
      mayStart: new Set(work.runsNow ? requests.map(({ callId }) => callId) : []),
      urgent: true,
    });
  }

  /**
   * Places new calls. Those that can start now do; jobs start the others.
   *
   * @param options.phones those that the transaction has locked
   * @param options.mayStart ids of the calls that may start now, if nothing is in the way
   * @returns the calls as they are stored, by their ids
   */
  async #placeFresh(
    work: Work,
    placing: readonly NewCall[],
    answers: Answers,
    {
      phones,
      mayStart,
      urgent,
    }: { phones: ReadonlySet<string>; mayStart: ReadonlySet<string>; urgent: boolean },
  ): Promise<Map<string, Call>> {
    const { changes, dialling } = this.#parts;
    const queues = queuesIn(answers['queues']);
    // Each free phone is for one call.
    const free = new Set([...phones].filter((key) => isEmpty(queues.get(key))));
    const isPaused = pauseIn(answers['pause']).paused;
    const begun: NewCall[] = [];
    const calls: Call[] = [];
    for (const fresh of placing) {
      const { call } = fresh;
      const phone = phoneKey(call.target);
      const isFree = mayStart.has(call.id) && !isPaused && (phone === null || free.delete(phone));
      const may = isFree && (await dialling.mayBegin(work, call));
      if (may === true) begun.push(fresh);
      else {
        calls.push(await changes.placeIn(work, fresh, may ? [deferred(this.#now(), may)] : [], null));
        // A call from the browser is started by the caller.
        if (!may && call.purpose.kind !== 'talk') dialSoon(work, call.id, isUrgent(call));
      }
    }
    calls.push(...(await this.#beginIn(work, begun, answers, urgent)));
    return new Map(calls.map((call) => [call.id, call]));
  }

  /**
   * Places calls that can start now if the pace allows it, and starts those whose turn comes now or in a moment.
   *
   * @returns the calls as they are stored
   */
  async #beginIn(
    work: Work,
    placing: readonly NewCall[],
    answers: Answers,
    urgent: boolean,
  ): Promise<Call[]> {
    if (placing.length === 0) return [];
    const { clock, changes, dialling } = this.#parts;
    const now = clock.now();
    const pace = { ...dialling.pace(now), fresh: placing.length };
    const turns = { urgent, count: placing.length };
    const taken = turnsFrom(answers, pace, turns);
    const first = taken?.at ?? (await takeTurns(work.sql, pace, turns));
    if (taken) work.last('turns', taken.taking);
    const nowMs = urgent || placing.length > 1 ? TOGETHER_NOW_MS : TURN_NOW_MS;
    const calls: Call[] = [];
    for (const [nth, fresh] of placing.entries()) {
      const turnAt = Math.round(first + nth * pace.interval);
      const isBegun = turnAt - now <= nowMs;
      const event: CallEvent = isBegun ? { type: 'dialSent', at: this.#now() } : turnTaken(now, turnAt);
      const phone = isBegun ? phoneKey(fresh.call.target) : null;
      const call = await changes.placeIn(work, fresh, [event], phone);
      dialSoon(work, call.id, isUrgent(call));
      if (isBegun) dialling.remember({ ...fresh, call });
      calls.push(call);
    }
    return calls;
  }

  #fresh(request: PlaceCall & { span?: string | null }, id = newCallId()): NewCall {
    const fresh: Call = {
      id,
      target: request.target,
      requestedBy: request.requestedBy,
      purpose: request.purpose,
      ringTimeoutSeconds: request.ringTimeoutSeconds ?? this.#parts.ringTimeoutSeconds,
      language: request.language,
      createdAt: this.#now(),
      revision: 1,
      facts: {},
      callConnectionId: null,
      serverCallId: null,
      correlationId: null,
      alarmAt: null,
    };
    return {
      call: { ...fresh, alarmAt: deadlineOf(fresh) },
      callbackSecret: randomBytes(24).toString('base64url'),
      repeatabilityId: randomUUID(),
      ...keysOf(request),
      conversationKey: request.conversationKey ?? null,
      traceparent: request.span === undefined ? this.#parts.span() : request.span,
    };
  }

  #now(): string {
    return timeNow(this.#parts.clock);
  }
}

function isUrgent({ purpose }: Call): boolean {
  return purpose.kind === 'escalate';
}

/** No call has the phone, and no alert waits for it. */
function isEmpty(queue: PhoneQueue | undefined): boolean {
  return queue !== undefined && !queue.holder && !queue.next?.urgent;
}

export function newCallId(): string {
  return `call_${randomUUID().replaceAll('-', '')}`;
}

/** Without those whose request or running call an earlier one names too, or whose question is about the same key. */
function firstOfEach(wanted: readonly Wanted[]): Wanted[] {
  const seen = new Set<string>();
  return wanted.filter((one) => {
    const { requestKey, singleKey } = keysOf(one);
    const keys = Object.entries({ requestKey, singleKey, question: one.also?.question?.key ?? null });
    const own = keys.flatMap(([name, key]) => (key === null ? [] : [`${name} ${key}`]));
    const isFirst = own.every((key) => !seen.has(key));
    for (const key of own) seen.add(key);
    return isFirst;
  });
}

type AskAlso = NonNullable<Alongside['question']>['ask'];

/** The callers' own questions: one for all that ask the same. */
function alsoQuestions(wanted: readonly Wanted[], asked: readonly AskAlso[]): Questions {
  const questions = wanted.flatMap(({ also }) => also?.question ?? []);
  const keysFor = (question: AskAlso): string[] =>
    questions.flatMap(({ ask: own, key }) => (own === question ? [key] : []));
  return Object.fromEntries(asked.map((question, nth) => [`also${nth}`, question(keysFor(question))]));
}

function answerFor({ also }: Wanted, asked: readonly AskAlso[], answers: Answers): unknown {
  if (!also?.question) return undefined;
  const own: Readonly<Record<string, unknown>> = {
    ...(answers[`also${asked.indexOf(also.question.ask)}`] ?? {}),
  };
  return own[also.question.key];
}

/** The keys that allow only one call for a request, and one running call for a requester and a target. */
function keysOf({ requestKey = null, oncePerRequester, requestedBy, target }: PlaceCall): {
  requestKey: string | null;
  singleKey: string | null;
} {
  return { requestKey, singleKey: oncePerRequester ? `${requestedBy.key}|${targetKey(target)}` : null };
}
