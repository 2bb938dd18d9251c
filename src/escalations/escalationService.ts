import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import { LRUCache } from 'lru-cache';
import type { Logger } from 'pino';
import type { Call, TimelineEntry } from '../calls/call.ts';
import type { CallService } from '../calls/callService.ts';
import type { PauseState } from '../calls/pause.ts';
import { timeNow, type Clock } from '../clock.ts';
import type { Schema } from '../database/schema.ts';
import type { OwnJob } from '../database/jobStore.ts';
import type { Transact, Work } from '../database/work.ts';
import { AUTO_RESOLVE_MS } from '../config/ringdownSchema.ts';
import type { Actor, Escalation, Rung } from './escalation.ts';
import {
  EscalationChanges,
  hangUpSoon,
  tellOverSoon,
  type EscalationListener,
  type Taken,
} from './escalationChanges.ts';
import {
  dedupTurns,
  listEscalations,
  loadEscalation,
  loadEscalationTimeline,
  lockByDedupKey,
  standOtherwise,
  withoutAlarm,
  type DedupKey,
  type EscalationQuery,
  type StoredEscalation,
} from './escalationStore.ts';
import { freshLadder, type LadderEvent } from './ladder.ts';
import { wordsOf } from './words.ts';

export type { EscalationListener, Taken } from './escalationChanges.ts';

/** All that does not change while it runs. A test is never joined with a real alert: it has no dedup key. */
export type StartEscalation = Omit<Escalation, 'id' | 'createdAt' | 'revision' | 'ladder' | 'autoResolveMs'>;

/** The keys that mean something to an escalation, as the service names them. (Three repeats: see lifecycle.ts.) */
const KEYS = { acknowledge: 'one', passOn: 'two' };

/** Starts escalations and moves them, together with the calls that they place. */
export class EscalationService {
  readonly #sql: Kysely<Schema>;
  readonly #transact: Transact;
  readonly #changes: EscalationChanges;
  /** As they were stored last, for the job that follows at once. */
  readonly #recent = new LRUCache<string, Escalation>({ max: 1_000 });
  readonly #calls: CallService;
  readonly #clock: Clock;
  readonly #autoResolveMs: () => number;
  readonly #listeners: EscalationListener[] = [];

