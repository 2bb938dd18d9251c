import { timeNow, type Clock } from '../clock.ts';
import type { Database } from '../database/open.ts';
import type { Transact, Work } from '../database/transaction.ts';
import type { Call, CallEvent, DeferReason } from './call.ts';
import type { CallChanges } from './callChanges.ts';
import type { Barred, CallListener, NotYet } from './callListener.ts';
import { queuedCalls } from './callLists.ts';
import { lockCall, saveCalls, type StoredCall } from './callStore.ts';
import { takeTurns, urgentWait } from './dialPace.ts';
import { DEFERRED_RETRY_MS } from './lifecycle/deadlines.ts';
import { hasEnded, mayDial, view } from './lifecycle/lifecycle.ts';
import { meetPause } from './pause.ts';
import { dialSoon, lockQueue, phoneKey, type PhoneCall } from './phones.ts';

/** A turn counts as due this long before its time. Milliseconds. */
export const TURN_NOW_MS = 1;
/** A call that makes way for an alert must have ended after this time; otherwise the phone is taken from it. */
const MAKE_WAY_MS = 2_000;

interface Parts {
  database: Database;
  transact: Transact;
  clock: Clock;
  createCallsPerSecond: number;
  paced: () => void;
  changes: CallChanges;
  listeners: readonly CallListener[];
}

/** Decides when a placed call may be sent: the pause, the callee's phone, the listeners and the pace have a say. */
export class Dialling {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The pace of `createCall` at a time in epoch milliseconds. */
  pace(now: number): { now: number; interval: number } {
    return { now, interval: 1000 / this.#parts.createCallsPerSecond };
  }

  /**
   * Takes the call's turn to be sent, which is stored with the call.
   *
   * @returns milliseconds until the turn comes; 0 if it has come
   */
  async turnIn({ id, purpose, facts }: Call): Promise<number> {
    const { database, clock, changes, paced } = this.#parts;
    const { sql } = database;
    const now = clock.now();
    const isUrgent = purpose.kind === 'escalate';
    const known = facts.turnAt === undefined ? null : Date.parse(facts.turnAt);
    const isDue = known !== null && known <= now;
    // Other calls give up their turns while calls of alerts wait.
    if (isDue && (isUrgent || !(await urgentWait(sql, this.pace(now))))) return 0;
    const turn = known === null || isDue ? await takeTurns(sql, this.pace(now), { urgent: isUrgent }) : known;
    if (turn - now <= TURN_NOW_MS) return 0;
    paced();
    if (turn !== known) await changes.take({ callId: id, event: turnTaken(now, turn) });
    return turn - now;
  }

  /**
   * Takes the callee's phone, and stores that the call is sent before it is.
   *
   * @returns null if the call is not to be sent, or not now: then a job tries again when the phone is free
   */
  async beginDial(callId: string): Promise<StoredCall | null> {
    const { transact, changes } = this.#parts;
    return await transact(async (work) => {
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
        const may = paused ?? (await this.mayBegin(work, call));
        if (may !== true) {
          await changes.applyIn(work, call, [unsent(at, may)], { isLast: true });
          return null;
        }
      }
      return { ...stored, call: await this.#send(work, call, at, true) };
    });
  }

  /**
   * The caller starts a call from the browser page: it takes the callee's phone.
   *
   * @returns the call; or why it cannot start now, and nothing is changed; null if it has started before or is over
   */
  async beginTalkIn(work: Work, callId: string): Promise<Call | DeferReason | null> {
    const stored = await lockCall(work.sql, callId);
    if (stored?.call.purpose.kind !== 'talk' || view(stored.call).status !== 'queued') return null;
    const { call } = stored;
    const paused = await this.#pausedFor(work, call);
    if (paused) return paused.reason;
    const key = phoneKey(call.target);
    if (key && (await this.#inTheWay(work, key, call))) return 'phoneBusy';
    const may = await this.mayBegin(work, call);
    if (may !== true) return may && 'reason' in may ? may.reason : null;
    return await this.#send(work, call, this.#now(), false);
  }

  /** Ends a call because an alert needs the phone. If it does not end in time, the phone is taken from it. */
  async makeWay(callId: string): Promise<void> {
    const { transact, changes, clock } = this.#parts;
    const now = clock.now();
    await transact(async (work) => {
      work.enqueue({ name: 'call.leavePhone', data: { callId, anyhow: 1 }, dueAt: now + MAKE_WAY_MS });
      const stored = await lockCall(work.sql, callId);
      if (!stored) return;
      const at = new Date(now).toISOString();
      await changes.applyIn(work, stored.call, [{ type: 'hangUpRequested', at, by: 'escalation' }]);
    });
  }

  /** Gives the phone to the next call. A call that is still running keeps it unless `anyhow`. */
  async leavePhone(callId: string, anyhow: boolean): Promise<void> {
    await this.#parts.transact(async (work) => {
      const stored = await lockCall(work.sql, callId);
      const key = stored && phoneKey(stored.call.target);
      if (!key || (!anyhow && !hasEnded(stored.call))) return;
      const call = { ...stored.call, version: stored.call.version + 1 };
      await saveCalls(work.sql, [{ call, timeline: [], phone: null }]);
      const { holder, next } = await lockQueue(work.sql, key);
      if (!holder && next) dialSoon(work, next.id, next.urgent);
    });
  }

  /** Tries again to send these calls, which have not been sent. */
  async dialAgainIn(work: Work, which: Parameters<typeof queuedCalls>[1]): Promise<void> {
    for (const { id, urgent } of await queuedCalls(work.sql, which)) dialSoon(work, id, urgent);
  }

  /** Whether all listeners let the call start now. */
  async mayBegin(work: Work, call: Call): Promise<boolean | NotYet | Barred> {
    for (const listener of this.#parts.listeners) {
      const may = (await listener.mayDial?.(work, call)) ?? true;
      if (may !== true) return may;
    }
    return true;
  }

  /** During a pause no call is sent; each tries again now and then. */
  async #pausedFor(work: Work, { facts }: Call): Promise<NotYet | null> {
    const { paused } = await meetPause(work.sql, facts.deferred?.reason === 'paused');
    return paused ? { reason: 'paused', until: this.#parts.clock.now() + DEFERRED_RETRY_MS } : null;
  }

  /** Locks the callee's phone until the transaction ends. @returns the call that goes before this one */
  async #inTheWay(work: Work, key: string, call: Call): Promise<PhoneCall | null> {
    const { holder, next } = await lockQueue(work.sql, key);
    if (holder) return holder.id === call.id ? null : holder;
    return next?.urgent && call.purpose.kind !== 'escalate' ? next : null;
  }

