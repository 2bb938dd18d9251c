import { randomUUID } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Call, TimelineEntry } from '../calls/call.ts';
import type { CallService } from '../calls/callService.ts';
import { view } from '../calls/lifecycle.ts';
import { readPause } from '../calls/pause.ts';
import type { Clock } from '../clock.ts';
import type { Schema } from '../database/schema.ts';
import type { Transact, Work } from '../database/work.ts';
import { AUTO_RESOLVE_MS } from '../config/ringdownSchema.ts';
import type { Actor, Escalation, Rung } from './escalation.ts';
import {
  addEscalationTimeline,
  dedupTurns,
  insertEscalation,
  listEscalations,
  loadEscalation,
  loadEscalationTimeline,
  lockByDedupKey,
  lockEscalation,
  rewriteEscalation,
  saveEscalation,
  standOtherwise,
  withoutAlarm,
  type EscalationQuery,
  type StoredEscalation,
} from './escalationStore.ts';
import { climb, freshLadder, type LadderEffect, type LadderEvent, type Refusal } from './ladder.ts';
import { sameWords, wordsOf } from './words.ts';

/** All that does not change while it runs. A test is never joined with a real alert: it has no dedup key. */
export type StartEscalation = Omit<Escalation, 'id' | 'createdAt' | 'revision' | 'ladder' | 'autoResolveMs'>;

/** Told within the transaction that changed an escalation. */
export interface EscalationListener {
  changed?(work: Work, escalation: Escalation, timeline: TimelineEntry[]): Promise<void> | void;
}

export type Taken = { escalation: Escalation; refused: Refusal | null };

/** The keys that mean something to an escalation, as the service names them. (Three repeats: see lifecycle.ts.) */
const KEYS = { acknowledge: 'one', passOn: 'two' };

