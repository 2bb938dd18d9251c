import { timingSafeEqual } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Logger } from 'pino';
import { timeNow, type Clock } from '../clock.ts';
import type { OwnJob } from '../database/jobStore.ts';
import { LastRows, type Transact, type Work } from '../database/work.ts';
import type { Call, CallEvent, TimelineEntry } from './call.ts';
import type { CallListener, Received } from './callListener.ts';
import {
  addingLines,
  linesOf,
  lockWithEvents,
  placingCalls,
  saveCalls,
  savingCalls,
  savingEvents,
  type ChangedCall,
  type CallLine,
  type NewCall,
  type PlacedCall,
  type ReceivedEvent,
  type StoredCall,
} from './callStore.ts';
import { isCaptureNote } from './captures.ts';
import { applyAll, view, type Transition } from './lifecycle.ts';
import { dialSoon, lockPhones, phoneKey, phoneQueues, type PhoneQueue } from './phones.ts';
import { Together } from './together.ts';

/** An event of the service, parsed; `event` is null for one that changes nothing (unknown type, another call's). */
export interface IncomingEvent extends Omit<ReceivedEvent, 'callId' | 'applied'> {
  event: CallEvent | null;
}

/** What happens to a call: one request of the service, or an event of our own. */
export interface Happening {
  callId: string;
  /** The call's own, from a request of the service. */
  secret?: string;
  received?: readonly IncomingEvent[];
  event?: CallEvent;
  /** The job that is done once this is stored. */
  job?: OwnJob;
}

/** The call afterwards; null if there is no such call, or the secret is not its own: the two are not told apart. */
interface Outcome {
  call: Call | null;
}

/** A call that something happens to. */
interface Change {
  /** As it is stored. */
  stored: Call;
  /** As it was before; the scheduled look that has come is none any more. */
  before: Call;
  next: Transition;
  received?: readonly Watched[];
  /** The phone that it takes with this. */
  phone?: string | undefined;
}

type Watched = IncomingEvent & { isNew: boolean };

/** A call that was given up may still be at the phone: the phone is held this much longer than the ring timeout. */
const GIVEN_UP_HOLD_MS = 30_000;

const placedCalls = new LastRows<PlacedCall>('placed', placingCalls);
const addedLines = new LastRows<CallLine>('lines', addingLines);

interface Parts {
  transact: Transact;
  /** How long something waits until it is begun with. Milliseconds. */
  patienceMs: number;
  clock: Clock;
  log?: Pick<Logger, 'warn'> | undefined;
  /** Each in a transaction of its own, so that each has its own trace. */
  apart?: boolean | undefined;
  listeners: readonly CallListener[];
}

/**
 * What happens to calls, on its way to the database: what comes while a transaction is under way shares the next one, of
 * whatever calls it is. Such a transaction has two statements: one locks the calls, one writes all that follows.
 */
