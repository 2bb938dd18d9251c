import type { Logger } from 'pino';
import { ask, keyQuestions } from '../database/ask.ts';
import { GroupCommit } from '../database/groupCommit.ts';
import type { Transact, Work } from '../database/transaction.ts';
import { RingdownError } from '../errors.ts';
import type { Gate } from './callListener.ts';
import { findByKeys, knownIn, knownQuestion, type NewCall } from './callStore.ts';
import { paceQuestions } from './dialPace.ts';
import type { FreshCalls, LanguageOfCallee } from './freshCalls.ts';
import { pauseQuestion } from './pause.ts';
import { lockKeys, lockPhones, phoneKey, queuesQuestion } from './phones.ts';
import { keysOf, type PlaceCall, type Placed, type Wanted } from './placeCall.ts';

/** `placed` is null if the caller did not admit it. */
type Outcome = { placed: Placed | null } | { refused: RingdownError };

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
  /** The current span; null without traces. */
  span: () => string | null;
  fresh: FreshCalls;
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
  readonly #fresh: FreshCalls;
  readonly #queue: GroupCommit<Wanted, Outcome>;
  #gate: Gate = openGate;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#fresh = parts.fresh;
    this.#queue = new GroupCommit({
      commit: async (wanted, waits) =>
        await parts.transact(async (work) => await this.#placeIn(work, wanted, waits)),
      // One transaction waits for the limits of all of them, as each needs two.
      waitsFor: () => 'limits',
      asRequests: true,
      what: 'requests to place calls',
      patienceMs: parts.patienceMs,
      log: parts.log,
      apart: parts.apart,
    });
  }

  /** Sets how to find the language that a callee has chosen. Until then, calls are in the language of the request. */
  findLanguagesWith(languageOf: LanguageOfCallee): void {
    this.#fresh.findLanguagesWith(languageOf);
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
   * @throws what the gate throws, such as NotPermitted; TurnTimeout if its transaction did not start in time
   */
  async place(wanted: PlaceCall & { leaveToJob?: boolean }): Promise<Placed>;
  async place(wanted: Wanted): Promise<Placed | null>;
  async place(wanted: Wanted): Promise<Placed | null> {
    const own = { ...wanted, span: this.#parts.span() };
    const outcome = await this.#queue.take(own);
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
    const limits = wanted.flatMap(gate.locksOf.bind(gate));
    const held = await lockKeys(work, { limits, phones }, { limits: waits, phones: false });
    const ready = firstOfEach(wanted).filter((one) => gate.locksOf(one).every((key) => held.limits.has(key)));
    if (ready.length === 0) return wanted.map(() => null);
    const own = keyQuestions(ready.flatMap(({ also }) => also?.question ?? []));
    const answers = await ask(work.sql, {
      known: knownQuestion(ready.map(keysOf)),
      ...(await gate.questions(work.sql, ready)),
      ...own.questions,
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
        if (!((await one.also?.admit?.(work, own.answerTo(one.also?.question, answers))) ?? true)) {
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
          fresh.set(one, this.#fresh.make(one));
        }
      } catch (error) {
        // Alone, it undoes the transaction.
        if (isAlone || !(error instanceof RingdownError)) throw error;
        outcomes.set(one, { refused: error });
      }
    }
    for (const [{ also }, { call }] of fresh) also?.begins?.(call.id);
    const calls = await this.#fresh.place(work, [...fresh.values()], answers, {
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
    const placing = requests.map((request) => this.#fresh.make(request, request.callId));
    const keys = work.runsNow ? placing.flatMap(({ call }) => phoneKey(call.target) ?? []) : [];
    const phones = await lockPhones(work, keys, false);
    const answers = work.runsNow
      ? await ask(work.sql, { ...paceQuestions, pause: pauseQuestion, queues: queuesQuestion([...phones]) })
      : {};
    await this.#fresh.place(work, placing, answers, {
      phones,
      mayStart: new Set(work.runsNow ? requests.map(({ callId }) => callId) : []),
      urgent: true,
    });
  }
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