/** Starts escalations and moves them: one transaction each, together with the calls that it places. */
export class EscalationService {
  readonly #sql: Kysely<Schema>;
  readonly #transact: Transact;
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
  }) {
    this.#sql = parts.sql;
    this.#transact = parts.transact;
    this.#calls = parts.calls;
    this.#clock = parts.clock;
    this.#autoResolveMs = parts.autoResolveMs ?? (() => AUTO_RESOLVE_MS);
    parts.calls.listen({
      mayDial: async (work, call) => await this.#isWanted(work, call),
      ended: async (work, call) => await this.#callEnded(work, call),
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
    const { source, policy } = request;
    const dedupKey = request.test ? null : request.dedupKey;
    const find = async (): Promise<StoredEscalation | null> =>
      dedupKey ? await lockByDedupKey(work.sql, { source, policy, dedupKey }) : null;
    let running = await find();
    const wakeAt = running?.escalation.ladder.wakeAt ?? null;
    if (running && wakeAt !== null && wakeAt <= this.#now()) {
      // What is due comes first: it may be at its end.
      await this.#apply(work, running, { type: 'wake', at: this.#now() });
      running = await find();
    }
    if (running) {
      const again: LadderEvent = { type: 'joined', at: this.#now(), words: wordsOf(request) };
      const { escalation } = await this.#apply(work, running, again);
      return { escalation, joined: true };
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
    // Another sender was first, just now: its escalation is the one to join.
    if (!(await insertEscalation(work.sql, escalation))) return await this.startIn(work, request, also);
    await also?.(work, escalation);
    const started = await this.#apply(
      work,
      { escalation, alarmAt: null, paused: (await readPause(work.sql)).paused },
      { type: 'started', at: this.#now() },
    );
    return { escalation: started.escalation, joined: false };
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
      work.enqueue({ name: 'escalation.wake', data: { id }, priority: 10 });
    }
  }

  /** Adds to its timeline what moves nothing. */
  async note(id: string, entries: Omit<TimelineEntry, 'at'>[]): Promise<void> {
    await this.#transact(async (work) => {
      for (const entry of entries) await this.takeIn(work, id, { type: 'noted', at: this.#now(), entry });
    });
  }

  /** @returns null if there is no such escalation */
  async take(id: string, event: LadderEvent): Promise<Taken | null> {
    return await this.#transact(async (work) => await this.takeIn(work, id, event));
  }

  async takeIn(work: Work, id: string, event: LadderEvent): Promise<Taken | null> {
    const stored = await lockEscalation(work.sql, id);
    return stored ? await this.#apply(work, stored, event) : null;
  }

  /**
   * Looks how things stand now.
   *
   * @param dueAt the deadline that has come (epoch milliseconds), if one has: an earlier one may have taken its place
   */
  async wake(id: string, dueAt?: number): Promise<void> {
    await this.#transact(async (work) => {
      const stored = await lockEscalation(work.sql, id);
      if (!stored) return;
      const isThis = stored.alarmAt !== null && Date.parse(stored.alarmAt) === dueAt;
      const alarmAt = isThis ? null : stored.alarmAt;
      await this.#apply(work, { ...stored, alarmAt }, { type: 'wake', at: this.#now() });
    });
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

  async #apply(work: Work, stored: StoredEscalation, event: LadderEvent): Promise<Taken> {
    let { escalation } = stored;
    // A change of the pause wakes the escalations that still have the old state. The lock makes it see this one.
    const isMet = stored.paused === escalation.ladder.halted;
    const pausing = isMet ? { paused: stored.paused, by: null } : await readPause(work.sql, 'share');
    const timeline: TimelineEntry[] = [];
    const queue: LadderEvent[] = [event];
    let refused: Refusal | null = null;
    for (let next = queue.shift(); next; next = queue.shift()) {
      const climbed = climb(escalation, next, pausing);
      escalation = climbed.escalation;
      timeline.push(...climbed.timeline);
      if (next === event) refused = climbed.refused;
      for (const effect of climbed.effects) {
        const placed = await this.#perform(work, escalation, effect);
        if (placed) queue.push(placed);
      }
    }
    if (refused) return { escalation, refused };

    let { alarmAt } = stored;
    const { wakeAt } = escalation.ladder;
    if (wakeAt && (!alarmAt || wakeAt < alarmAt)) {
      alarmAt = wakeAt;
      const dueAt = Date.parse(wakeAt);
      work.enqueue({ name: 'escalation.wake', data: { id: escalation.id, dueAt }, dueAt });
    }
    await saveEscalation(work.sql, { escalation, alarmAt });
    if (!sameWords(escalation, stored.escalation))
      await rewriteEscalation(work.sql, escalation.id, escalation);
    // A call that rests in quiet hours may not have to any more.
    if (escalation.severity !== stored.escalation.severity)
      await this.#calls.dialAgainIn(work, { escalationId: escalation.id });
    await addEscalationTimeline(work.sql, escalation.id, timeline);
    if (escalation.revision > stored.escalation.revision) {
      for (const listener of this.#listeners) await listener.changed?.(work, escalation, timeline);
    }
    return { escalation, refused };
  }

  /**
   * Carries out an effect, in the transaction. What changes calls that exist is left to jobs: events of calls lock the
   * call first and the escalation second, so the other way round would lock for ever.
   */
  async #perform(work: Work, escalation: Escalation, effect: LadderEffect): Promise<LadderEvent | null> {
    const { id } = escalation;
    switch (effect.kind) {
      case 'resolveStep': {
        const { run, round, step } = effect;
        work.enqueue({ name: 'escalation.resolveStep', data: { id, run, round, step }, priority: 10 });
        return null;
      }
      case 'call': {
        const rung = escalation.ladder.rungs.find(({ key }) => key === effect.key);
        if (!rung) return null;
        const { call } = await this.#calls.placeIn(work, {
          target: rung.target,
          requestedBy: { kind: 'escalation', key: id, name: escalation.startedBy.name },
          purpose: {
            kind: 'escalate',
            escalationId: id,
            message: escalation.summary,
            step: escalation.ladder.step,
            test: escalation.test,
            ...(escalation.voice !== null && { voice: escalation.voice }),
          },
          language: escalation.language,
          ...(effect.ringTimeoutSeconds ? { ringTimeoutSeconds: effect.ringTimeoutSeconds } : {}),
          requestKey: `${id}/${effect.attempt}`,
        });
        return { type: 'callPlaced', at: this.#now(), key: effect.key, callId: call.id };
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

  /** Nobody is called any more once it was taken, resolved, stopped or passed on, not even a moment later. */
  async #isWanted(work: Work, call: Call): Promise<boolean> {
    if (call.purpose.kind !== 'escalate') return true;
    const stored = await lockEscalation(work.sql, call.purpose.escalationId);
    return stored?.escalation.ladder.rungs.some(isCalledBy(call)) ?? true;
  }

  async #callEnded(work: Work, call: Call): Promise<void> {
    if (call.purpose.kind !== 'escalate') return;
    const { disposition, cause, code, subCode } = view(call);
    await this.takeIn(work, call.purpose.escalationId, {
      type: 'callEnded',
      at: this.#now(),
      callId: call.id,
      end: { disposition, cause, code, subCode },
      ringTimeoutSeconds: call.ringTimeoutSeconds,
    });
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
        const stored = await lockEscalation(work.sql, id);
        const rung = stored?.escalation.ladder.rungs.find(isCalledBy(call));
        if (stored && rung)
          await this.#apply(work, stored, { type: 'passedOn', at: this.#now(), by, key: rung.key });
        else hangUpSoon(work, call.id);
      }
    }
  }

  #now(): string {
    return new Date(this.#clock.now()).toISOString();
  }
}

function isCalledBy(call: Call): (rung: Rung) => boolean {
  return ({ state, callId }) => state === 'calling' && callId === call.id;
}

function hangUpSoon(work: Work, callId: string): void {
  work.enqueue({ name: 'escalation.hangUp', data: { callId }, priority: 20 });
}

function tellOverSoon(work: Work, id: string): void {
  work.enqueue({ name: 'escalation.tellOver', data: { id }, priority: 20 });
}
