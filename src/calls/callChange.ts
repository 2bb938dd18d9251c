import { isDeepStrictEqual } from 'node:util';
import type { Work } from '../database/transaction.ts';
import type { Call } from './call.ts';
import type { IncomingEvent } from './happenings.ts';
import { hasEnded, view, type Transition } from './lifecycle/lifecycle.ts';
import { dialSoon, phoneKey, type PhoneQueue } from './phones.ts';

/** A call that was given up may still ring: it keeps the phone this much longer than the ring timeout. */
const GIVEN_UP_HOLD_MS = 30_000;

/** An event of the service, and whether it comes for the first time. */
export type Watched = IncomingEvent & { isNew: boolean };

/** What happens to one call. */
export interface Change {
  /** As it is stored. */
  stored: Call;
  /** The same, without the alarm that has come. */
  before: Call;
  next: Transition;
  received?: readonly Watched[];
  /** The phone that the call takes. */
  phone?: string | undefined;
  /** It was made from the call in memory, which is not locked. */
  isUnlocked?: boolean;
}

/** Whether the call ends, or is found again. */
export function changesPhone({ before, next }: Change): boolean {
  return hasEnded(before) !== hasEnded(next.call);
}

/**
 * Many events say only what is known: then only the event is written. But what was taken from memory is saved in any case,
 * because that shows whether it was still right.
 */
export function changesAnything({ stored, before, next, isUnlocked = false }: Change): boolean {
  // A deadline has come: the next one must be scheduled, even if it is the same.
  const isWoken = before !== stored;
  return (
    isUnlocked || isWoken || next.changed || next.effects.length > 0 || !isDeepStrictEqual(stored, next.call)
  );
}

/**
 * Whether a change must be taken alone, with more locks: listeners lock more than the call and its phone; or the call is
 * found again and takes its phone, which another call may be about to leave or to take.
 */
export function needsMoreLocks(change: Change): boolean {
  const { before, next } = change;
  const isFoundAgain = hasEnded(before) && !hasEnded(next.call);
  return isFoundAgain || othersWrite(change);
}

/**
 * Whether a change can be saved without a lock on the call and its phone. In an embedded database nothing else can happen
 * meanwhile, so it is enough that no call waits for the phone (`someoneWaits`).
 */
export function needsNoLock(change: Change, { isEmbedded }: Work): boolean {
  const leavesPhone = changesPhone(change) && phoneKey(change.before.target) !== null;
  return !needsMoreLocks(change) && (isEmbedded || !leavesPhone);
}

/**
 * Whether listeners read or write in the transaction before its last statement: keys move an escalation, and the identity
 * of a browser page is withdrawn.
 */
export function othersWrite({ before, next }: Change): boolean {
  return next.tones.length > 0 || next.acts.length > 0 || (before.purpose.kind === 'talk' && next.ended);
}

/**
 * The phone that a call takes with a change; null if it leaves its phone, undefined if neither. A call that has ended
 * leaves its phone to the next one; a call that was found again takes its phone back if it is free.
 */
export function phoneOf(
  work: Work,
  { before, next: { call }, phone }: Change,
  queues: ReadonlyMap<string, PhoneQueue>,
): string | null | undefined {
  const key = phoneKey(call.target);
  const isOver = hasEnded(call);
  if (!key || hasEnded(before) === isOver) return phone;
  if (!isOver) return queues.get(key)?.holder ? undefined : key;
  const { cause, endedAt } = view(call);
  if (cause !== 'outcomeUnknown' || !endedAt) return null;
  const dueAt = Date.parse(endedAt) + call.ringTimeoutSeconds * 1000 + GIVEN_UP_HOLD_MS;
  work.enqueue({ name: 'call.leavePhone', data: { callId: call.id, anyhow: 0 }, dueAt });
  return undefined;
}

/** Starts the call that may take the phone which this one has left. */
export function dialNext(
  work: Work,
  { before, next: { call } }: Change,
  queues: ReadonlyMap<string, PhoneQueue>,
): void {
  const key = phoneKey(call.target);
  if (!key || hasEnded(before) || !hasEnded(call) || view(call).cause === 'outcomeUnknown') return;
  const queue = queues.get(key);
  if (queue?.next && !queue.holder) dialSoon(work, queue.next.id, queue.next.urgent);
}
