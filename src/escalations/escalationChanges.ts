import type { Logger } from 'pino';
import type { Call, TimelineEntry } from '../calls/call.ts';
import { newCallId, type CallService, type PlaceCall } from '../calls/callService.ts';
import { loadCalls } from '../calls/callStore.ts';
import { view } from '../calls/lifecycle.ts';
import { readPause, type PauseState } from '../calls/pause.ts';
import { Together } from '../calls/together.ts';
import type { OwnJob } from '../database/jobStore.ts';
import { storable } from '../database/storable.ts';
import type { Transact, Work } from '../database/work.ts';
import type { Escalation } from './escalation.ts';
import {
  addingEscalationLines,
  addingEscalations,
  isRunning,
  lockEscalations,
  savingEscalations,
  writeNow,
  type DedupKey,
  type StoredEscalation,
} from './escalationStore.ts';
import { climb, type LadderEffect, type LadderEvent, type Refusal } from './ladder.ts';
import { sameWords } from './words.ts';

/** Told within the transaction that changed an escalation. Several may share it. What is written goes with its end. */
export interface EscalationListener {
  changed?(work: Work, escalation: Escalation, timeline: TimelineEntry[]): Promise<void> | void;
}

export type Taken = { escalation: Escalation; refused: Refusal | null };

/** What happens to an escalation: an event, or the end of a call of it. */
export interface Happening {
  id: string;
  what: LadderEvent | { ended: string };
  /** The deadline that has come (epoch milliseconds): an earlier one may have taken its place. */
  dueAt?: number;
  /** The job that is done once this is stored. */
  job?: OwnJob;
}

/** An escalation that a transaction has locked, as it stands in memory. */
interface Held extends StoredEscalation {
  /** As it is in the database; null if it is not there yet. */
  stored: StoredEscalation | null;
  timeline: TimelineEntry[];
}

/** What one transaction makes of escalations. */
interface Climbing {
  held: Map<string, Held>;
  /** Dedup keys that have been looked up. */
  lookedUp: Set<string | null>;
  wanted: (PlaceCall & { callId: string })[];
  pause: PauseState | null;
}

interface Parts {
  transact: Transact;
  calls: CallService;
  /** How long something waits until it is begun with. Milliseconds. */
  patienceMs?: number | undefined;
  now: () => string;
  log?: Pick<Logger, 'warn'> | undefined;
  /** Each in a transaction of its own, so that each has its own trace. */
  apart?: boolean | undefined;
  listeners: readonly EscalationListener[];
  /** As they were stored last. */
  remember: (escalation: Escalation) => void;
}

/**
 * What happens to escalations, on its way to the database. A transaction locks and reads each once, moves it in memory, places
 * the calls of all of them together, and writes everything with its last statement. What comes while one is under way
 * shares the next one, of whatever escalations it is.
 */
