import type { Call, CallEvent, Requester, Target } from '../../../src/calls/call.ts';
import { view } from '../../../src/calls/lifecycle/lifecycle.ts';
import type { Escalation } from '../../../src/escalations/escalation.ts';
import { climb } from '../../../src/escalations/ladder/climb.ts';
import type { LadderEvent, Pausing } from '../../../src/escalations/ladder/events.ts';
import { rungsOf } from '../../../src/escalations/ladder/rungs.ts';
import type { EscalationEntry } from '../../../src/escalations/timeline.ts';
import { freshLadder } from '../../../src/escalations/ladder/steps.ts';
import { callAfter } from './calls.ts';

const createdAt = '2026-03-02T03:00:00.000Z';

const ci: Requester = { kind: 'api', key: 'key:ci', name: 'ci' };

/** The people of the policy, one per step. */
export const people = ['Debra Berger', 'Nestor Wilke', 'Alex Wilber'].map((displayName, index): Target => ({
  kind: 'teamsUser',
  id: `00000000-0000-0000-0000-00000000000${index + 1}`,
  displayName,
}));

export function keyOf(target: Target | undefined): string {
  return `teamsUser:${target?.id ?? ''}`;
}

export function at(seconds: number): string {
  return new Date(Date.parse(createdAt) + seconds * 1000).toISOString();
}

export interface Story {
  escalation: Escalation;
  timeline: EscalationEntry[];
  calls: Call[];
}

/** An escalation with these events: the real decisions of the ladder, and calls that end as told. */
export class EscalationStory implements Story {
  escalation: Escalation;
  timeline: EscalationEntry[] = [];
  calls: Call[] = [];
  #seconds = 0;

  constructor(changes: Partial<Escalation> = {}) {
    this.escalation = {
      id: 'esc_1',
      policy: 'payments',
      source: 'key:ci',
      dedupKey: 'checkout',
      summary: 'Checkout errors over 5 %',
      details: 'Since 02:58; 312 failed payments.',
      severity: 'critical',
      links: [{ text: 'dashboard', href: 'https://grafana.contoso.example/d/checkout' }],
      test: false,
      language: 'en',
      voice: null,
      steps: people.map(({ id }) => ({
        targets: [{ user: id }],
        mode: 'sequence',
        tries: 1,
        pauseSeconds: 60,
      })),
      repeat: 1,
      acknowledgeTimeoutMs: 30 * 60_000,
      notify: [],
      channel: null,
      startedBy: ci,
      createdAt,
      revision: 1,
      ladder: freshLadder(),
      ...changes,
    };
    this.happens({ type: 'started', at: at(0) });
  }

  after(seconds: number): this {
    this.#seconds += seconds;
    return this;
  }

  /** Resolves the targets of the current step. Without anybody the step is skipped. */
  resolves(...targets: (Target | undefined)[]): this {
    const { runs, round, step } = this.escalation.ladder;
    const known = targets.filter((target) => target !== undefined);
    return this.happens({
      type: 'stepResolved',
      at: at(this.#seconds),
      run: runs,
      round,
      step,
      people: known.map((target) => ({ key: keyOf(target), target })),
      skipped: known.length > 0 ? [] : [{ name: 'grady@contoso.example', reason: 'noLicence' }],
      remembered: [],
    });
  }

  /** What the telephone service reports about the newest call. */
  call(...events: CallEvent[]): this {
    const last = this.calls.at(-1);
    if (!last) return this;
    const { call } = callAfter(last.purpose, events, { ...last, facts: {}, revision: 1 });
    this.calls = [...this.calls.slice(0, -1), call];
    const { disposition, cause, code, subCode } = view(call);
    if (disposition === null || cause === null) return this;
    const { ringTimeoutSeconds } = call;
    return this.happens({
      type: 'callEnded',
      at: at(this.#seconds),
      callId: call.id,
      end: { disposition, cause, code, subCode },
      ringTimeoutSeconds,
    });
  }

  /** All calls are paused. */
  paused(seconds: number, by: string): this {
    return this.happens({ type: 'wake', at: at(seconds) }, { paused: true, by });
  }

  happens(event: LadderEvent, pausing: Pausing = { paused: false, by: null }): this {
    const climbed = climb(this.escalation, event, pausing);
    this.escalation = climbed.escalation;
    this.timeline.push(...climbed.timeline);
    for (const effect of climbed.effects) {
      if (effect.kind === 'call') this.#place(effect.key);
    }
    return this;
  }

  #place(key: string): void {
    const rung = rungsOf(this.escalation.ladder).find((one) => one.key === key);
    if (!rung) return;
    const id = `call_${this.calls.length + 1}`;
    const { call } = callAfter(
      {
        kind: 'escalate',
        escalationId: this.escalation.id,
        message: this.escalation.summary,
        step: this.escalation.ladder.step,
        test: this.escalation.test,
      },
      [],
      { id, target: rung.target, createdAt: at(this.#seconds), requestedBy: { ...ci, kind: 'escalation' } },
    );
    this.calls.push(call);
    this.happens({ type: 'callPlaced', at: at(this.#seconds), key, callId: id });
  }
}
