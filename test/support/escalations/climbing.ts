import type { Cause, Disposition, Target } from '../../../src/calls/call.ts';
import { isMobile } from '../../../src/calls/callee.ts';
import type {
  Actor,
  Escalation,
  FrozenStep,
  Ladder,
  StepPeople,
  WithoutWay,
} from '../../../src/escalations/escalation.ts';
import { climb } from '../../../src/escalations/ladder/climb.ts';
import type { LadderEffect, LadderEvent, Refusal } from '../../../src/escalations/ladder/events.ts';
import { rungsOf } from '../../../src/escalations/ladder/rungs.ts';
import type { EscalationEntry } from '../../../src/escalations/timeline.ts';
import { freshLadder } from '../../../src/escalations/ladder/steps.ts';

/**
 * The ladder in a pure world: people who follow a script, calls that end, and time. Times are whole seconds since the
 * start.
 */

const START = Date.parse('2026-05-04T03:00:00.000Z');
const RING_TIMEOUT = 45;

export const at = (seconds: number): string => new Date(START + seconds * 1000).toISOString();
export const secondsOf = (time: string): number => (Date.parse(time) - START) / 1000;

export type End =
  'declined' | 'busy' | 'unreachable' | 'notAllowed' | 'noAnswer' | 'answered' | 'failed' | 'unknown';

const ends: Record<End, { disposition: Disposition; cause: Cause }> = {
  declined: { disposition: 'declined', cause: 'declined' },
  busy: { disposition: 'busy', cause: 'busy' },
  unreachable: { disposition: 'unreachable', cause: 'notRegistered' },
  notAllowed: { disposition: 'not_allowed', cause: 'forbidden' },
  noAnswer: { disposition: 'no_answer', cause: 'noAnswer' },
  answered: { disposition: 'answered', cause: 'answeredNotAcknowledged' },
  failed: { disposition: 'failed', cause: 'serviceFault' },
  unknown: { disposition: 'failed', cause: 'outcomeUnknown' },
};

/** How one call ends, and after how many seconds. */
export interface Fate {
  end: End;
  after: number;
}

/** Seconds until the end, if a story does not say. */
const usual: Record<End, number> = {
  declined: 5,
  busy: 1,
  unreachable: 1,
  notAllowed: 1,
  noAnswer: RING_TIMEOUT,
  answered: 60,
  failed: 1,
  unknown: 30,
};

export const actor = (name: string, way: Actor['way'] = 'card'): Actor => ({
  key: name.toLowerCase(),
  name,
  way,
});

export const step = (targets: string, more: Partial<FrozenStep> = {}): FrozenStep => ({
  targets: targets.split(' ').map((user) => ({ user })),
  mode: 'sequence',
  tries: 1,
  pauseSeconds: 0,
  ...more,
});

function escalationOf(policy: Partial<Escalation> & { steps: FrozenStep[] }): Escalation {
  return {
    id: 'esc_1',
    policy: 'payments',
    source: 'ci',
    dedupKey: null,
    summary: 'Checkout is down',
    details: null,
    severity: 'critical',
    links: [],
    test: false,
    language: 'en',
    voice: null,
    repeat: 0,
    acknowledgeTimeoutMs: null,
    notify: [],
    channel: null,
    startedBy: { kind: 'api', key: 'ci', name: 'ci' },
    createdAt: at(0),
    revision: 1,
    ladder: freshLadder(),
    ...policy,
  };
}

interface PlacedCall {
  id: string;
  name: string;
  /** At the person's mobile, not in Teams. */
  mobile: boolean;
  where: { run: number; round: number; step: number };
  from: number;
  to: number | null;
  fate: Fate;
  /** How it really ended: it may be hung up earlier. */
  ended: End | 'cancelled' | null;
}

export class Climbing {
  escalation: Escalation;
  now = 0;
  paused = false;
  /** What happened, in words: "0 call Adele". */
  readonly told: string[] = [];
  readonly calls: PlacedCall[] = [];
  readonly refusals: (Refusal | null)[] = [];
  readonly timeline: string[] = [];
  readonly notes: EscalationEntry[] = [];
  /** Every effect, with the ladder after its event. */
  readonly effects: { effect: LadderEffect; at: number; ladder: Ladder; paused: boolean }[] = [];
  /** After every event: whether all calls were paused, and the ladder. */
  readonly stood: { paused: boolean; ladder: Ladder }[] = [];
  readonly #resolved: LadderEvent[] = [];
  readonly #queue: { at: number; seq: number; event: () => LadderEvent | null }[] = [];
  #seq = 0;
  readonly #fate: (name: string, nth: number) => Fate | End;
  readonly #nobody: ReadonlySet<string>;
  readonly #noMobile: ReadonlySet<string>;
  readonly #resolveAfter: number | null;

