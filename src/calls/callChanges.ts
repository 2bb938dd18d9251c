import type { Logger } from 'pino';
import { timeNow, type Clock } from '../clock.ts';
import { GroupCommit } from '../database/groupCommit.ts';
import type { JobRequest } from '../database/jobRequests.ts';
import { LastRows, type Transact, type Work } from '../database/transaction.ts';
import type { Call, CallEvent } from './call.ts';
import {
  changesAnything,
  changesPhone,
  dialNext,
  needsMoreLocks,
  needsNoLock,
  othersWrite,
  phoneOf,
  type Change,
  type Watched,
} from './callChange.ts';
import { CallMemory } from './callMemory.ts';
import type { CallListener, Received } from './callListener.ts';
import {
  JustStored,
  lockWithEvents,
  placingCalls,
  saveCalls,
  savingCalls,
  savingEvents,
  type ChangedCall,
  type NewCall,
  type PlacedCall,
  type StoredCall,
} from './callStore.ts';
import { isCaptureNote, type CaptureNote } from './captures.ts';
import {
  eventIdsOf,
  isMeantFor,
  judged,
  ofOwnConnection,
  type Happening,
  type IncomingEvent,
  type JudgePin,
} from './happenings.ts';
import { applyAll, hasEnded } from './lifecycle/lifecycle.ts';
import { speechName } from './lifecycle/speech.ts';
import { lockPhones, phoneKey, phoneQueues, someoneWaits, type PhoneQueue } from './phones.ts';
import type { CallEntry } from './timeline.ts';
import { addingRows, rowsOf, type TimelineRow } from './timelineStore.ts';

/** The call afterwards; null if there is no such call, or the secret is wrong: the two look the same from outside. */
interface StoredResult {
  call: Call | null;
}

/** Without `knownEvents`, which events it had is found out when they are stored. */
type Known = StoredCall & { knownEvents?: readonly string[] };

const placedCalls = new LastRows<PlacedCall>('placed', placingCalls);
const addedLines = new LastRows<TimelineRow>('lines', addingRows);

interface Parts {
  transact: Transact;
  /** How long a change may wait for its transaction. Milliseconds. */
  patienceMs: number;
  clock: Clock;
  log?: Pick<Logger, 'warn'> | undefined;
  /** Each change has a transaction of its own, and so a trace of its own. */
  apart?: boolean | undefined;
  listeners: readonly CallListener[];
  judgePin: JudgePin;
}

/**
 * Stores what happens to calls. Whatever comes while a transaction runs shares the next one, even for different calls. A
 * transaction is one statement, which writes everything that follows, if this process has the calls in its memory and they
 * are as they were. Otherwise a statement before it locks and reads them.
 */
