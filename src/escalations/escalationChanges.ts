import type { Logger } from 'pino';
import type { Call } from '../calls/call.ts';
import type { CallService } from '../calls/callService.ts';
import { newCallId } from '../calls/freshCalls.ts';
import type { PlaceCall } from '../calls/placeCall.ts';
import { loadCalls } from '../calls/callLists.ts';
import { view } from '../calls/lifecycle/lifecycle.ts';
import { readPause, type PauseState } from '../calls/pause.ts';
import { GroupCommit } from '../database/groupCommit.ts';
import type { OwnJob } from '../database/jobStore.ts';
import type { Transact, Work } from '../database/transaction.ts';
import type { Escalation } from './escalation.ts';
import {
  isRunning,
  lockEscalations,
  writeNow,
  type DedupKey,
  type StoredEscalation,
} from './escalationStore.ts';
import { hasKey, nameOf, partsOf, type Locked } from './lockedEscalation.ts';
import { climb } from './ladder/climb.ts';
import type { LadderEffect, LadderEvent, Refusal } from './ladder/events.ts';
import { rungsOf } from './ladder/rungs.ts';
import { triesLeft } from './ladder/wrongPins.ts';
import type { EscalationEntry } from './timeline.ts';

/** Hears of changes within the transaction that makes them. Several changes may share one transaction. */
export interface EscalationListener {
  changed(work: Work, escalation: Escalation, timeline: readonly EscalationEntry[]): Promise<void> | void;
}

/** The escalation after an event. `refused` says why the event changed nothing. */
export type Applied = { escalation: Escalation; refused: Refusal | null };

/** What happens to an escalation: an event, or the end of a call of it. */
export interface Happening {
  id: string;
  what: LadderEvent | { ended: string };
  /** The deadline of the job (epoch milliseconds). An earlier deadline may have replaced it. */
  dueAt?: number;
  /** The job to finish in the same transaction. */
  job?: OwnJob;
}

/** What one transaction does with escalations. */
interface Climbing {
  locked: Map<string, Locked>;
  /** Dedup keys that have been looked up. */
  lookedUp: Set<string | null>;
  wanted: (PlaceCall & { callId: string })[];
  pause: PauseState | null;
}

export interface ChangesParts {
  transact: Transact;
  calls: CallService;
  /** How long a change may wait for its transaction. Milliseconds. */
  patienceMs: number;
  now: () => string;
  log: Pick<Logger, 'warn'>;
  /** Each change has its own transaction, and so its own trace. */
  apart: boolean;
  listeners: readonly EscalationListener[];
  /** Receives each escalation as it was stored. */
  remember: (escalation: Escalation) => void;
}

/**
 * Stores what happens to escalations. A transaction locks and reads each escalation once, moves it in memory, places all
 * calls together, and writes everything with its last statement. Changes that arrive meanwhile share the next
 * transaction, whichever escalations they belong to.
 */
export class EscalationChanges {
  readonly #parts: ChangesParts;
  readonly #queue: GroupCommit<Happening, { taken: Applied | null }>;
  readonly #climbing = new WeakMap<Work, Climbing>();