export class EscalationChanges {
  readonly #parts: Parts;
  readonly #queue: Together<Happening, { taken: Taken | null }>;
  readonly #climbing = new WeakMap<Work, Climbing>();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#queue = new Together({
      together: async (happenings) => await this.#commit(happenings, false),
      alone: async (happening) => await this.#alone(happening),
      what: 'what happened to escalations',
      ...{ patienceMs: parts.patienceMs, log: parts.log },
    });
  }

  /** Stores what happens to an escalation, and what follows from it. @returns null if there is no such escalation */
  async take(happening: Happening): Promise<Taken | null> {
    const { taken } = await (this.#parts.apart ? this.#alone(happening) : this.#queue.take(happening));
    return taken;
  }

  async #alone(happening: Happening): Promise<{ taken: Taken | null }> {
    const [outcome] = await this.#commit([happening], true);
    return outcome ?? { taken: null };
  }

  /**
   * @param waits for locks that others hold; a transaction that does not is never in another one's way
   * @returns for each what became of it; null for one that is to be taken alone
   */
  async #commit(
    happenings: readonly Happening[],
    waits: boolean,
  ): Promise<({ taken: Taken | null } | null)[]> {
    return await this.#parts.transact(async (work) => {
      const ids = happenings.map(({ id }) => id);
      this.holdIn(work, await lockEscalations(work.sql, ids, waits));
      const ended = happenings.flatMap(({ what }) => ('ended' in what ? [what.ended] : []));
      const calls = await loadCalls(work.sql, ended);
      const outcomes: ({ taken: Taken | null } | null)[] = [];
      for (const { id, what, dueAt, job } of happenings) {
        const held = this.#in(work).held.get(id);
        // One that somebody else holds is not told from one that is not there.
        if (!held) outcomes.push(waits ? { taken: null } : null);
        else {
          if (dueAt !== undefined && held.alarmAt !== null && Date.parse(held.alarmAt) === dueAt)
            held.alarmAt = null;
          const event = 'ended' in what ? this.#endOf(calls.get(what.ended)) : what;
          outcomes.push({ taken: event && (await this.#move(work, held, event)) });
          if (job) work.finish(job);
        }
      }
      return outcomes;
    });
  }

  /** Null if the call goes on: it was given up, and has been found again. Then its end is yet to come. */
  #endOf(call: Call | undefined): LadderEvent | null {
    if (!call) return null;
    const { status, disposition, cause, code, subCode } = view(call);
    if (status !== 'ended') return null;
    // Ringdown hung up itself. The service's code may come before this or after it, and adds nothing.
    const told = disposition === 'cancelled' ? { code: null, subCode: null } : { code, subCode };
    return {
      type: 'callEnded',
      at: this.#parts.now(),
      callId: call.id,
      end: { disposition, cause, ...told },
      ringTimeoutSeconds: call.ringTimeoutSeconds,
    };
  }

  /** The transaction has locked and read these. */
  holdIn(work: Work, locked: readonly StoredEscalation[]): void {
    const { held } = this.#in(work);
    for (const stored of locked) {
      const { id } = stored.escalation;
      if (!held.has(id)) held.set(id, { ...stored, stored, timeline: [] });
    }
  }

  /** As it stands in this transaction, if that has locked it. */
  heldIn(work: Work, id: string): Escalation | null {
    return this.#in(work).held.get(id)?.escalation ?? null;
  }

  /** As it stands in this transaction, locked until it ends; null if there is none. */
  async lookIn(work: Work, id: string): Promise<Escalation | null> {
    return (await this.#hold(work, id))?.escalation ?? null;
  }

  async takeIn(work: Work, id: string, event: LadderEvent): Promise<Taken | null> {
    const held = await this.#hold(work, id);
    return held && (await this.#move(work, held, event));
  }

  /** Nothing of these keys runs but what the transaction has locked; and this is the pause. */
  knowIn(work: Work, keys: readonly DedupKey[], pause: PauseState): void {
    const climbing = this.#in(work);
    climbing.pause = pause;
    for (const key of keys) climbing.lookedUp.add(nameOf(key));
  }

  /** The escalation that an alert of this key belongs to, locked. @param find reads it from the database */
  async runningIn(
    work: Work,
    key: DedupKey,
    find: () => Promise<StoredEscalation | null>,
  ): Promise<Escalation | null> {
    const climbing = this.#in(work);
    const name = nameOf(key);
    if (!climbing.lookedUp.has(name)) {
      const found = await find();
      if (found) this.holdIn(work, [found]);
      climbing.lookedUp.add(name);
    }
    const running = [...climbing.held.values()].find(
      ({ escalation }) => isRunning(escalation.ladder.status) && hasKey(escalation, name),
    );
    return running?.escalation ?? null;
  }

  /** Frees its dedup key: from now on an alert of that key begins another escalation. */
  async freeKeyIn(work: Work, id: string): Promise<void> {
    const held = await this.#hold(work, id);
    if (held) held.escalation = { ...held.escalation, dedupKey: null };
  }

  /** Stores a new escalation, and what follows from its start. If one of its dedup key is there that is a conflict. */
  async startIn(work: Work, escalation: Escalation): Promise<Escalation> {
    const { held } = this.#in(work);
    const name = nameOf(escalation);
    // The one that had the key before has to leave it first.
    if ([...held.values()].some(({ stored }) => stored && hasKey(stored.escalation, name)))
      await this.writeIn(work);
    const own: Held = {
      ...{ escalation, alarmAt: null, stored: null, timeline: [] },
      paused: (await this.#pauseIn(work)).paused,
    };
    held.set(escalation.id, own);
    await this.#move(work, own, { type: 'started', at: this.#parts.now() });
    return own.escalation;
  }

  /** Writes what the transaction has made of escalations so far, for those who read it in the database. */
  async writeIn(work: Work): Promise<void> {
    const { held } = this.#in(work);
    await writeNow(work.sql, partsOf(held.values()));
    for (const one of held.values()) {
      const { escalation, alarmAt, paused } = one;
      one.stored = { escalation, alarmAt, paused };
      one.timeline = [];
    }
  }

  async #hold(work: Work, id: string): Promise<Held | null> {
    const { held } = this.#in(work);
    if (!held.has(id)) this.holdIn(work, await lockEscalations(work.sql, [id], true));
    return held.get(id) ?? null;
  }

  #in(work: Work): Climbing {
    const known = this.#climbing.get(work);
    if (known) return known;
    const climbing: Climbing = { held: new Map(), lookedUp: new Set(), wanted: [], pause: null };
    this.#climbing.set(work, climbing);
    work.atEnd(async () => await this.#end(work, climbing));
    return climbing;
  }

  async #end(work: Work, { wanted, held }: Climbing): Promise<void> {
    if (wanted.length > 0) await this.#parts.calls.placeAllIn(work, wanted.splice(0));
    for (const [name, write] of partsOf(held.values())) work.last(name, write);
    for (const { escalation } of held.values()) this.#parts.remember(escalation);
  }

  async #pauseIn(work: Work): Promise<PauseState> {
    return (this.#in(work).pause ??= await readPause(work.sql));
  }

  async #move(work: Work, held: Held, event: LadderEvent): Promise<Taken> {
    const before = held.escalation;
    let escalation = before;
    // A change of the pause wakes the escalations that still have the old state. The lock makes it see this one.
    const isMet = held.paused === escalation.ladder.halted;
    const pausing = isMet ? { paused: held.paused, by: null } : await readPause(work.sql, 'share');
    const timeline: TimelineEntry[] = [];
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
    if (wakeAt && (!held.alarmAt || wakeAt < held.alarmAt)) {
      held.alarmAt = wakeAt;
      const dueAt = Date.parse(wakeAt);
      work.enqueue({ name: 'escalation.wake', data: { id: escalation.id, dueAt }, dueAt });
    }
    held.escalation = escalation;
    held.timeline.push(...timeline);
    // A call that rests in quiet hours may not have to any more.
    if (held.stored && escalation.severity !== before.severity)
      await this.#parts.calls.dialAgainIn(work, { escalationId: escalation.id });
    if (escalation.revision > before.revision) {
      for (const listener of this.#parts.listeners) await listener.changed?.(work, escalation, timeline);
    }
    return { escalation, refused: null };
  }

  /**
   * Carries out an effect, in the transaction. What changes calls that exist is left to jobs: events of calls lock the
   * call first and the escalation second, so the other way round would lock for ever.
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
        const rung = escalation.ladder.rungs.find(({ key }) => key === effect.key);
        if (!rung) return null;
        const callId = newCallId();
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

/** What is to be written of them, as parts of a statement. */
function partsOf(held: Iterable<Held>) {
  const changed = [...held].filter(isChanged);
  const lines = changed.flatMap(({ escalation: { id }, timeline }) =>
    timeline.map((entry) => ({ ...entry, escalation_id: id })),
  );
  const fresh = changed.filter(({ stored }) => stored === null);
  const known = changed.flatMap(({ stored, escalation, alarmAt }) =>
    stored ? [{ escalation, alarmAt, isReworded: !sameWords(escalation, stored.escalation) }] : [],
  );
  return [
    ...(fresh.length > 0 ? [['begun', addingEscalations(fresh)] as const] : []),
    ...(known.length > 0 ? [['climbed', savingEscalations(known)] as const] : []),
    ...(lines.length > 0 ? [['steps', addingEscalationLines(lines)] as const] : []),
  ];
}

function isChanged({ stored, escalation, alarmAt, timeline }: Held): boolean {
  return timeline.length > 0 || stored?.escalation !== escalation || stored.alarmAt !== alarmAt;
}

/** As the database has it, so that the same key is the same in memory. */
function nameOf({ source, policy, dedupKey }: DedupKey): string | null {
  return dedupKey === null ? null : JSON.stringify([storable(source), policy, storable(dedupKey)]);
}

function hasKey(key: DedupKey, name: string | null): boolean {
  return name !== null && nameOf(key) === name;
}
