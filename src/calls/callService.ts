import { randomBytes, randomUUID } from 'node:crypto';
import { sql as raw } from 'kysely';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import { timeNow, type Clock } from '../clock.ts';
import { ask, type Answers, type Questions } from '../database/ask.ts';
import type { OwnJob } from '../database/jobStore.ts';
import type { Database } from '../database/open.ts';
import type { Transact, Work } from '../database/work.ts';
import type {
  Call,
  CallEvent,
  DeferReason,
  HangUpBy,
  Purpose,
  Requester,
  Target,
  TimelineEntry,
} from './call.ts';
import { CallChanges, hasEnded, wakeAt, type IncomingEvent } from './callChanges.ts';
import type { CallListener, Gate, NotYet } from './callListener.ts';
import {
  addTimeline,
  findByKeys,
  insertCall,
  listCallees,
  listCalls,
  loadCall,
  loadTimeline,
  loadWithTimeline,
  lockCall,
  queuedCalls,
  saveCalls,
  targetKey,
  type ListQuery,
  type NewCall,
  type StoredCall,
} from './callStore.ts';
import { paceQuestions, takeTurns, turnsFrom, urgentWait } from './dialPace.ts';
import { DEFERRED_RETRY_MS, firstLook, mayDial, view } from './lifecycle.ts';
import { meetPause, pauseIn, pauseQuestion } from './pause.ts';
import {
  dialSoon,
  loadWithPhone,
  lockPhone,
  lockPhones,
  phoneKey,
  phoneQueue,
  queuesIn,
  queuesQuestion,
  tryLock,
  type PhoneCall,
  type PhoneQueue,
} from './phones.ts';

export interface PlaceCall {
  target: Target;
  requestedBy: Requester;
  purpose: Purpose;
  language: string;
  /** Seconds; the configured default if not given. */
  ringTimeoutSeconds?: number;
  /** Names the request: the same one, delivered again, places nothing. */
  requestKey?: string | null;
  /** While this requester's call to this target runs, asking again points to it. */
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
  outcome: 'fresh' | 'running' | 'repeated';
}

/** Null: nothing stands in its way. Within a transaction, so other connections are not to be asked. */
export type AskGate = (work: Work, asker: Requester, target: Target) => Promise<Gate | null>;

/** What `CallService.lookIn` has found. */
export interface Looked {
  /** The id of the call if one is placed now. It is of this transaction alone, which may be undone and run again. */
  callId: string;
  answers: Answers;
  /** The same was placed before, or runs already. */
  isKnown: boolean;
  /** Nothing but the pace is in its way. */
  mayBegin: boolean;
  /** Throws what the gate throws. */
  judge: () => void;
}

/** `unknown`: there is no such call, or the secret is not its own; the two are not told apart. */
export type Taken = 'taken' | 'unknown';

/** A call that was begun where it was placed is sent within this time, or its job looks at it again. Milliseconds. */
const BEGUN_FRESH_MS = 500;
/** A turn counts as due this long before its time. Milliseconds. */
const TURN_NOW_MS = 1;
/** The same for one of an escalation where it is placed: those of a storm go together, and the later ones keep the pace. */
const URGENT_NOW_MS = 100;
/** A call that has to make way for an alert is to be over after this; then the phone is taken from it. */
const MAKE_WAY_MS = 2_000;

/** Places calls, takes events, hangs up: one transaction each. What follows from an event is written as jobs in it. */
export class CallService {
  readonly #database: Database;
  readonly #transact: Transact;
  readonly #clock: Clock;
  readonly #ringTimeoutSeconds: number;
  readonly #createCallsPerSecond: number;
  readonly #paced: () => void;
  readonly #span: () => string | null;
  /** Calls that were placed and begun in one transaction, until their effect takes them. */
  readonly #begun = new LRUCache<string, StoredCall>({ max: 1_000 });
  #gate: AskGate = async () => null;
  readonly #listeners: CallListener[] = [];
  readonly #changes: CallChanges;