  constructor(parts: {
    sql: Kysely<Schema>;
    transact: Transact;
    calls: CallService;
    clock: Clock;
    /** What `autoResolve` of ringdown.yaml is now: of those that start. */
    autoResolveMs?: () => number;
    /** How long something waits until it is begun with. Milliseconds. */
    patienceMs?: number;
    log?: Pick<Logger, 'warn'>;
    /** What happens to escalations has a transaction each, and so its own trace. */
    apart?: boolean;
  }) {
    this.#sql = parts.sql;
    this.#transact = parts.transact;
    this.#calls = parts.calls;
    this.#clock = parts.clock;
    this.#autoResolveMs = parts.autoResolveMs ?? (() => AUTO_RESOLVE_MS);
    const { transact, calls, patienceMs, log, apart } = parts;
    this.#changes = new EscalationChanges({
      ...{ transact, calls, patienceMs, log, apart, listeners: this.#listeners },
      now: () => this.#now(),
      remember: (escalation) => void this.#recent.set(escalation.id, escalation),
    });
    calls.listen({
      mayDial: async (work, call) => await this.#isWanted(work, call),
      ended: (work, { id, purpose }) => {
        if (purpose.kind !== 'escalate') return;
        const data = { id: purpose.escalationId, callId: id };
        work.enqueue({ name: 'escalation.callEnded', data });
      },
      keys: async (work, call, tones) => await this.#keys(work, call, tones),
    });
  }

  listen(listener: EscalationListener): void {
    this.#listeners.push(listener);
  }

  /** Starts an escalation, or joins the one that the same alert runs already. `also` is stored with a new one. */
  async start(
    request: StartEscalation,
    also?: (work: Work, escalation: Escalation) => Promise<void>,
  ): Promise<{ escalation: Escalation; joined: boolean }> {
    return await this.#transact(async (work) => await this.startIn(work, request, also), dedupTurns(request));
  }

  async startIn(
    work: Work,
    request: StartEscalation,
    also?: (work: Work, escalation: Escalation) => Promise<void>,
  ): Promise<{ escalation: Escalation; joined: boolean }> {
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

  /** The one that an alert of this key joins. What is due comes first: it may be at its end. */
  async #runningIn(work: Work, key: DedupKey): Promise<Escalation | null> {
    const find = async (): Promise<StoredEscalation | null> => await lockByDedupKey(work.sql, key);
    const running = await this.#changes.runningIn(work, key, find);
    const wakeAt = running?.ladder.wakeAt ?? null;
    if (!running || wakeAt === null || wakeAt > this.#now()) return running;
    await this.#changes.takeIn(work, running.id, { type: 'wake', at: this.#now() });
    return await this.#changes.runningIn(work, key, find);
  }

  async acknowledge(id: string, by: Actor, note?: string): Promise<Taken | null> {
    return await this.take(id, { type: 'acknowledged', at: this.#now(), by, ...(note ? { note } : {}) });
  }

  async resolve(id: string, by: Actor, note?: string): Promise<Taken | null> {
    return await this.take(id, { type: 'resolved', at: this.#now(), by, ...(note ? { note } : {}) });
  }

  async cancel(id: string, by: Actor, note?: string): Promise<Taken | null> {
    return await this.take(id, { type: 'cancelled', at: this.#now(), by, ...(note ? { note } : {}) });
  }

  /** Somebody cannot take it (`key` names their rung: `targetKey` of callStore.ts), or asks for the next person (null). */
  async passOn(id: string, by: Actor, key: string | null): Promise<Taken | null> {
    return await this.take(id, { type: 'passedOn', at: this.#now(), by, key });
  }

  /** The pause has begun or ended: those that it has not met yet are to meet it, the most severe first. */
  async meetPauseIn(work: Work, paused: boolean): Promise<void> {
    for (const id of await standOtherwise(work.sql, paused)) {
      work.enqueue({ name: 'escalation.wake', data: { id }, urgency: 10 });
    }
  }

  /** Adds to its timeline what moves nothing. */
  async note(id: string, entries: Omit<TimelineEntry, 'at'>[]): Promise<void> {
    await this.#transact(async (work) => {
      for (const entry of entries) await this.takeIn(work, id, { type: 'noted', at: this.#now(), entry });
    });
  }

  /** @param job that is done with it. @returns null if there is no such escalation */
  async take(id: string, event: LadderEvent, job?: OwnJob): Promise<Taken | null> {
    return await this.#changes.take({ id, what: event, ...(job && { job }) });
  }

  async takeIn(work: Work, id: string, event: LadderEvent): Promise<Taken | null> {
    return await this.#changes.takeIn(work, id, event);
  }

  /** As it stands in this transaction, locked until it ends; null if there is none. */
  async lookIn(work: Work, id: string): Promise<Escalation | null> {
    return await this.#changes.lookIn(work, id);
  }

  /** As it stands in this transaction, if that has locked it. */
  heldIn(work: Work, id: string): Escalation | null {
    return this.#changes.heldIn(work, id);
  }

  /** What a transaction has locked and read: escalations, dedup keys under which nothing else runs, and the pause. */
  holdIn(
    work: Work,
    locked: readonly StoredEscalation[],
    keys: readonly DedupKey[],
    pause: PauseState,
  ): void {
    this.#changes.holdIn(work, locked);
    this.#changes.knowIn(work, keys, pause);
  }

  /** From now on an alert of its dedup key begins another escalation. */
  async freeKeyIn(work: Work, id: string): Promise<void> {
    await this.#changes.freeKeyIn(work, id);
  }

  /** Writes what the transaction has made of escalations so far, for those who read it in the database. */
  async writeIn(work: Work): Promise<void> {
    await this.#changes.writeIn(work);
  }

  /**
   * Looks how things stand now.
   *
   * @param dueAt the deadline that has come (epoch milliseconds), if one has: an earlier one may have taken its place
   */
  async wake(id: string, dueAt?: number, job?: OwnJob): Promise<void> {
    await this.#changes.take({
      ...{ id, what: { type: 'wake', at: this.#now() } },
      ...(dueAt !== undefined && { dueAt }),
      ...(job && { job }),
    });
  }

  /** A call of it has ended. */
  async callEnded(id: string, callId: string, job?: OwnJob): Promise<void> {
    await this.#changes.take({ id, what: { ended: callId }, ...(job && { job }) });
  }

  /** Looks at what is acknowledged and would be looked at by no deadline. */
  async wakeForgotten(log: Pick<Logger, 'error'>): Promise<void> {
    for (const id of await withoutAlarm(this.#sql)) {
      try {
        await this.wake(id);
      } catch (error) {
        // One must not keep the others waiting, nor what is swept after them.
        log.error({ err: error, escalationId: id }, 'an acknowledged escalation could not be looked at');
      }
    }
  }

  /** As this process stored it a moment ago, once: what does not change while it runs is still so. */
  takeRecent(id: string): Escalation | null {
    const recent = this.#recent.get(id) ?? null;
    this.#recent.delete(id);
    return recent;
  }

  async get(id: string): Promise<Escalation | null> {
    return await loadEscalation(this.#sql, id);
  }

  async timeline(id: string): Promise<TimelineEntry[]> {
    return await loadEscalationTimeline(this.#sql, id);
  }

  async list(query: EscalationQuery): Promise<Escalation[]> {
    return await listEscalations(this.#sql, query);
  }

  /** The calls that it has placed, oldest first. */
  async callsOf(id: string): Promise<Call[]> {
    return await this.#calls.ofEscalation(id);
  }

  /** Nobody is called any more once it was taken, resolved, stopped or passed on, not even a moment later. */
  async #isWanted(work: Work, call: Call): Promise<boolean> {
    if (call.purpose.kind !== 'escalate') return true;
    const escalation = await this.#changes.lookIn(work, call.purpose.escalationId);
    return escalation?.ladder.rungs.some(isCalledBy(call)) ?? true;
  }

  async #keys(work: Work, call: Call, tones: string[]): Promise<void> {
    if (call.purpose.kind !== 'escalate') return;
    const id = call.purpose.escalationId;
    const by: Actor = { key: call.target.id, name: call.target.displayName, way: 'keys' };
    for (const tone of tones) {
      if (tone === KEYS.acknowledge) {
        const taken = await this.takeIn(work, id, { type: 'acknowledged', at: this.#now(), by });
        // Somebody else was first, or it is over: this callee hears that too.
        if (taken?.refused) tellOverSoon(work, id);
      } else if (tone === KEYS.passOn) {
        const rung = (await this.#changes.lookIn(work, id))?.ladder.rungs.find(isCalledBy(call));
        if (rung) await this.takeIn(work, id, { type: 'passedOn', at: this.#now(), by, key: rung.key });
        else hangUpSoon(work, call.id);
      }
    }
  }

  #now(): string {
    return timeNow(this.#clock);
  }
}

function isCalledBy(call: Call): (rung: Rung) => boolean {
  return ({ state, callId }) => state === 'calling' && callId === call.id;
}