  constructor(
    policy: Partial<Escalation> & { steps: FrozenStep[] },
    people: {
      /** How the nth call to a phone ends (from 1). Phones have the names `Adele` and `Adele's mobile`. */
      fate?: (name: string, nth: number) => Fate | End;
      /** People who cannot be found. */
      nobody?: string[];
      /** People who have no mobile. */
      noMobile?: string[];
      /** Seconds until the targets of a step are resolved; null: never. */
      resolveAfter?: number | null;
    } = {},
  ) {
    this.escalation = escalationOf(policy);
    this.#fate = people.fate ?? (() => 'noAnswer');
    this.#nobody = new Set(people.nobody);
    this.#noMobile = new Set(people.noMobile);
    this.#resolveAfter = people.resolveAfter === undefined ? 0 : people.resolveAfter;
    this.take({ type: 'started', at: at(0) });
  }

  /** An event at a time; none if it is null then. */
  when(seconds: number, event: () => LadderEvent | null): this {
    this.#queue.push({ at: seconds, seq: (this.#seq += 1), event });
    return this;
  }

  acknowledge(seconds: number, name: string, way: Actor['way'] = 'card'): this {
    return this.when(seconds, () => ({ type: 'acknowledged', at: at(seconds), by: actor(name, way) }));
  }

  resolve(seconds: number, name = 'prometheus'): this {
    return this.when(seconds, () => ({ type: 'resolved', at: at(seconds), by: actor(name, 'sender') }));
  }

  cancel(seconds: number, name = 'Megan'): this {
    return this.when(seconds, () => ({ type: 'cancelled', at: at(seconds), by: actor(name, 'chat') }));
  }

  join(seconds: number): this {
    return this.when(seconds, () => ({ type: 'joined', at: at(seconds) }));
  }

  /** `who` cannot take it; null: the next person, please. */
  passOn(seconds: number, who: string | null, by = who ?? 'Megan'): this {
    return this.when(seconds, () => ({ type: 'passedOn', at: at(seconds), by: actor(by), key: who }));
  }

  /** All calls are paused. `unseen`: nothing wakes the ladder, so it notices at its next event. */
  pause(seconds: number, unseen = false): this {
    return this.when(seconds, () => {
      this.paused = true;
      return unseen ? null : { type: 'wake', at: at(seconds) };
    });
  }

  resume(seconds: number): this {
    return this.when(seconds, () => {
      this.paused = false;
      return { type: 'wake', at: at(seconds) };
    });
  }

  /** Waits so many seconds for more alerts. */
  bundle(seconds: number, forSeconds: number): this {
    return this.when(seconds, () => ({ type: 'bundled', at: at(seconds), until: at(seconds + forSeconds) }));
  }

  /** Runs until nothing is left to happen. */
  run(limit = 50_000): this {
    for (let count = 0; ; count++) {
      if (count > limit) throw new RangeError('it never ends');
      this.#queue.sort((a, b) => a.at - b.at || a.seq - b.seq);
      const next = this.#queue.shift();
      if (!next) return this;
      this.now = Math.max(this.now, next.at);
      const event = next.event();
      if (event) this.take(event);
    }
  }

  take(event: LadderEvent): void {
    const climbed = climb(this.escalation, event, { paused: this.paused, by: 'ops' });
    const before = this.escalation.ladder.status;
    this.escalation = climbed.escalation;
    const { status, wakeAt } = climbed.escalation.ladder;
    this.stood.push({ paused: this.paused, ladder: climbed.escalation.ladder });
    this.refusals.push(climbed.refused);
    if (climbed.refused) this.told.push(`${this.now} refused: ${climbed.refused}`);
    if (event.type === 'acknowledged' && !climbed.refused && status !== before) {
      this.told.push(`${this.now} acknowledged by ${event.by.name}`);
    }
    if (status !== before && status !== 'acknowledged') this.told.push(`${this.now} ${status}`);
    for (const { type } of climbed.timeline) this.timeline.push(type);
    this.notes.push(...climbed.timeline);
    for (const effect of climbed.effects) {
      this.effects.push({ effect, at: this.now, ladder: climbed.escalation.ladder, paused: this.paused });
      this.#carryOut(effect);
    }
    if (wakeAt) this.when(secondsOf(wakeAt), () => ({ type: 'wake', at: at(this.now) }));
  }