export class CallChanges {
  readonly #memory = new CallMemory();
  readonly #parts: Parts;
  readonly #queue: GroupCommit<Happening, StoredResult>;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#queue = new GroupCommit({
      commit: async (happenings, waits) => await this.#commit(happenings, waits),
      waitsFor: ({ callId }) => callId,
      what: 'what happened to calls',
      patienceMs: parts.patienceMs,
      log: parts.log,
      apart: parts.apart,
    });
  }

  /**
   * Stores what happens to a call, and what follows from it. A repeated event changes nothing; an event of another
   * connection is only stored.
   *
   * @throws TurnTimeout if its transaction did not start in time; the database's error if it cannot be stored. Then
   * nothing of it is stored
   */
  async take(happening: Happening): Promise<Call | null> {
    return (await this.#queue.take(happening)).call;
  }

  /**
   * @param waits for locks that others hold; a transaction that does not wait never blocks another one
   * @returns the result of each; null for one that must be taken alone, because its call or phone is locked, or because
   * listeners lock more
   */
  async #commit(happenings: readonly Happening[], waits: boolean): Promise<(StoredResult | null)[]> {
    const ids = new Set(happenings.map(({ callId }) => callId));
    // After a conflict, nothing is taken from memory.
    let isFirst = true;
    try {
      return await this.#parts.transact(async (work) => {
        // Saving one from memory waits for its lock.
        const mayRecall = isFirst && (work.isEmbedded || (waits && ids.size === 1));
        isFirst = false;
        return await this.#takeIn(work, happenings, waits, this.#memory.among(mayRecall ? ids : []));
      });
    } catch (error) {
      this.#memory.forget(ids);
      throw error;
    }
  }

  /** @param memory those of the calls that may be changed from memory */
  async #takeIn(
    work: Work,
    happenings: readonly Happening[],
    waits: boolean,
    memory: ReadonlyMap<string, StoredCall>,
  ): Promise<(StoredResult | null)[]> {
    const recalled = this.#changesOf(happenings, memory, true).filter((change) => needsNoLock(change, work));
    const done = new Set(recalled.map(({ stored }) => stored.id));
    const others = happenings.filter(({ callId }) => !done.has(callId));
    const locked: ReadonlyMap<string, Known> =
      others.length > 0 ? await lockWithEvents(work.sql, eventIdsOf(others), waits) : new Map();
    const changes = this.#changesOf(others, locked).filter((change) => waits || !needsMoreLocks(change));
    const phones = await this.#phonesOf(work, changes, waits);
    const free = changes.filter(({ before }) => !phones.missed.has(phoneKey(before.target) ?? ''));
    await this.#store(work, [...recalled, ...free], phones.queues);
    const known = (id: string): StoredCall | undefined => (done.has(id) ? memory : locked).get(id);
    const taken = new Map([...recalled, ...free].map(({ next: { call } }) => [call.id, call]));
    for (const [id, call] of taken) {
      const stored = known(id);
      if (!stored) continue;
      const { callbackSecret, repeatabilityId } = stored;
      work.afterCommit(() => this.#memory.keep({ call, callbackSecret, repeatabilityId }));
    }
    for (const { callId, job } of happenings) if (job && taken.has(callId)) work.finish(job);
    return happenings.map((one) => {
      const stored = known(one.callId);
      if (isMeantFor(stored, one)) {
        const call = taken.get(one.callId);
        return call ? { call } : null;
      }
      // A call that another transaction holds looks like one that does not exist.
      return waits || stored ? { call: null } : null;
    });
  }

  /** What happens to those of the calls that are known. */
  #changesOf(
    happenings: readonly Happening[],
    known: ReadonlyMap<string, Known>,
    isUnlocked = false,
  ): Change[] {
    const meant = happenings.filter((one) => isMeantFor(known.get(one.callId), one));
    return [...Map.groupBy(meant, ({ callId }) => callId)].flatMap(([callId, own]) => {
      const stored = known.get(callId);
      return stored ? [this.#changeOf(stored, own, isUnlocked)] : [];
    });
  }

  /**
   * Applies events to a call that the transaction has locked.
   *
   * @param options.phone the phone that the call takes
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
    work.afterCommit(() => this.#memory.renew(change.next.call));
    return change.next.call;
  }

  /**
   * Stores a new call as it stands after its first events, with the last statement of the transaction.
   *
   * @param events if the call starts where it is placed, or has its turn
   * @param phone the phone that it takes
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
    const queued: CallEntry = { at: placed.createdAt, type: 'queued' };
    addedLines.add(work, rowsOf(call.id, [queued, ...timeline]));
    for (const listener of this.#parts.listeners) await listener.placed?.(work, placed);
    if (placed.alarmAt) work.enqueue(wakeJob(placed.id, placed.alarmAt));
    if (events.length > 0) await this.#follow(work, change);
    // The answer of the service comes next. A call that was not sent may be sent by any process.
    if (call.facts.dialSentAt) work.afterCommit(() => this.#memory.keep({ call, ...fresh }));
    return call;
  }

  #changeOf({ call, knownEvents = [] }: Known, own: readonly Happening[], isUnlocked: boolean): Change {
    const isWoken = own.some(({ event }) => event?.type === 'wake');
    const seen = new Set(knownEvents);
    const isNew = ({ id }: IncomingEvent): boolean => !seen.has(id) && Boolean(seen.add(id));
    const received: Watched[] = [];
    // In order of arrival.
    const events = ofOwnConnection(call, own).flatMap(({ received: some = [], event }) => {
      const watched = some.map((one) => ({ ...one, isNew: isNew(one) }));
      received.push(...watched);
      return [
        ...watched.flatMap((one) => (one.isNew ? (judged(call, one, this.#parts.judgePin) ?? []) : [])),
        ...(event ? [event] : []),
      ];
    });
    const before = isWoken ? { ...call, alarmAt: null } : call;
    return { ...this.#transition({ stored: call, before, events, isUnlocked }), received };
  }

  /** Applies events to a call. Its alarm does not move to a later deadline: one that comes early does no harm. */
  #transition({ events, ...about }: Omit<Change, 'next'> & { events: readonly CallEvent[] }): Change {
    const next = applyAll(about.before, events, this.#now());
    const { call, wakeAt } = next;
    const isSoonEnough = wakeAt !== null && call.alarmAt !== null && call.alarmAt <= wakeAt;
    const change = { ...about, next: isSoonEnough ? next : { ...next, call: { ...call, alarmAt: wakeAt } } };
    if (!changesAnything(change)) return change;
    return { ...change, next: { ...change.next, call: { ...change.next.call, version: call.version + 1 } } };
  }

  /**
   * Locks the phones that calls leave, or may take again, until the transaction ends.
   *
   * @returns the queues of these phones; and the phones that another transaction has locked
   */
  async #phonesOf(
    work: Work,
    changes: readonly Change[],
    waits: boolean,
  ): Promise<{ queues: Map<string, PhoneQueue>; missed: Set<string> }> {
    const concerned = changes.filter(changesPhone);
    const keys = concerned.flatMap(({ before }) => phoneKey(before.target) ?? []);
    if (keys.length === 0) return { queues: new Map(), missed: new Set() };
    const locked = await lockPhones(work, keys, waits);
    const leaving = concerned.flatMap(({ next: { call } }) => (hasEnded(call) ? [call.id] : []));
    const queues = await phoneQueues(work.sql, [...locked], leaving);
    return { queues, missed: new Set(keys.filter((key) => !queues.has(key))) };
  }

  /**
   * Stores changed calls and what follows.
   *
   * @param now at once, because others in the transaction read the calls; otherwise with its last statement
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
    const left = changed.filter((change) => change.isUnlocked && changesPhone(change));
    const unless = left.length > 0 ? someoneWaits(left.map(({ next: { call } }) => call)) : undefined;
    if (now || changed.some(othersWrite)) await saveCalls(work.sql, saved, unless);
    else if (saved.length > 0) {
      work.last('saved', savingCalls(saved, unless));
      for (const { call, timeline } of saved) addedLines.add(work, rowsOf(call.id, timeline));
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

  /** Enqueues what to do next, and tells the listeners. */
  async #follow(work: Work, { stored, before, next: { call, ...next } }: Change): Promise<void> {
    if (call.alarmAt !== before.alarmAt) {
      if (before.alarmAt) work.drop(wakeJob(call.id, before.alarmAt));
      if (call.alarmAt) work.enqueue(wakeJob(call.id, call.alarmAt));
    }
    for (const effect of next.effects) {
      const { id: callId } = call;
      const justStored = new JustStored(call);
      if (effect.kind === 'speak') {
        work.enqueue({
          name: 'call.speak',
          data: { callId, context: speechName(effect.speech) },
          justStored,
        });
      } else work.enqueue({ name: `call.${effect.kind}`, data: { callId }, justStored });
    }
    const captures = next.timeline.filter(isCaptureEntry);
    for (const listener of this.#parts.listeners) {
      listener.moved?.(work, stored, call, next.timeline);
      if (captures.length > 0) await listener.captured?.(work, call, captures);
      if (next.tones.length > 0) await listener.keys?.(work, call, next.tones);
      if (next.acts.length > 0) await listener.acts?.(work, call, next.acts);
      if (next.ended) await listener.ended?.(work, call);
      if (next.changed) await listener.changed?.(work, call);
    }
  }

  #now(): string {
    return timeNow(this.#parts.clock);
  }
}

/** The job that looks at the call at its deadline. @param at ISO 8601, UTC */
function wakeJob(callId: string, at: string): JobRequest {
  return { name: 'call.wake', data: { callId }, dueAt: Date.parse(at) };
}

function isCaptureEntry(entry: CallEntry): entry is CallEntry<CaptureNote> {
  return isCaptureNote(entry.type);
}

function watchedOf(received: readonly Watched[]): Received[] {
  return received.map(({ type, at, isNew, event }) => ({ type, at, isNew, applied: event !== null }));
}