  /** Waits for the phone. An escalation waits for another person's chat call no longer than its own ring timeout. */
  async #defer(work: Work, call: Call, inTheWay: PhoneCall): Promise<void> {
    const now = this.#parts.clock.now();
    const known = call.facts.deferred;
    const since = known?.behind === inTheWay.id ? Date.parse(known.since) : now;
    let until = now + DEFERRED_RETRY_MS;
    if (call.purpose.kind === 'escalate' && !inTheWay.urgent) {
      const patience = since + call.ringTimeoutSeconds * 1000;
      if (now < patience) until = patience;
      else work.enqueue({ name: 'call.makeWay', data: { callId: inTheWay.id } });
    }
    const event = deferred(new Date(now).toISOString(), { reason: 'phoneBusy', until }, inTheWay.id);
    await this.#parts.changes.applyIn(work, call, [event], { isLast: true });
  }

  /** The call is about to be sent: it takes the callee's phone, which is free. */
  async #send(work: Work, call: Call, at: string, isLast: boolean): Promise<Call> {
    const phone = phoneKey(call.target);
    return await this.#parts.changes.applyIn(work, call, [{ type: 'dialSent', at }], {
      isLast,
      ...(phone !== null && { phone }),
    });
  }

  #now(): string {
    return timeNow(this.#parts.clock);
  }
}

/** Times in epoch milliseconds. */
export function turnTaken(now: number, turn: number): CallEvent {
  return { type: 'turnTaken', at: new Date(now).toISOString(), turnAt: new Date(turn).toISOString() };
}

/** What happens to a call that is not sent: it waits, is no longer needed, or is barred. */
function unsent(at: string, may: false | NotYet | Barred): CallEvent {
  if (may && 'reason' in may) return deferred(at, may);
  return { type: 'hangUpRequested', at, by: may ? may.barred : 'escalation' };
}

export function deferred(at: string, { reason, until }: NotYet, behind?: string): CallEvent {
  const event = { type: 'deferred', at, reason, until: new Date(until).toISOString() } as const;
  return behind === undefined ? event : { ...event, behind };
}
