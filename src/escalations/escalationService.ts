import { randomUUID } from 'node:crypto';
import type { Kysely, RawBuilder } from 'kysely';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import type { Call, TimelineEntry } from '../calls/call.ts';
import type { CallService } from '../calls/callService.ts';
import { calleeIdOf } from '../calls/callee.ts';
import { targetKey } from '../calls/callStore.ts';
import { KEYS, wrongPins, type KeyAct } from '../calls/purposes/escalateByPhone.ts';
import type { PauseState } from '../calls/pause.ts';
import { timeNow, type Clock } from '../clock.ts';
import type { Schema } from '../database/schema.ts';
import type { OwnJob } from '../database/jobStore.ts';
import type { Transact, Work } from '../database/transaction.ts';
import type { Actor, Escalation } from './escalation.ts';
import {
  EscalationChanges,
  hangUpSoon,
  tellOverSoon,
  type ChangesParts,
  type EscalationListener,
  type Applied,
} from './escalationChanges.ts';
import {
  listEscalations,
  loadEscalation,
  loadEscalationTimeline,
  loadWhole,
  lockByDedupKeys,
  standOtherwise,
  withoutAlarm,
  type DedupKey,
  type EscalationQuery,
  type StoredEscalation,
  type WholeEscalation,
} from './escalationStore.ts';
import { Starting, type AlongsideStart, type StartEscalation, type Started } from './starting.ts';
import type { LadderEvent } from './ladder/events.ts';
import { isOn, rungsOf } from './ladder/rungs.ts';
import { freshLadder } from './ladder/steps.ts';
import type { EscalationNote } from './timeline.ts';
import { wordsOf } from './words.ts';

export type { EscalationListener, Applied } from './escalationChanges.ts';

/** Starts escalations and moves them, together with the calls that they place. */
export class EscalationService {
  readonly #sql: Kysely<Schema>;
  readonly #transact: Transact;
  readonly #changes: EscalationChanges;
  readonly #starting: Starting;
  /** As they were stored a moment ago, for the job that follows at once. */
  readonly #recent = new LRUCache<string, Escalation>({ max: 1_000 });
  readonly #calls: CallService;
  readonly #clock: Clock;
  readonly #autoResolveMs: () => number;
  readonly #listeners: EscalationListener[] = [];