  constructor(parts: ChangesParts) {
    this.#parts = parts;
    this.#queue = new GroupCommit({
      commit: async (happenings, waits) => await this.#commit(happenings, waits),
      waitsFor: ({ id }) => id,
      what: 'what happened to escalations',
      patienceMs: parts.patienceMs,
      log: parts.log,
      apart: parts.apart,
    });
  }

  /** Stores what happens to an escalation and what follows from it. @returns null if there is no such escalation */
  async take(happening: Happening): Promise<Applied | null> {
    return (await this.#queue.take(happening)).taken;
  }

  /**
   * @param waits for locks that others hold; a transaction that does not wait cannot cause a deadlock
   * @returns one result each; null if this one needs a transaction of its own
   */
  async #commit(
    happenings: readonly Happening[],
    waits: boolean,
  ): Promise<({ taken: Applied | null } | null)[]> {
    return await this.#parts.transact(async (work) => {
      const ids = happenings.map(({ id }) => id);
      this.addLocked(work, await lockEscalations(work.sql, ids, waits));
      const ended = happenings.flatMap(({ what }) => ('ended' in what ? [what.ended] : []));
      const calls = await loadCalls(work.sql, ended);
      const results: ({ taken: Applied | null } | null)[] = [];
      for (const { id, what, dueAt, job } of happenings) {
        const locked = this.#in(work).locked.get(id);
        // Without waiting, an escalation that another transaction holds looks like one that does not exist.
        if (!locked) results.push(waits ? { taken: null } : null);
        else {
          if (dueAt !== undefined && locked.alarmAt !== null && Date.parse(locked.alarmAt) === dueAt)
            locked.alarmAt = null;
          const event = 'ended' in what ? this.#endOf(calls.get(what.ended)) : what;
          results.push({ taken: event && (await this.#move(work, locked, event)) });
          if (job) work.finish(job);
        }
      }
      return results;
    });
  }

  /** Null if the call goes on: it was given up and found again. Another event will tell its end. */
  #endOf(call: Call | undefined): LadderEvent | null {
    if (!call) return null;
    const { status, disposition, cause, code, subCode } = view(call);
    if (status !== 'ended') return null;
    // Ringdown hung up. The service's code may arrive before or after this, and adds nothing.
    const codes = disposition === 'cancelled' ? { code: null, subCode: null } : { code, subCode };
    return {
      type: 'callEnded',
      at: this.#parts.now(),
      callId: call.id,
      end: { disposition, cause, ...codes },
      ringTimeoutSeconds: call.ringTimeoutSeconds,
    };
  }

  /** Tells that the transaction has locked and read these. */
  addLocked(work: Work, read: readonly StoredEscalation[]): void {
    const { locked } = this.#in(work);
    for (const stored of read) {
      const { id } = stored.escalation;
      if (!locked.has(id)) locked.set(id, { ...stored, stored, timeline: [] });
    }
  }

  /** As it is in this transaction; null if the transaction has not locked it. */
  lockedIn(work: Work, id: string): Escalation | null {
    return this.#in(work).locked.get(id)?.escalation ?? null;
  }

  /** Locks an escalation until the transaction ends, and returns it as it is there; null if there is none. */
  async lookIn(work: Work, id: string): Promise<Escalation | null> {
    return (await this.#lock(work, id))?.escalation ?? null;
  }

  async takeIn(work: Work, id: string, event: LadderEvent): Promise<Applied | null> {
    const locked = await this.#lock(work, id);
    return locked && (await this.#move(work, locked, event));
  }

  /** Tells that nothing else of these dedup keys runs, and whether calls are paused. */
  knowIn(work: Work, keys: readonly DedupKey[], pause: PauseState): void {
    const climbing = this.#in(work);
    climbing.pause = pause;
    for (const key of keys) climbing.lookedUp.add(nameOf(key));
  }

  /** Locks the escalation that an alert of this key belongs to. @param find reads it from the database */
  async runningIn(
    work: Work,
    key: DedupKey,
    find: () => Promise<StoredEscalation[]>,
  ): Promise<Escalation | null> {
    const climbing = this.#in(work);
    const name = nameOf(key);
    if (!climbing.lookedUp.has(name)) {
      this.addLocked(work, await find());
      climbing.lookedUp.add(name);
    }
    const running = [...climbing.locked.values()].find(
      ({ escalation }) => isRunning(escalation.ladder.status) && hasKey(escalation, name),
    );
    return running?.escalation ?? null;
  }

  /** Frees its dedup key: the next alert of that key begins another escalation. */
  async freeKeyIn(work: Work, id: string): Promise<void> {
    const locked = await this.#lock(work, id);
    if (locked) locked.escalation = { ...locked.escalation, dedupKey: null };
  }

  /** Stores a new escalation and what follows from its start. A running one with the same dedup key is a conflict. */
  async startIn(work: Work, escalation: Escalation): Promise<Escalation> {
    const { locked } = this.#in(work);
    const name = nameOf(escalation);
    // The escalation that had the key before must free it first.
    if ([...locked.values()].some(({ stored }) => stored && hasKey(stored.escalation, name)))
      await this.writeIn(work);
    const own: Locked = {
      escalation,
      alarmAt: null,
      paused: (await this.#pauseIn(work)).paused,
      stored: null,
      timeline: [],
    };
    locked.set(escalation.id, own);
    await this.#move(work, own, { type: 'started', at: this.#parts.now() });
    return own.escalation;
  }

  /** Writes the changes so far, for statements of this transaction that read escalations from the database. */
  async writeIn(work: Work): Promise<void> {
    const { locked } = this.#in(work);
    await writeNow(work.sql, partsOf(locked.values()));
    for (const one of locked.values()) {
      const { escalation, alarmAt, paused } = one;
      one.stored = { escalation, alarmAt, paused };
      one.timeline = [];
    }
  }

  async #lock(work: Work, id: string): Promise<Locked | null> {
    const { locked } = this.#in(work);
    if (!locked.has(id)) this.addLocked(work, await lockEscalations(work.sql, [id], true));
    return locked.get(id) ?? null;
  }

  #in(work: Work): Climbing {
    const known = this.#climbing.get(work);
    if (known) return known;
    const climbing: Climbing = { locked: new Map(), lookedUp: new Set(), wanted: [], pause: null };
    this.#climbing.set(work, climbing);
    work.atEnd(async () => await this.#end(work, climbing));
    return climbing;
  }

  async #end(work: Work, { wanted, locked }: Climbing): Promise<void> {
    if (wanted.length > 0) await this.#parts.calls.placing.placeAllIn(work, wanted.splice(0));
    for (const [name, write] of partsOf(locked.values())) work.last(name, write);
    for (const { escalation } of locked.values()) this.#parts.remember(escalation);
  }

  async #pauseIn(work: Work): Promise<PauseState> {
    return (this.#in(work).pause ??= await readPause(work.sql));
  }

  async #move(work: Work, locked: Locked, event: LadderEvent): Promise<Applied> {
    const before = locked.escalation;
    let escalation = before;
    // The end or beginning of a pause wakes the escalations that do not know of it. The lock makes it see this one.
    const isMet = locked.paused === escalation.ladder.halted;
    const pausing = isMet ? { paused: locked.paused, by: null } : await readPause(work.sql, 'share');
    const timeline: EscalationEntry[] = [];
    const queue: LadderEvent[] = [event];
    for (let next = queue.shift(); next; next = queue.shift()) {
      const climbed = climb(escalation, next, pausing);
      if (next === event && climbed.refused) return { escalation, refused: climbed.refused };
      escalation = climbed.escalation;
      timeline.push(...climbed.timeline);
      for (const effect of climbed.effects) {
        const placed = this.#perform(work, escalation, effect);
        if (placed) queue.push(placed);
      }
    }
    const { wakeAt } = escalation.ladder;
    if (wakeAt && (!locked.alarmAt || wakeAt < locked.alarmAt)) {
      locked.alarmAt = wakeAt;
      const dueAt = Date.parse(wakeAt);
      work.enqueue({ name: 'escalation.wake', data: { id: escalation.id, dueAt }, dueAt });
    }
    locked.escalation = escalation;
    locked.timeline.push(...timeline);
    // A call that waits for the end of quiet hours may be allowed now.
    if (locked.stored && escalation.severity !== before.severity)
      await this.#parts.calls.dialling.dialAgainIn(work, { escalationId: escalation.id });
    if (escalation.revision > before.revision) {
      for (const listener of this.#parts.listeners) await listener.changed(work, escalation, timeline);
    }
    return { escalation, refused: null };
  }

  /**
   * Carries out an effect in the transaction. Changes to calls are left to jobs: events of calls lock the call first and
   * the escalation second, so the other order would be a deadlock.
   */
  #perform(work: Work, escalation: Escalation, effect: LadderEffect): LadderEvent | null {
    const { id } = escalation;
    switch (effect.kind) {
      case 'resolveStep': {
        const { run, round, step } = effect;
        work.enqueue({ name: 'escalation.resolveStep', data: { id, run, round, step } });
        return null;
      }
      case 'call': {
        const rung = rungsOf(escalation.ladder).find(({ key }) => key === effect.key);
        if (!rung) return null;
        const callId = newCallId();
        const { policy, ladder } = escalation;
        const hasPin = policy !== null && escalation.steps[ladder.step]?.pin !== undefined;
        this.#in(work).wanted.push({
          callId,
          target: rung.target,
          requestedBy: { kind: 'escalation', key: id, name: escalation.startedBy.name },
          purpose: {
            kind: 'escalate',
            escalationId: id,
            message: escalation.summary,
            step: escalation.ladder.step,
            test: escalation.test,
            ...(escalation.voice !== null && { voice: escalation.voice }),
            ...(hasPin && { pin: { policy, tries: triesLeft(ladder, rung.key) } }),
          },
          language: escalation.language,
          ...(effect.ringTimeoutSeconds ? { ringTimeoutSeconds: effect.ringTimeoutSeconds } : {}),
          requestKey: `${id}/${effect.attempt}`,
        });
        return { type: 'callPlaced', at: this.#parts.now(), key: effect.key, callId };
      }
      case 'hangUp':
        for (const callId of effect.callIds) hangUpSoon(work, callId);
        return null;
      case 'tellOver':
        tellOverSoon(work, id);
        return null;
      case 'tellExhausted':
        work.enqueue({ name: 'escalation.exhausted', data: { id, run: effect.run } });
        return null;
    }
  }
}

export function hangUpSoon(work: Work, callId: string): void {
  work.enqueue({ name: 'escalation.hangUp', data: { callId } });
}

export function tellOverSoon(work: Work, id: string): void {
  work.enqueue({ name: 'escalation.tellOver', data: { id } });
}
