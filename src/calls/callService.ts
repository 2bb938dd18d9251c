import type { RawBuilder } from 'kysely';
import type { Logger } from 'pino';
import { timeNow, type Clock } from '../clock.ts';
import type { OwnJob } from '../database/jobStore.ts';
import type { Database } from '../database/open.ts';
import type { Transact, Work } from '../database/transaction.ts';
import type { Call, CallEvent, HangUpBy, TimelineEntry } from './call.ts';
import { CallChanges } from './callChanges.ts';
import type { CallListener } from './callListener.ts';
import { listCallees, listCalls, MOST_OF_ESCALATION, type ListQuery } from './callLists.ts';
import { loadCall, loadWithTimeline, lockCall } from './callStore.ts';
import { Dialling } from './dialling.ts';
import type { IncomingEvent, JudgePin } from './happenings.ts';
import { hasEnded } from './lifecycle/lifecycle.ts';
import { FreshCalls } from './freshCalls.ts';
import type { PlaceCall, Placed } from './placeCall.ts';
import { Placing } from './placing.ts';
import type { CallEntry } from './timeline.ts';
import { addTimeline, loadTimeline } from './timelineStore.ts';

/** `unknown`: there is no such call, or the secret is wrong; the two look the same from outside. */
export type Taken = 'taken' | 'unknown';

interface Parts {
  database: Database;
  transact: Transact;
  clock: Clock;
  ringTimeoutSeconds: number;
  /** How many `createCall` requests a second all replicas together may send. */
  createCallsPerSecond: number;
  /** A call has to wait for its turn. */
  paced?: () => void;
  /** The current span, which is stored with a call; null without traces. */
  span?: () => string | null;
  log?: Pick<Logger, 'warn'>;
  /** Each change of a call has a transaction of its own, and so a trace of its own. */
  apart?: boolean;
}

/**
 * The front of this room: places calls, applies events, hangs up. One transaction each, which also writes the jobs that
 * follow.
 */
export class CallService {
  readonly #database: Database;
  readonly #transact: Transact;
  readonly #clock: Clock;
  readonly #listeners: CallListener[] = [];
  readonly #changes: CallChanges;
  #judgePin: JudgePin = () => false;
  readonly placing: Placing;
  /** Decides when placed calls are sent. */
  readonly dialling: Dialling;

  constructor({ paced = () => undefined, span = () => null, log, apart, ...parts }: Parts) {
    const { database, transact, clock } = parts;
    this.#database = database;
    this.#transact = transact;
    this.#clock = clock;
    const listeners = this.#listeners;
    const { patienceMs } = database;
    const judgePin: JudgePin = (call, digits) => this.#judgePin(call, digits);
    this.#changes = new CallChanges({ transact, clock, log, apart, listeners, patienceMs, judgePin });
    this.dialling = new Dialling({ ...parts, paced, listeners, changes: this.#changes });
    const { dialling } = this;
    const changes = this.#changes;
    const fresh = new FreshCalls({ ...parts, span, dialling, changes });
    this.placing = new Placing({ transact, span, fresh, patienceMs, log, apart });
  }

  /** Decides who keyed in the right PIN; otherwise nobody does. */
  judgePinsWith(judge: JudgePin): void {
    this.#judgePin = judge;
  }

  /** Subscribes to what happens to calls. */
  listen(listener: CallListener): void {
    this.#listeners.push(listener);
  }

  /** Places a call; its job starts it. */
  async place(request: PlaceCall): Promise<Placed> {
    return await this.placing.place({ ...request, leaveToJob: true });
  }

  /** Applies events of the service to a call: see `CallChanges.take`. */
  async takeEvents(callId: string, secret: string, received: readonly IncomingEvent[]): Promise<Taken> {
    return (await this.#changes.take({ callId, secret, received })) ? 'taken' : 'unknown';
  }

  /** Applies one of Ringdown's own events, or a deadline. @returns the call afterwards */
  async apply(callId: string, event: CallEvent, job?: OwnJob): Promise<Call | null> {
    return await this.#changes.take({ callId, event, ...(job && { job }) });
  }

  async applyIn(work: Work, callId: string, event: CallEvent): Promise<Call | null> {
    const stored = await lockCall(work.sql, callId);
    if (!stored) return null;
    return await this.#changes.applyIn(work, stored.call, [event]);
  }

  /** Requests the end of a call. @returns the call afterwards, or null if there is no such call */
  async hangUp(callId: string, by: HangUpBy, byName?: string): Promise<Call | null> {
    const at = this.#now();
    return await this.apply(
      callId,
      byName ? { type: 'hangUpRequested', at, by, byName } : { type: 'hangUpRequested', at, by },
    );
  }

  /** Applies an event that depends on the state of the call; null changes nothing. @returns null if there is no such call */
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

  /** Adds entries to a call's timeline that change nothing about the call. */
  async noteIn(work: Work, callId: string, entries: readonly CallEntry[]): Promise<void> {
    await addTimeline(work.sql, callId, entries);
  }

  /** Another source says that the call is over: asks the service. */
  async doubtIn(work: Work, callId: string): Promise<void> {
    const stored = await lockCall(work.sql, callId);
    if (!stored?.call.callConnectionId || hasEnded(stored.call)) return;
    work.enqueue({ name: 'call.probe', data: { callId } });
  }

  async get(callId: string): Promise<Call | null> {
    return (await loadCall(this.#database.sql, callId))?.call ?? null;
  }

  /** See `loadWithTimeline`. */
  async withTimeline(callId: string, also?: RawBuilder<unknown>): ReturnType<typeof loadWithTimeline> {
    return await loadWithTimeline(this.#database.sql, callId, also);
  }

  async timeline(callId: string): Promise<TimelineEntry[]> {
    return await loadTimeline(this.#database.sql, callId);
  }

  async list(query: ListQuery): Promise<Call[]> {
    return await listCalls(this.#database.sql, query);
  }

  /** Ids of the targets of this requester's last calls, the last call first; at most `limit`. */
  async recentCallees(requesterKey: string, limit: number): Promise<string[]> {
    return await listCallees(this.#database.sql, requesterKey, limit);
  }

  /** The calls of an escalation, oldest first. */
  async ofEscalation(escalationId: string): Promise<Call[]> {
    return (await this.list({ escalationId, limit: MOST_OF_ESCALATION })).toReversed();
  }

  #now(): string {
    return timeNow(this.#clock);
  }
}
