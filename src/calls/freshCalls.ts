import { randomBytes, randomUUID } from 'node:crypto';
import { timeNow, type Clock } from '../clock.ts';
import type { Answers } from '../database/ask.ts';
import type { Work } from '../database/transaction.ts';
import type { Call, CallEvent, Purpose, Target } from './call.ts';
import type { CallChanges } from './callChanges.ts';
import type { NewCall } from './callStore.ts';
import { deferred, TURN_NOW_MS, turnTaken, type Dialling } from './dialling.ts';
import { takeTurns, turnsFrom } from './dialPace.ts';
import { deadlineOf } from './lifecycle/deadlines.ts';
import { pauseIn } from './pause.ts';
import { dialSoon, phoneKey, queuesIn, type PhoneQueue } from './phones.ts';
import { keysOf, type PlaceCall } from './placeCall.ts';

/** `TURN_NOW_MS` for calls that are placed together, or urgent: they are sent together, and later calls keep the pace. */
const TOGETHER_NOW_MS = 100;

interface Parts {
  clock: Clock;
  /** Seconds. */
  ringTimeoutSeconds: number;
  /** The current span, which is stored with a call; null without traces. */
  span: () => string | null;
  changes: CallChanges;
  dialling: Dialling;
}

/** The language that a callee has chosen; null if they have not, or if it is the one that is given. */
export type LanguageOfCallee = (callee: Target, language: string) => string | null;

/** Makes new calls, and starts those that can start now. */
export class FreshCalls {
  readonly #parts: Parts;
  #languageOf: LanguageOfCallee = () => null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** See {@link Placing.findLanguagesWith}. */
  findLanguagesWith(languageOf: LanguageOfCallee): void {
    this.#languageOf = languageOf;
  }

  /**
   * Places new calls. Those that can start now do; jobs start the others.
   *
   * @param options.phones those that the transaction has locked
   * @param options.mayStart ids of the calls that may start now, if nothing is in the way
   * @returns the calls as they are stored, by their ids
   */
  async place(
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
        const wait = may && 'reason' in may ? may : null;
        calls.push(await changes.placeIn(work, fresh, wait ? [deferred(this.#now(), wait)] : [], null));
        // A call from the browser is started by the caller. A call that is barred is ended by its job.
        if (!wait && call.purpose.kind !== 'talk') dialSoon(work, call.id, isUrgent(call));
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
      dialSoon(work, call.id, isUrgent(call), isBegun ? { ...fresh, call } : undefined);
      calls.push(call);
    }
    return calls;
  }

  /** @param id of the new call */
  make(request: PlaceCall & { span?: string | null }, id = newCallId()): NewCall {
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
      version: 0,
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

/** The policy's voice speaks the policy's language. */
function withoutVoice(purpose: Purpose): Purpose {
  if (purpose.kind !== 'escalate') return purpose;
  const { voice: _, ...rest } = purpose;
  return rest;
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