export class CallChanges {
  readonly #parts: Parts;
  readonly #queue: Together<Happening, Outcome>;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#queue = new Together({
      together: async (happenings) => await this.#commit(happenings, false),
      alone: async (happening) => await this.#alone(happening),
      what: 'what happened to calls',
      patienceMs: parts.patienceMs,
      log: parts.log,
    });
  }

  /**
   * Stores what happens to a call, and what follows from it. An event that came before changes nothing, nor does one of
   * another connection than this call's: it is only stored.
   *
   * @throws TurnTimeout if it was not begun with in time; the database's error if it cannot be stored. Then
   * nothing of it is stored
   */
  async take(happening: Happening): Promise<Call | null> {
    const { call } = await (this.#parts.apart ? this.#alone(happening) : this.#queue.take(happening));
    return call;
  }

  async #alone(happening: Happening): Promise<Outcome> {
    const [outcome] = await this.#commit([happening], true);
    return outcome ?? { call: null };
  }

  /**
   * @param waits for locks that others hold; a transaction that does not is never in another one's way
   * @returns for each what became of it; null for one that is to be taken alone: its call or phone is locked by somebody,
   * or others lock more for what follows
   */
  async #commit(happenings: readonly Happening[], waits: boolean): Promise<(Outcome | null)[]> {
    return await this.#parts.transact(async (work) => {
      const known = await lockWithEvents(work.sql, eventIdsOf(happenings), waits);
      const isMeant = ({ callId, secret }: Happening): boolean => {
        const own = known.get(callId)?.callbackSecret;
        return own !== undefined && (secret === undefined || sameSecret(own, secret));
      };
      const meant = Map.groupBy(happenings.filter(isMeant), ({ callId }) => callId);
      const changes = [...meant].flatMap(([callId, own]): Change[] => {
        const stored = known.get(callId);
        const change = stored && this.#changeOf(stored, own);
        return change && (waits || !needsMoreLocks(change)) ? [change] : [];
      });
      const phones = await this.#phonesOf(work, changes, waits);
      const free = changes.filter(({ before }) => !phones.missed.has(phoneKey(before.target) ?? ''));
      await this.#store(work, free, phones.queues);
      const taken = new Map(free.map(({ next: { call } }) => [call.id, call]));
      for (const { callId, job } of happenings) if (job && taken.has(callId)) work.finish(job);
      return happenings.map((one) => {
        if (isMeant(one)) {
          const call = taken.get(one.callId);
          return call ? { call } : null;
        }
        // A call that somebody else holds is not told from one that is not there.
        return waits || known.has(one.callId) ? { call: null } : null;
      });
    });
  }

  /**
   * Takes events into a call that the transaction has locked.
   *
   * @param options.phone which it takes
   * @param options.isLast nothing in the transaction reads the call after this: it is written with the last statement
   */
  async applyIn(
    work: Work,
    stored: Call,
    events: readonly CallEvent[],
    { phone, isLast = false }: { phone?: string; isLast?: boolean } = {},
  ): Promise<Call> {
    const change = this.#transition({ stored, before: stored, events, phone });
    const { queues } = await this.#phonesOf(work, [change], true);
    await this.#store(work, [change], queues, !isLast);
    return change.next.call;
  }

  /**
   * Stores a new call as it stands after its first events, with the last statement of the transaction.
   *
   * @param events of a call that is begun where it is placed, or has got its turn
   * @param phone which it takes
   */
  async placeIn(
    work: Work,
    { call: placed, ...fresh }: NewCall,
    events: readonly CallEvent[],
    phone: string | null,
  ): Promise<Call> {
    const change = this.#transition({ stored: placed, before: placed, events });
    const { call, timeline } = change.next;
    placedCalls.add(work, [{ fresh: { call, ...fresh }, phone }]);
    const queued: TimelineEntry = { at: placed.createdAt, type: 'queued' };
    addedLines.add(work, linesOf(call.id, [queued, ...timeline]));
    for (const listener of this.#parts.listeners) await listener.placed?.(work, placed);
    if (placed.alarmAt) wakeAt(work, placed.id, placed.alarmAt);
    if (events.length > 0) await this.#follow(work, change);
    return call;
  }

  #changeOf(
    { call, knownEvents }: StoredCall & { knownEvents: readonly string[] },
    own: readonly Happening[],
  ): Change {
    const isWoken = own.some(({ event }) => event?.type === 'wake');
    const seen = new Set(knownEvents);
    const isNew = ({ id }: IncomingEvent): boolean => !seen.has(id) && Boolean(seen.add(id));
    const received: Watched[] = [];
    // In the order in which they came.
    const events = ownEvents(call, own).flatMap(({ received: some = [], event }) => {
      const watched = some.map((one) => ({ ...one, isNew: isNew(one) }));
      received.push(...watched);
      return [
        ...watched.flatMap((one) => (one.isNew && one.event ? [one.event] : [])),
        ...(event ? [event] : []),
      ];
    });
    const before = isWoken ? { ...call, alarmAt: null } : call;
    return { ...this.#transition({ stored: call, before, events }), received };
  }

  /** What events make of a call, and when it is to be looked at again: at most once ahead of time. */
  #transition({ events, ...about }: Omit<Change, 'next'> & { events: readonly CallEvent[] }): Change {
    const next = applyAll(about.before, events, this.#now());
    const { call, wakeAt: alarmAt } = next;
    if (!alarmAt || (call.alarmAt && alarmAt >= call.alarmAt)) return { ...about, next };
    return { ...about, next: { ...next, call: { ...call, alarmAt } } };
  }

  /**
   * Keeps others from the phones that calls leave, or may take again, until the transaction ends.
   *
   * @returns who waits for them; and those that somebody else has locked just now
   */
  async #phonesOf(
    work: Work,
    changes: readonly Change[],
    waits: boolean,
  ): Promise<{ queues: Map<string, PhoneQueue>; missed: Set<string> }> {
    const concerned = changes.filter(({ before, next }) => hasEnded(before) !== hasEnded(next.call));
    const keys = [...new Set(concerned.flatMap(({ before }) => phoneKey(before.target) ?? []))].toSorted();
    if (keys.length === 0) return { queues: new Map(), missed: new Set() };
    const locked = await lockPhones(work.sql, keys, waits);
    const leaving = concerned.flatMap(({ next: { call } }) => (hasEnded(call) ? [call.id] : []));
    const queues = await phoneQueues(work.sql, locked, leaving);
    return { queues, missed: new Set(keys.filter((key) => !queues.has(key))) };
  }

  /**
   * Stores changed calls and what follows.
   *
   * @param now in a transaction that others write in too; else with its last statement
   */
  async #store(
    work: Work,
    changes: readonly Change[],
    queues: ReadonlyMap<string, PhoneQueue>,
    now = false,
  ): Promise<void> {
    const events = changes.flatMap(({ stored, received = [] }) =>
      received
        .filter(({ isNew }) => isNew)
        .map((one) => ({ ...one, callId: stored.id, applied: one.event !== null })),
    );
    if (events.length > 0) work.last('events', savingEvents(events, this.#now()));
    const changed = changes.filter(changesAnything);
    const saved = changed.map((change): ChangedCall => ({
      ...change.next,
      phone: phoneOf(work, change, queues),
    }));
    if (now || changed.some(othersWrite)) await saveCalls(work.sql, saved);
    else if (saved.length > 0) {
      work.last('saved', savingCalls(saved));
      for (const { call, timeline } of saved) addedLines.add(work, linesOf(call.id, timeline));
    }
    for (const { stored, received = [] } of changes) {
      for (const listener of this.#parts.listeners)
        if (received.length > 0) listener.received?.(work, stored, watchedOf(received));
    }
    for (const change of changed) {
      dialNext(work, change, queues);
      await this.#follow(work, change);
    }
  }

  /** Wants what is to be done next, and tells who listens. */
  async #follow(work: Work, { stored, before, next: { call, ...next } }: Change): Promise<void> {
    if (call.alarmAt && call.alarmAt !== before.alarmAt) {
      wakeAt(work, call.id, call.alarmAt);
    }
    for (const effect of next.effects) {
      const { id: callId } = call;
      if (effect.kind === 'speak') {
        work.enqueue({ name: 'call.speak', data: { callId, context: effect.context } });
      } else work.enqueue({ name: `call.${effect.kind}`, data: { callId } });
    }
    const captures = next.timeline.filter(({ type }) => isCaptureNote(type));
    for (const listener of this.#parts.listeners) {
      listener.moved?.(work, stored, call, next.timeline);
      if (captures.length > 0) await listener.captured?.(work, call, captures);
      if (next.tones.length > 0) await listener.keys?.(work, call, next.tones);
      if (next.ended) await listener.ended?.(work, call);
      if (next.changed) await listener.changed?.(work, call);
    }
  }

  #now(): string {
    return timeNow(this.#parts.clock);
  }
}

/** The call is to be looked at then, if nothing happens before. ISO 8601, UTC. */
export function wakeAt(work: Work, callId: string, at: string): void {
  work.enqueue({ name: 'call.wake', data: { callId }, dueAt: Date.parse(at) });
}

/** Whether the call has ended, for those who only hold the call. */
export function hasEnded(call: Call): boolean {
  return view(call).status === 'ended';
}

/** Many an event says what is known: then nothing is written but the event. */
function changesAnything({ stored, before, next }: Change): boolean {
  // A deadline has come: the next one is wanted, be it the same.
  const isWoken = before !== stored;
  return isWoken || next.changed || next.effects.length > 0 || !isDeepStrictEqual(stored, next.call);
}

/**
 * Whether it is to be taken alone: who listens locks more for what follows than the call and its phone; or the call is
 * found again and takes its phone, which another one may be about to leave or to take.
 */
function needsMoreLocks(change: Change): boolean {
  const { before, next } = change;
  const isFoundAgain = hasEnded(before) && !hasEnded(next.call);
  return isFoundAgain || othersWrite(change);
}

/**
 * Whether who listens reads or writes in the transaction, and not with its last statement: keys move an escalation, and the
 * identity of a browser page is withdrawn.
 */
function othersWrite({ before, next }: Change): boolean {
  return next.tones.length > 0 || (before.purpose.kind === 'talk' && next.ended);
}

/**
 * The phone that a call takes with a change, null if it leaves its own, undefined if neither. That of a call that has
 * ended is the next one's; of one that was found again it is its own, if it is free.
 */
function phoneOf(
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

/** The next call may have the phone that this one has left. */
function dialNext(
  work: Work,
  { before, next: { call } }: Change,
  queues: ReadonlyMap<string, PhoneQueue>,
): void {
  const key = phoneKey(call.target);
  if (!key || hasEnded(before) || !hasEnded(call) || view(call).cause === 'outcomeUnknown') return;
  const queue = queues.get(key);
  if (queue?.next && !queue.holder) dialSoon(work, queue.next.id, queue.next.urgent);
}

function watchedOf(received: readonly Watched[]): Received[] {
  return received.map(({ type, at, isNew, event }) => ({ type, at, isNew, applied: event !== null }));
}

function eventIdsOf(happenings: readonly Happening[]): Map<string, string[]> {
  const ids = new Map<string, string[]>();
  for (const { callId, received = [] } of happenings) {
    ids.set(callId, [...(ids.get(callId) ?? []), ...received.map(({ id }) => id)]);
  }
  return ids;
}

/** The same, with events that mean nothing where they are of another connection. The first one names the connection. */
function ownEvents(call: Call, happenings: readonly Happening[]): Happening[] {
  const connection = (event?: CallEvent | null): string | null =>
    event && 'callConnectionId' in event ? event.callConnectionId : null;
  const all = happenings.flatMap(({ received = [], event }) => [...received.map((one) => one.event), event]);
  const own = call.callConnectionId ?? all.map(connection).find((id) => id !== null);
  return happenings.map((one) => ({
    ...one,
    ...(one.received && {
      received: one.received.map((event) => {
        const id = connection(event.event);
        return id === null || id === own ? event : { ...event, event: null };
      }),
    }),
  }));
}

function sameSecret(own: string, given: string): boolean {
  const a = Buffer.from(own);
  const b = Buffer.from(given);
  return a.length > 0 && a.length === b.length && timingSafeEqual(a, b);
}
