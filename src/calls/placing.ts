import { randomBytes, randomUUID } from 'node:crypto';
import { sql as raw } from 'kysely';
import { timeNow, type Clock } from '../clock.ts';
import { ask, type Answers, type Questions } from '../database/ask.ts';
import type { Work } from '../database/transaction.ts';
import type { Call, CallEvent, Purpose, Requester, Target } from './call.ts';
import { wakeAt, type CallChanges } from './callChanges.ts';
import type { CallListener, Gate } from './callListener.ts';
import { findByKeys, insertCall, targetKey, type NewCall } from './callStore.ts';
import { deferred, TURN_NOW_MS, turnTaken, type Dialling } from './dialling.ts';
import { paceQuestions, takeTurns, turnsFrom } from './dialPace.ts';
import { deadlineOf } from './lifecycle/deadlines.ts';
import { pauseIn, pauseQuestion } from './pause.ts';
import {
  dialSoon,
  lockPhones,
  phoneKey,
  queuesIn,
  queuesQuestion,
  tryLock,
  type PhoneQueue,
} from './phones.ts';

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

/**
 * What must be asked before somebody calls somebody; null if nothing is in the way. It runs within a transaction, so it
 * must not use other connections.
 */
export type AskGate = (work: Work, asker: Requester, target: Target) => Promise<Gate | null>;

/** The language that a callee has chosen; null if they have not, or if it is the one that is given. */
export type LanguageOfCallee = (callee: Target, language: string) => string | null;

/** What `Placing.lookIn` has found. */
export interface Looked {
  /** The id of the call if it is placed now. Valid only in this transaction, which may be undone and run again. */
  callId: string;
  answers: Answers;
  /** The same call was placed before, or runs already. */
  isKnown: boolean;
  /** It can start now, if the pace allows it. */
  mayBegin: boolean;
  /** Throws what the gate throws. */
  judge: () => void;
}

/** `TURN_NOW_MS` for a new call of an escalation: the calls of an alert storm go together, and later calls keep the pace. */
const URGENT_NOW_MS = 100;

interface Parts {
  clock: Clock;
  /** Seconds. */
  ringTimeoutSeconds: number;
  /** The current span, which is stored with a call; null without traces. */
  span: () => string | null;
  changes: CallChanges;
  dialling: Dialling;
  listeners: readonly CallListener[];
}

/** Places calls, and starts those that can start now. */
export class Placing {
  readonly #parts: Parts;
  #gate: AskGate = async () => null;
  #languageOf: LanguageOfCallee = () => null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Who decides which calls may be placed, in the same transaction. */
  guardWith(gate: AskGate): void {
    this.#gate = gate;
  }

  /** Who knows the languages that callees have chosen. */
  speakWith(languageOf: LanguageOfCallee): void {
    this.#languageOf = languageOf;
  }

  /**
   * Reads everything that the transaction must know before it places a call, and locks what must not change until it
   * ends. Call this before anything that cannot be undone.
   *
   * @param also the caller's own expressions, by the names of their answers
   * @throws what the gate throws, such as NotPermitted
   */
  async lookIn(work: Work, request: PlaceCall, also: Questions = {}): Promise<Looked> {
    const { target, requestedBy, purpose } = request;
    const gate = await this.#gate(work, requestedBy, target);
    const mayBegin = work.runsNow && purpose.kind !== 'talk';
    const phone = mayBegin ? phoneKey(target) : null;
    const { requestKey, singleKey } = keysOf(request);
    const locks = [...(gate?.locks ?? []), ...(phone ? [raw`${tryLock(phone)} AS phone`] : [])];
    // A statement of its own: what is read must have been committed before the locks were held.
    const [held] =
      locks.length > 0
        ? (await raw<{ phone?: boolean }>`SELECT ${raw.join(locks)}`.execute(work.sql)).rows
        : [];
    const questions = {
      ...also,
      ...gate?.questions,
      known: raw`EXISTS (SELECT FROM calls WHERE request_key = ${requestKey} OR single_key = ${singleKey})`,
      ...(mayBegin && { pause: pauseQuestion, ...paceQuestions }),
      ...(phone && { queues: queuesQuestion([phone]) }),
    };
    const answers = await ask(work.sql, questions);
    const isKnown = answers['known'] === true;
    const judge = (): void => gate?.judge(answers);
    // A call that was granted before is not another call.
    if (!isKnown) judge();
    const queue = queuesIn(answers['queues']).get(phone ?? '');
    const isFree = phone === null || (held?.phone === true && isEmpty(queue));
    const isClear = mayBegin && isFree && !pauseIn(answers['pause']).paused;
    return { callId: newCallId(), answers, isKnown, mayBegin: isClear, judge };
  }