  constructor(parts: {
    database: Database;
    transact: Transact;
    clock: Clock;
    ringTimeoutSeconds: number;
    /** How many `createCall` requests a second all replicas together may send. */
    createCallsPerSecond: number;
    /** A call has to wait for its turn. */
    paced?: () => void;
    /** The span in which this is asked, which is kept with a call; null without traces. */
    span?: () => string | null;
    log?: Pick<Logger, 'warn'>;
    /** What happens to calls has a transaction each, and so its own trace. */
    apart?: boolean;
  }) {
    this.#database = parts.database;
    this.#transact = parts.transact;
    this.#clock = parts.clock;
    this.#ringTimeoutSeconds = parts.ringTimeoutSeconds;
    this.#createCallsPerSecond = parts.createCallsPerSecond;
    this.#paced = parts.paced ?? (() => undefined);
    this.#span = parts.span ?? (() => null);
    const { transact, clock, log, apart } = parts;
    this.#changes = new CallChanges({
      ...{ transact, clock, log, apart, listeners: this.#listeners },
      patienceMs: parts.database.patienceMs,
    });
  }

  /** Who says which calls may be placed, in the transaction that does. */
  guardWith(gate: AskGate): void {
    this.#gate = gate;
  }

  /** Subscribes to what happens to calls: escalations climb, cards change. */
  listen(listener: CallListener): void {
    this.#listeners.push(listener);
  }

  /** Places a call in a transaction of its own; its job begins it. */
  async place(request: PlaceCall): Promise<Placed> {
    return await this.#transact(async (work) => {
      const looked = await this.lookIn(work, request);
      return await this.placeLookedIn(work, request, { ...looked, mayBegin: false });
    });
  }

  /**
   * Asks all that the transaction must know before it places a call, and locks what must not change until it ends. Call
   * this before anything that may not be undone.
   *
   * @param also expressions of the caller's own, by the names of their answers
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
    // What was granted before is no call more.
    if (!isKnown) judge();
    const queue = queuesIn(answers['queues']).get(phone ?? '');
    const isFree = phone === null || (held?.phone === true && isEmpty(queue));
    const isClear = mayBegin && isFree && !pauseIn(answers['pause']).paused;
    return { callId: newCallId(), answers, isKnown, mayBegin: isClear, judge };
  }

  /**
   * Places a call, and begins it if nothing is in its way: then its job sends it without looking it up first. Otherwise
   * it stays queued, and its job finds out when it may go. Written with the last statement of the transaction.
   *
   * @param looked what `lookIn` has found for the same request in this transaction
   */
  async placeLookedIn(
    work: Work,
    request: PlaceCall,
    { callId, isKnown, mayBegin, answers, judge }: Looked,
  ): Promise<Placed> {
    if (isKnown) {
      const found = await this.placeIn(work, request);
      // The one that ran has ended meanwhile: this is a call more.
      if (found.outcome === 'fresh') judge();
      return found;
    }
    const fresh = this.#fresh(request, callId);
    const placed = fresh.call;
    if (!mayBegin || (await this.#mayBegin(work, placed)) !== true) {
      await this.#changes.placeIn(work, fresh, [], null);
      // Who talks from the browser begins the call themselves.
      if (placed.purpose.kind !== 'talk') dialSoon(work, placed.id, placed.purpose.kind === 'escalate');
      return { call: placed, placed, outcome: 'fresh' };
    }
    const [call = placed] = await this.#beginIn(work, [fresh], answers, false);
    return { call, placed, outcome: 'fresh' };
  }

  /**
   * Places calls of escalations, and begins those that nothing is in the way of; the others are begun by their jobs. Written
   * with the last statement of the transaction.
   */
  async placeAllIn(work: Work, requests: readonly (PlaceCall & { callId: string })[]): Promise<void> {
    const { runsNow } = work;
    const placing = requests.map((request) => this.#fresh(request, request.callId));
    const keys = [...new Set(placing.flatMap(({ call }) => phoneKey(call.target) ?? []))].toSorted();
    const locked = runsNow && keys.length > 0 ? await lockPhones(work.sql, keys, false) : [];
    const answers = runsNow
      ? await ask(work.sql, { ...paceQuestions, pause: pauseQuestion, queues: queuesQuestion(locked) })
      : {};
    const queues = queuesIn(answers['queues']);
    // Each is one call's.
    const free = new Set(locked.filter((key) => isEmpty(queues.get(key))));
    const mayBegin = runsNow && !pauseIn(answers['pause']).paused;
    const begun: NewCall[] = [];
    for (const fresh of placing) {
      const phone = phoneKey(fresh.call.target);
      const isFree = mayBegin && (phone === null || free.delete(phone));
      const may = isFree && (await this.#mayBegin(work, fresh.call));
      if (may === true) begun.push(fresh);
      else {
        await this.#changes.placeIn(work, fresh, may ? [notYet(this.#now(), may)] : [], null);
        if (!may) dialSoon(work, fresh.call.id, true);
      }
    }
    await this.#beginIn(work, begun, answers, true);
  }

  /**
   * Places calls that nothing but the pace is in the way of. Those whose turn comes now, or in a moment, are begun.
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
    const now = this.#clock.now();
    const pace = { ...this.#pace(now), fresh: placing.length };
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
      const call = await this.#changes.placeIn(work, fresh, [event], phone);
      dialSoon(work, call.id, urgent);
      if (isBegun) this.#begun.set(call.id, { ...fresh, call });
      calls.push(call);
    }
    return calls;
  }

  /** Finds the call that was placed for the same request, or runs already; else places one, which its job begins. */
  async placeIn(work: Work, request: PlaceCall): Promise<Placed> {
    const fresh = this.#fresh(request);
    const { call } = fresh;
    if (!(await insertCall(work.sql, fresh))) {
      const found = await findByKeys(work.sql, fresh);
      // It ended between the two statements: the caller's transaction starts anew.
      if (!found) return await this.placeIn(work, request);
      const { call: known, by } = found;
      return { call: known, placed: known, outcome: by === 'request' ? 'repeated' : 'running' };
    }
    for (const listener of this.#listeners) await listener.placed?.(work, call);
    if (call.alarmAt) wakeAt(work, call.id, call.alarmAt);
    dialSoon(work, call.id, request.purpose.kind === 'escalate');
    return { call, placed: call, outcome: 'fresh' };
  }

  #fresh(request: PlaceCall, id = newCallId()): NewCall {
    const fresh: Call = {
      id,
      target: request.target,
      requestedBy: request.requestedBy,
      purpose: request.purpose,
      ringTimeoutSeconds: request.ringTimeoutSeconds ?? this.#ringTimeoutSeconds,
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
      call: { ...fresh, alarmAt: firstLook(fresh) },
      callbackSecret: randomBytes(24).toString('base64url'),
      repeatabilityId: randomUUID(),
      ...keysOf(request),
      conversationKey: request.conversationKey ?? null,
      traceparent: this.#span(),
    };
  }

  /** The call if this process has just begun it in the transaction that placed it; else null. */
  takeBegun(callId: string): StoredCall | null {
    const begun = this.#begun.get(callId);
    this.#begun.delete(callId);
    const sentAt = begun?.call.facts.dialSentAt;
    const isFresh = sentAt !== undefined && this.#clock.now() - Date.parse(sentAt) < BEGUN_FRESH_MS;
    return isFresh ? (begun ?? null) : null;
  }

  /**
   * Takes the call's turn to be sent, which is kept with it.
   *
   * @returns milliseconds until it comes; 0 if it has come
   */
  async turnIn({ id, purpose, facts }: Call): Promise<number> {
    const { sql } = this.#database;
    const now = this.#clock.now();
    const isUrgent = purpose.kind === 'escalate';
    const known = facts.turnAt === undefined ? null : Date.parse(facts.turnAt);
    const isDue = known !== null && known <= now;
    // Who waited for a turn gives it up while calls of alerts wait.
    if (isDue && (isUrgent || !(await urgentWait(sql, this.#pace(now))))) return 0;
    const turn =
      known === null || isDue ? await takeTurns(sql, this.#pace(now), { urgent: isUrgent }) : known;
    if (turn - now <= TURN_NOW_MS) return 0;
    this.#paced();
    if (turn !== known) await this.apply(id, turnTaken(now, turn));
    return turn - now;
  }

  #pace(now: number): { now: number; interval: number } {
    return { now, interval: 1000 / this.#createCallsPerSecond };
  }

  /** Takes events of the service for a call: see `CallChanges.take`. */
  async takeEvents(callId: string, secret: string, received: readonly IncomingEvent[]): Promise<Taken> {
    return (await this.#changes.take({ callId, secret, received })) ? 'taken' : 'unknown';
  }

  /** Takes an event of our own making, or the news that its deadline has come. @returns the call afterwards */
  async apply(callId: string, event: CallEvent, job?: OwnJob): Promise<Call | null> {
    return await this.#changes.take({ callId, event, ...(job && { job }) });
  }

  async applyIn(work: Work, callId: string, event: CallEvent): Promise<Call | null> {
    const stored = await lockCall(work.sql, callId);
    if (!stored) return null;
    return await this.#changes.applyIn(work, stored.call, [event]);
  }

  /** Asks for the end of a call. @returns the call afterwards, or null if there is no such call */
  async hangUp(callId: string, by: HangUpBy, byName?: string): Promise<Call | null> {
    const at = this.#now();
    return await this.apply(
      callId,
      byName ? { type: 'hangUpRequested', at, by, byName } : { type: 'hangUpRequested', at, by },
    );
  }

  /** Takes an event that depends on how the call stands; null takes none. @returns null if there is no such call */
  async decide(callId: string, decide: (call: Call) => CallEvent | null): Promise<Call | null> {
    return await this.#transact(async (work) => await this.decideIn(work, callId, decide, true));
  }

  /** @param isLast nothing in the transaction reads the call after this */
  async decideIn(
    work: Work,
    callId: string,
    decide: (call: Call) => CallEvent | null,
    isLast = false,
  ): Promise<Call | null> {
    const stored = await lockCall(work.sql, callId);
    const event = stored && decide(stored.call);
    return event
      ? await this.#changes.applyIn(work, stored.call, [event], { isLast })
      : (stored?.call ?? null);
  }

  /** Adds lines to a call's timeline that change nothing about the call. */
  async noteIn(work: Work, callId: string, lines: TimelineEntry[]): Promise<void> {
    await addTimeline(work.sql, callId, lines);
  }

  /** Somebody else says that the call is over: the service itself is asked. */
  async doubtIn(work: Work, callId: string): Promise<void> {
    const stored = await lockCall(work.sql, callId);
    if (!stored?.call.callConnectionId || hasEnded(stored.call)) return;
    work.enqueue({ name: 'call.probe', data: { callId } });
  }

  /**
   * Takes the callee's phone and stores that the call is sent, before it is.
   *
   * @returns null if it is not to be sent, or not now: then it comes again when the phone is free
   */
  async beginDial(callId: string): Promise<StoredCall | null> {
    return await this.#transact(async (work) => {
      const stored = await lockCall(work.sql, callId);
      if (!stored || !mayDial(stored.call)) return null;
      const { call } = stored;
      const at = this.#now();
      if (!call.facts.dialSentAt) {
        const paused = await this.#pausedFor(work, call);
        const key = phoneKey(call.target);
        const inTheWay = !paused && key && (await this.#inTheWay(work, key, call));
        if (inTheWay) {
          await this.#defer(work, call, inTheWay);
          return null;
        }
        const may = paused ?? (await this.#mayBegin(work, call));
        if (may !== true) {
          const event: CallEvent = may ? notYet(at, may) : { type: 'hangUpRequested', at, by: 'escalation' };
          await this.#changes.applyIn(work, call, [event], { isLast: true });
          return null;
        }
      }
      return { ...stored, call: await this.#send(work, call, at, true) };
    });
  }

  /**
   * The asker begins a call from the browser page: it takes the callee's phone.
   *
   * @returns the call; or why it cannot be begun now, and nothing is changed; null if it was begun before or is over
   */
  async beginTalkIn(work: Work, callId: string): Promise<Call | DeferReason | null> {
    const stored = await lockCall(work.sql, callId);
    if (stored?.call.purpose.kind !== 'talk' || view(stored.call).status !== 'queued') return null;
    const { call } = stored;
    const paused = await this.#pausedFor(work, call);
    if (paused) return paused.reason;
    const key = phoneKey(call.target);
    if (key && (await this.#inTheWay(work, key, call))) return 'phoneBusy';
    const may = await this.#mayBegin(work, call);
    if (may !== true) return may ? may.reason : null;
    return await this.#send(work, call, this.#now(), false);
  }

  /** A call as it is stored, and whether another one is at the callee's phone just now. */
  async look(callId: string): Promise<(StoredCall & { phoneIsTaken: boolean }) | null> {
    return await loadWithPhone(this.#database.sql, callId);
  }

  /** Ends a call because an alert needs the phone. Should it not end, the phone is taken from it. */
  async makeWay(callId: string): Promise<void> {
    const at = this.#clock.now();
    await this.#transact(async (work) => {
      work.enqueue({ name: 'call.leavePhone', data: { callId, anyhow: 1 }, dueAt: at + MAKE_WAY_MS });
      const event: CallEvent = {
        type: 'hangUpRequested',
        at: new Date(at).toISOString(),
        by: 'escalation',
      };
      await this.applyIn(work, callId, event);
    });
  }

  /** Lets the next call have the phone; unless this one still runs, if not `anyhow`. */
  async leavePhone(callId: string, anyhow: boolean): Promise<void> {
    await this.#transact(async (work) => {
      const stored = await lockCall(work.sql, callId);
      const key = stored && phoneKey(stored.call.target);
      if (!key || (!anyhow && !hasEnded(stored.call))) return;
      await lockPhone(work.sql, key);
      await saveCalls(work.sql, [{ call: stored.call, timeline: [], phone: null }]);
      await this.#dialNext(work, key);
    });
  }

  /** Looks again whether these calls, which have not been sent, may be. */
  async dialAgainIn(work: Work, which: Parameters<typeof queuedCalls>[1]): Promise<void> {
    for (const { id, urgent } of await queuedCalls(work.sql, which)) dialSoon(work, id, urgent);
  }

  /** While calls are paused none is sent; each looks again by itself now and then. */
  async #pausedFor(work: Work, { facts }: Call): Promise<NotYet | null> {
    const { paused } = await meetPause(work.sql, facts.deferred?.reason === 'paused');
    return paused ? { reason: 'paused', until: this.#clock.now() + DEFERRED_RETRY_MS } : null;
  }

  /** Whether all who listen let the call be begun now. */
  async #mayBegin(work: Work, call: Call): Promise<boolean | NotYet> {
    for (const listener of this.#listeners) {
      const may = (await listener.mayDial?.(work, call)) ?? true;
      if (may !== true) return may;
    }
    return true;
  }

  /** Keeps others from the callee's phone until the transaction ends. @returns the call that goes before this one */
  async #inTheWay(work: Work, key: string, call: Call): Promise<PhoneCall | null> {
    await lockPhone(work.sql, key);
    return await this.#ahead(work, key, call);
  }

  /** The call that goes before this one. */
  async #ahead(work: Work, key: string, call: Call): Promise<PhoneCall | null> {
    const { holder, next } = await phoneQueue(work.sql, key);
    if (holder) return holder.id === call.id ? null : holder;
    return next?.urgent && call.purpose.kind !== 'escalate' ? next : null;
  }

  /** Waits for the phone. An escalation waits for somebody's chat call no longer than its own ring timeout. */
  async #defer(work: Work, call: Call, inTheWay: PhoneCall): Promise<void> {
    const now = this.#clock.now();
    const known = call.facts.deferred;
    const since = known?.behind === inTheWay.id ? Date.parse(known.since) : now;
    let until = now + DEFERRED_RETRY_MS;
    if (call.purpose.kind === 'escalate' && !inTheWay.urgent) {
      const patience = since + call.ringTimeoutSeconds * 1000;
      if (now < patience) until = patience;
      else work.enqueue({ name: 'call.makeWay', data: { callId: inTheWay.id } });
    }
    const event: CallEvent = {
      type: 'deferred',
      at: new Date(now).toISOString(),
      reason: 'phoneBusy',
      until: new Date(until).toISOString(),
      behind: inTheWay.id,
    };
    await this.#changes.applyIn(work, call, [event], { isLast: true });
  }

  /** The call is about to be sent: it takes the callee's phone, which nobody else has. */
  async #send(work: Work, call: Call, at: string, isLast: boolean): Promise<Call> {
    const phone = phoneKey(call.target);
    return await this.#changes.applyIn(work, call, [{ type: 'dialSent', at }], {
      isLast,
      ...(phone !== null && { phone }),
    });
  }

  async #dialNext(work: Work, key: string): Promise<void> {
    const { holder, next } = await phoneQueue(work.sql, key);
    if (holder || !next) return;
    dialSoon(work, next.id, next.urgent);
  }

  async get(callId: string): Promise<Call | null> {
    return (await loadCall(this.#database.sql, callId))?.call ?? null;
  }

  /** The call, once the transactions that are changing it have ended. */
  async afterChanges(callId: string): Promise<Call | null> {
    return (await loadCall(this.#database.sql, callId, 'share'))?.call ?? null;
  }

  async withTimeline(callId: string): Promise<{ call: Call; timeline: TimelineEntry[] } | null> {
    return await loadWithTimeline(this.#database.sql, callId);
  }

  async timeline(callId: string): Promise<TimelineEntry[]> {
    return await loadTimeline(this.#database.sql, callId);
  }

  async list(query: ListQuery): Promise<Call[]> {
    return await listCalls(this.#database.sql, query);
  }

  /** Ids of those whom this requester called last, the last call first; at most `limit`. */
  async recentCallees(requesterKey: string, limit: number): Promise<string[]> {
    return await listCallees(this.#database.sql, requesterKey, limit);
  }

  /** The calls of an escalation, oldest first. */
  async ofEscalation(escalationId: string): Promise<Call[]> {
    return (await this.list({ escalationId, limit: 1000 })).toReversed();
  }

  #now(): string {
    return timeNow(this.#clock);
  }
}

/** Times in epoch milliseconds. */
function turnTaken(now: number, turn: number): CallEvent {
  return { type: 'turnTaken', at: new Date(now).toISOString(), turnAt: new Date(turn).toISOString() };
}

function notYet(at: string, { reason, until }: NotYet): CallEvent {
  return { type: 'deferred', at, reason, until: new Date(until).toISOString() };
}

/** Nobody is at the phone, and no alert waits for it. */
function isEmpty(queue: PhoneQueue | undefined): boolean {
  return queue !== undefined && !queue.holder && !queue.next?.urgent;
}

export function newCallId(): string {
  return `call_${randomUUID().replaceAll('-', '')}`;
}

/** The keys under which a call is placed once, and runs once. */
function keysOf({ requestKey = null, oncePerRequester, requestedBy, target }: PlaceCall): {
  requestKey: string | null;
  singleKey: string | null;
} {
  return { requestKey, singleKey: oncePerRequester ? `${requestedBy.key}|${targetKey(target)}` : null };
}