  constructor(
    parts: Omit<ChangesParts, 'now' | 'listeners' | 'remember'> & {
      sql: Kysely<Schema>;
      clock: Clock;
      /** `autoResolve` of ringdown.yaml now: for escalations that start. */
      autoResolveMs: () => number;
    },
  ) {
    this.#sql = parts.sql;
    this.#transact = parts.transact;
    this.#calls = parts.calls;
    this.#clock = parts.clock;
    this.#autoResolveMs = parts.autoResolveMs;
    const { calls } = parts;
    this.#changes = new EscalationChanges({
      ...parts,
      listeners: this.#listeners,
      now: () => this.#now(),
      remember: (escalation) => void this.#recent.set(escalation.id, escalation),
    });
    this.#starting = new Starting({
      ...parts,
      changes: this.#changes,
      startIn: async (work, request) => await this.startIn(work, request),
    });
    calls.listen({
      mayDial: async (work, call) => await this.#isWanted(work, call),
      ended: (work, { id, purpose }) => {
        if (purpose.kind !== 'escalate') return;
        const data = { id: purpose.escalationId, callId: id };
        work.enqueue({ name: 'escalation.callEnded', data });
      },
      keys: async (work, call, tones) => {
        for (const tone of tones) {
          // Calls in Teams ask for no PIN, so keys acknowledge nothing there that needs one.
          const needsPin = call.purpose.kind === 'escalate' && call.purpose.pin !== undefined;
          if (tone === KEYS.acknowledge && !needsPin) await this.#act(work, call, 'acknowledge');
          if (tone === KEYS.passOn) await this.#act(work, call, 'passOn');
        }
      },
      acts: async (work, call, acts) => {
        for (const act of acts) await this.#act(work, call, act);
      },
    });
  }

  listen(listener: EscalationListener): void {
    this.#listeners.push(listener);
  }

  /**
   * Starts an escalation, or joins the running one of the same alert, in a transaction that other requests may share.
   *
   * @returns null if `also.admit` said no
   * @throws TurnTimeout if its transaction did not start in time
   */
  async start(request: StartEscalation): Promise<Started>;
  async start(request: StartEscalation, also: AlongsideStart): Promise<Started | null>;
  async start(request: StartEscalation, also: AlongsideStart = {}): Promise<Started | null> {
    return await this.#starting.start(request, also);
  }

  /** The same in the caller's own transaction. @param also is stored with a new one */
  async startIn(
    work: Work,
    request: StartEscalation,
    also?: (work: Work, escalation: Escalation) => Promise<void>,
  ): Promise<Started> {
    const dedupKey = request.test ? null : request.dedupKey;
    const running = dedupKey === null ? null : await this.#runningIn(work, { ...request, dedupKey });
    if (running) {
      const again: LadderEvent = { type: 'joined', at: this.#now(), words: wordsOf(request) };
      const joined = await this.#changes.takeIn(work, running.id, again);
      return { escalation: joined?.escalation ?? running, joined: true };
    }
    const escalation: Escalation = {
      ...request,
      autoResolveMs: this.#autoResolveMs(),
      dedupKey,
      id: `esc_${randomUUID().replaceAll('-', '')}`,
      createdAt: this.#now(),
      revision: 1,
      ladder: freshLadder(),
    };
    await also?.(work, escalation);
    return { escalation: await this.#changes.startIn(work, escalation), joined: false };
  }

  /** The escalation that an alert of this key joins. A deadline that has passed is applied first: it may end it. */
  async #runningIn(work: Work, key: DedupKey): Promise<Escalation | null> {
    const find = async (): Promise<StoredEscalation[]> => await lockByDedupKeys(work.sql, [key], true);
    const running = await this.#changes.runningIn(work, key, find);
    const wakeAt = running?.ladder.wakeAt ?? null;
    if (!running || wakeAt === null || wakeAt > this.#now()) return running;
    await this.#changes.takeIn(work, running.id, { type: 'wake', at: this.#now() });
    return await this.#changes.runningIn(work, key, find);
  }

  async acknowledge(id: string, by: Actor, note?: string): Promise<Applied | null> {
    return await this.take(id, { type: 'acknowledged', at: this.#now(), by, ...(note ? { note } : {}) });
  }

  async resolve(id: string, by: Actor, note?: string): Promise<Applied | null> {
    return await this.take(id, { type: 'resolved', at: this.#now(), by, ...(note ? { note } : {}) });
  }

  async cancel(id: string, by: Actor, note?: string): Promise<Applied | null> {
    return await this.take(id, { type: 'cancelled', at: this.#now(), by, ...(note ? { note } : {}) });
  }

  /** Somebody cannot take it, or asks for the next person. @param key `targetKey` of the callee; null: everybody */
  async passOn(id: string, by: Actor, key: string | null): Promise<Applied | null> {
    return await this.take(id, { type: 'passedOn', at: this.#now(), by, key });
  }

  /** Calls were paused or resumed: wakes the escalations that do not know yet, the most severe first. */
  async meetPauseIn(work: Work, paused: boolean): Promise<void> {
    for (const id of await standOtherwise(work.sql, paused)) {
      work.enqueue({ name: 'escalation.wake', data: { id }, urgency: 10 });
    }
  }

  /** Adds to its timeline. */
  async note(id: string, entries: readonly EscalationNote[]): Promise<void> {
    await this.#transact(async (work) => {
      for (const entry of entries) await this.takeIn(work, id, { type: 'noted', at: this.#now(), entry });
    });
  }

  /** @param job is finished with it @returns null if there is no such escalation */
  async take(id: string, event: LadderEvent, job?: OwnJob): Promise<Applied | null> {
    return await this.#changes.take({ id, what: event, ...(job && { job }) });
  }

  async takeIn(work: Work, id: string, event: LadderEvent): Promise<Applied | null> {
    return await this.#changes.takeIn(work, id, event);
  }

  /** Locks an escalation until the transaction ends, and returns it as it is there; null if there is none. */
  async lookIn(work: Work, id: string): Promise<Escalation | null> {
    return await this.#changes.lookIn(work, id);
  }

  /** As it is in this transaction; null if the transaction has not locked it. */
  lockedIn(work: Work, id: string): Escalation | null {
    return this.#changes.lockedIn(work, id);
  }

  /** Passes on what a transaction has locked and read: escalations, keys that no other escalation uses, and the pause. */
  addLocked(
    work: Work,
    locked: readonly StoredEscalation[],
    keys: readonly DedupKey[],
    pause: PauseState,
  ): void {
    this.#changes.addLocked(work, locked);
    this.#changes.knowIn(work, keys, pause);
  }

  /** The next alert of its dedup key begins another escalation. */
  async freeKeyIn(work: Work, id: string): Promise<void> {
    await this.#changes.freeKeyIn(work, id);
  }

  /** Writes the changes so far, for statements of this transaction that read escalations from the database. */
  async writeIn(work: Work): Promise<void> {
    await this.#changes.writeIn(work);
  }

  /**
   * Does what is due now.
   *
   * @param dueAt the deadline of the job (epoch milliseconds); an earlier one may have replaced it
   */
  async wake(id: string, dueAt?: number, job?: OwnJob): Promise<void> {
    await this.#changes.take({
      id,
      what: { type: 'wake', at: this.#now() },
      ...(dueAt !== undefined && { dueAt }),
      ...(job && { job }),
    });
  }

  /** One of its calls has ended. */
  async callEnded(id: string, callId: string, job?: OwnJob): Promise<void> {
    await this.#changes.take({ id, what: { ended: callId }, ...(job && { job }) });
  }

  /** Wakes acknowledged escalations that have no deadline. */
  async wakeForgotten(log: Pick<Logger, 'error'>): Promise<void> {
    for (const id of await withoutAlarm(this.#sql)) {
      try {
        await this.wake(id);
      } catch (error) {
        // One failure must not stop the others, nor the clean-up after them.
        log.error({ err: error, escalationId: id }, 'could not wake an acknowledged escalation');
      }
    }
  }

  /** As this process stored it a moment ago; answers once. Only what never changes is sure to be current. */
  takeRecent(id: string): Escalation | null {
    const recent = this.#recent.get(id) ?? null;
    this.#recent.delete(id);
    return recent;
  }

  async get(id: string): Promise<Escalation | null> {
    return await loadEscalation(this.#sql, id);
  }

  /** See `loadWhole`. */
  async whole(id: string, also?: RawBuilder<unknown>): Promise<WholeEscalation | null> {
    return await loadWhole(this.#sql, id, also);
  }

  async timeline(id: string): Promise<TimelineEntry[]> {
    return await loadEscalationTimeline(this.#sql, id);
  }

  async list(query: EscalationQuery): Promise<Escalation[]> {
    return await listEscalations(this.#sql, query);
  }

  /** Its calls, the oldest first. */
  async callsOf(id: string): Promise<Call[]> {
    return await this.#calls.ofEscalation(id);
  }

  /** A call that was asked for is not placed if somebody acknowledged, resolved, stopped or passed on meanwhile. */
  async #isWanted(work: Work, call: Call): Promise<boolean> {
    if (call.purpose.kind !== 'escalate') return true;
    const escalation = await this.#changes.lookIn(work, call.purpose.escalationId);
    return escalation === null || rungsOf(escalation.ladder).some(isOn(call.id));
  }

  /** Does what a callee decided by keys. */
  async #act(work: Work, call: Call, act: KeyAct): Promise<void> {
    const { purpose, target, facts } = call;
    if (purpose.kind !== 'escalate') return;
    const id = purpose.escalationId;
    const at = this.#now();
    const by: Actor = { key: calleeIdOf(target), name: target.displayName, way: 'keys' };
    switch (act) {
      case 'acknowledge': {
        const taken = await this.takeIn(work, id, { type: 'acknowledged', at, by });
        // Somebody else was first, or it is over: this callee hears that.
        if (taken?.refused) tellOverSoon(work, id);
        return;
      }
      case 'passOn': {
        const escalation = await this.#changes.lookIn(work, id);
        const rung = escalation && rungsOf(escalation.ladder).find(isOn(call.id));
        if (rung) await this.takeIn(work, id, { type: 'passedOn', at, by, key: rung.key });
        else hangUpSoon(work, call.id);
        return;
      }
      case 'wrongPin': {
        const refused = wrongPins(facts) >= (purpose.pin?.tries ?? 0);
        const key = targetKey(target);
        await this.takeIn(work, id, { type: 'wrongPin', at, key, name: target.displayName, refused });
      }
    }
  }

  #now(): string {
    return timeNow(this.#clock);
  }
}