  /**
   * Places a call, and starts it if it can start now: then its job sends it without another look-up. Otherwise the
   * call stays queued, and its job finds out when it may go. Written with the last statement of the transaction.
   *
   * @param looked what `lookIn` has found for the same request in this transaction
   */
  async placeLookedIn(
    work: Work,
    request: PlaceCall,
    { callId, isKnown, mayBegin, answers, judge }: Looked,
  ): Promise<Placed> {
    const { changes, dialling } = this.#parts;
    if (isKnown) {
      const found = await this.placeIn(work, request);
      // The running call has ended meanwhile, so this is another call.
      if (found.how === 'fresh') judge();
      return found;
    }
    const fresh = this.#fresh(request, callId);
    const placed = fresh.call;
    if (!mayBegin || (await dialling.mayBegin(work, placed)) !== true) {
      await changes.placeIn(work, fresh, [], null);
      // A call from the browser is started by the caller.
      if (placed.purpose.kind !== 'talk') dialSoon(work, placed.id, placed.purpose.kind === 'escalate');
      return { call: placed, placed, how: 'fresh' };
    }
    const [call = placed] = await this.#beginIn(work, [fresh], answers, false);
    return { call, placed, how: 'fresh' };
  }

  /**
   * Places calls of escalations, and starts those that can start now; jobs start the others. Written with the
   * last statement of the transaction.
   */
  async placeAllIn(work: Work, requests: readonly (PlaceCall & { callId: string })[]): Promise<void> {
    const { changes, dialling } = this.#parts;
    const { runsNow } = work;
    const placing = requests.map((request) => this.#fresh(request, request.callId));
    const keys = [...new Set(placing.flatMap(({ call }) => phoneKey(call.target) ?? []))].toSorted();
    const locked = runsNow && keys.length > 0 ? await lockPhones(work.sql, keys, false) : [];
    const answers = runsNow
      ? await ask(work.sql, { ...paceQuestions, pause: pauseQuestion, queues: queuesQuestion(locked) })
      : {};
    const queues = queuesIn(answers['queues']);
    // Each free phone is for one call.
    const free = new Set(locked.filter((key) => isEmpty(queues.get(key))));
    const mayBegin = runsNow && !pauseIn(answers['pause']).paused;
    const begun: NewCall[] = [];
    for (const fresh of placing) {
      const phone = phoneKey(fresh.call.target);
      const isFree = mayBegin && (phone === null || free.delete(phone));
      const may = isFree && (await dialling.mayBegin(work, fresh.call));
      if (may === true) begun.push(fresh);
      else {
        await changes.placeIn(work, fresh, may ? [deferred(this.#now(), may)] : [], null);
        if (!may) dialSoon(work, fresh.call.id, true);
      }
    }
    await this.#beginIn(work, begun, answers, true);
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
    const calls: Call[] = [];
    for (const [nth, fresh] of placing.entries()) {
      const turnAt = Math.round(first + nth * pace.interval);
      const isBegun = turnAt - now <= (urgent ? URGENT_NOW_MS : TURN_NOW_MS);
      const event: CallEvent = isBegun ? { type: 'dialSent', at: this.#now() } : turnTaken(now, turnAt);
      const phone = isBegun ? phoneKey(fresh.call.target) : null;
      const call = await changes.placeIn(work, fresh, [event], phone);
      dialSoon(work, call.id, urgent);
      if (isBegun) dialling.remember({ ...fresh, call });
      calls.push(call);
    }
    return calls;
  }

  /** Finds the call of the same request, or the running one; otherwise places a call, which its job starts. */
  async placeIn(work: Work, request: PlaceCall): Promise<Placed> {
    const fresh = this.#fresh(request);
    const { call } = fresh;
    if (!(await insertCall(work.sql, fresh))) {
      const found = await findByKeys(work.sql, fresh);
      // The other call ended between the two statements: try again.
      if (!found) return await this.placeIn(work, request);
      const { call: known, by } = found;
      return { call: known, placed: known, how: by === 'request' ? 'repeated' : 'running' };
    }
    for (const listener of this.#parts.listeners) await listener.placed?.(work, call);
    if (call.alarmAt) wakeAt(work, call.id, call.alarmAt);
    dialSoon(work, call.id, request.purpose.kind === 'escalate');
    return { call, placed: call, how: 'fresh' };
  }

  #fresh(request: PlaceCall, id = newCallId()): NewCall {
    // On a call from the browser page Ringdown says nothing to the callee.
    const language =
      request.purpose.kind === 'talk' ? null : this.#languageOf(request.target, request.language);
    const fresh: Call = {
      id,
      target: request.target,
      requestedBy: request.requestedBy,
      purpose: language === null ? request.purpose : withoutVoice(request.purpose),
      ringTimeoutSeconds: request.ringTimeoutSeconds ?? this.#parts.ringTimeoutSeconds,
      language: language ?? request.language,
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
      traceparent: this.#parts.span(),
    };
  }

  #now(): string {
    return timeNow(this.#parts.clock);
  }
}

/** The policy's voice speaks the policy's language. */
function withoutVoice(purpose: Purpose): Purpose {
  if (purpose.kind !== 'escalate') return purpose;
  const { voice: _, ...rest } = purpose;
  return rest;
}

/** No call has the phone, and no alert waits for it. */
function isEmpty(queue: PhoneQueue | undefined): boolean {
  return queue !== undefined && !queue.holder && !queue.next?.urgent;
}

export function newCallId(): string {
  return `call_${randomUUID().replaceAll('-', '')}`;
}

/** The keys that allow only one call for a request, and one running call for a requester and a target. */
function keysOf({ requestKey = null, oncePerRequester, requestedBy, target }: PlaceCall): {
  requestKey: string | null;
  singleKey: string | null;
} {
  return { requestKey, singleKey: oncePerRequester ? `${requestedBy.key}|${targetKey(target)}` : null };
}