  #carryOut(effect: LadderEffect): void {
    const { escalation } = this;
    switch (effect.kind) {
      case 'resolveStep': {
        const { run, round, step: index } = effect;
        if (this.#resolveAfter === null) return;
        this.when(this.now + this.#resolveAfter, () => {
          const place = { run, round, step: index };
          const event: LadderEvent = {
            type: 'stepResolved',
            at: at(this.now),
            ...place,
            ...this.#peopleOf(index),
          };
          this.#resolved.push(event);
          return event;
        });
        return;
      }
      case 'call': {
        const target = rungsOf(escalation.ladder).find(({ key }) => key === effect.key)?.target;
        const name = target?.displayName ?? effect.key;
        const mobile = target !== undefined && isMobile(target);
        const phone = mobile ? `${name}'s mobile` : name;
        const nth = this.calls.filter((call) => call.name === name && call.mobile === mobile).length + 1;
        const given = this.#fate(phone, nth);
        const fate = typeof given === 'string' ? { end: given, after: usual[given] } : given;
        const { runs, round, step: index } = escalation.ladder;
        const id = `call_${this.calls.length + 1}`;
        const call: PlacedCall = {
          id,
          name,
          mobile,
          where: { run: runs, round, step: index },
          from: this.now,
          to: null,
          fate,
          ended: null,
        };
        this.calls.push(call);
        this.told.push(`${this.now} call ${phone}`);
        this.take({ type: 'callPlaced', at: at(this.now), key: effect.key, callId: id });
        this.when(this.now + fate.after, () => this.#end(call, fate.end));
        return;
      }
      case 'hangUp':
        for (const id of effect.callIds) {
          const call = this.calls.find((one) => one.id === id);
          if (call) this.when(this.now + 1, () => this.#end(call, 'cancelled'));
        }
        return;
      case 'tellOver':
        this.told.push(`${this.now} tell that it is over`);
        for (const call of this.calls) this.when(this.now + 2, () => this.#end(call, 'cancelled'));
        return;
      case 'tellExhausted':
        this.told.push(`${this.now} tell that nobody acknowledged`);
    }
  }

  /** Reports the end of an ended call again. */
  endedAgain(index: number): LadderEvent | null {
    const over = this.calls.filter(({ to }) => to !== null);
    const call = over[index % Math.max(1, over.length)];
    return call?.ended ? this.#ended(call, call.ended) : null;
  }

  /** Repeats an earlier answer. */
  resolvedAgain(index: number): LadderEvent | null {
    const event = this.#resolved[index % Math.max(1, this.#resolved.length)];
    return event ? { ...event, at: at(this.now) } : null;
  }

  #peopleOf(index: number): StepPeople {
    const people: StepPeople['people'] = [];
    const skipped: StepPeople['skipped'] = [];
    const without: WithoutWay[] = [];
    const { targets = [], ways = ['teams'] } = this.escalation.steps[index] ?? {};
    for (const spec of targets) {
      const name = 'user' in spec ? spec.user : '';
      const lacks = this.#noMobile.has(name) && ways.includes('mobile');
      const phones = ways.flatMap((way) =>
        way === 'teams' ? [targetOf(name)] : lacks ? [] : [mobileOf(name)],
      );
      const [target] = phones;
      if (this.#nobody.has(name)) skipped.push({ name, reason: 'notFound' });
      else if (!target) skipped.push({ name, reason: 'noMobile' });
      else {
        people.push({ key: name, target, ...(phones.length > 1 && { phones }) });
        if (lacks) without.push({ name, way: 'mobile', reason: 'noMobile' });
      }
    }
    return { people, skipped, without, remembered: [] };
  }

  #end(call: PlacedCall, end: End | 'cancelled'): LadderEvent | null {
    if (call.to !== null) return null;
    call.to = this.now;
    call.ended = end;
    return this.#ended(call, end);
  }

  #ended(call: PlacedCall, end: End | 'cancelled'): LadderEvent {
    const { disposition, cause } =
      end === 'cancelled'
        ? ({ disposition: 'cancelled', cause: 'cancelledByEscalation' } as const)
        : ends[end];
    return {
      type: 'callEnded',
      at: at(this.now),
      callId: call.id,
      end: { disposition, cause, code: null, subCode: null },
      ringTimeoutSeconds: RING_TIMEOUT,
    };
  }
}

export function mobileOf(name: string): Target {
  return { kind: 'phone', id: `+49${name}`, displayName: name, personId: name.toLowerCase() };
}

export function targetOf(name: string): Target {
  return { kind: 'teamsUser', id: name.toLowerCase(), displayName: name };
}
