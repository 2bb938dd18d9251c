import type { Target } from '../../calls/call.ts';
import type { Escalation, StepPeople } from '../escalation.ts';
import type { EscalationEntry } from '../timeline.ts';
import { climb } from './climb.ts';
import type { LadderEffect, LadderEvent } from './events.ts';
import { later } from './later.ts';
import { rungsOf } from './rungs.ts';

/** A call of a dry run. Times are ISO 8601, UTC. */
export interface DryCall {
  key: string;
  /** The phone that is called. */
  target: Target;
  /** Counts from 0. */
  step: number;
  /** Counts from 0. */
  round: number;
  /** When the phone begins to ring. In quiet hours that is later than the ladder asked for. */
  ringsAt: string;
  endsAt: string;
}

/** What an escalation would do if nobody answered. */
export interface DryRun {
  calls: DryCall[];
  timeline: EscalationEntry[];
  /** When each step of each round begins. Both count from 0. */
  begun: { step: number; round: number; at: string }[];
  /** When nobody is left to call; null if that is too far ahead to be computed. */
  overAt: string | null;
}

export interface Assumed {
  /** Whom each step means, in the order of the steps. */
  people: readonly StepPeople[];
  /** For steps that set none. */
  ringTimeoutSeconds: number;
  /** When a phone may ring whose call is placed at this time. Both are epoch milliseconds. */
  ringsAt: (placedAt: number) => number;
}

/**
 * A policy may call a large group many times, and each event looks at everybody in its step. This much work takes a
 * fraction of a second.
 */
const MOST_WORK = 250_000;
const WORK_OF_EVENT = 10;
const NO_ANSWER = { disposition: 'no_answer', cause: 'noAnswer', code: null, subCode: null } as const;

/**
 * Plays an escalation from its start, with the ladder that moves real ones: every call rings until its timeout, and
 * nobody acknowledges.
 */
export function dryRun(fresh: Escalation, { people, ringTimeoutSeconds, ringsAt }: Assumed): DryRun {
  const run: DryRun = { calls: [], timeline: [], begun: [], overAt: null };
  const ahead: LadderEvent[] = [{ type: 'started', at: fresh.createdAt }];
  let escalation = fresh;
  for (let work = 0; work < MOST_WORK; work += WORK_OF_EVENT + rungsOf(escalation.ladder).length) {
    const { status, wakeAt, endedAt } = escalation.ladder;
    if (status !== 'open') return { ...run, overAt: endedAt };
    const next = takeNext(wakeAt);
    if (!next) break;
    take(next);
  }
  return run;

  /** The earliest event; of several at the same time, the one that was expected first. */
  function takeNext(wakeAt: string | null): LadderEvent | undefined {
    const index = ahead.reduce((best, { at }, own) => (at < (ahead[best]?.at ?? '') ? own : best), 0);
    const first = ahead[index];
    if (wakeAt !== null && (!first || wakeAt < first.at)) return { type: 'wake', at: wakeAt };
    ahead.splice(index, 1);
    return first;
  }

  function take(event: LadderEvent): void {
    const climbed = climb(escalation, event, { paused: false, by: null });
    escalation = climbed.escalation;
    run.timeline.push(...climbed.timeline);
    for (const effect of climbed.effects) carryOut(effect, event.at);
  }

  function carryOut(effect: LadderEffect, at: string): void {
    if (effect.kind === 'resolveStep') {
      const { run: runs, round, step } = effect;
      run.begun.push({ step, round, at });
      const found = people[step] ?? { people: [], skipped: [], remembered: [] };
      ahead.push({ type: 'stepResolved', at, run: runs, round, step, ...found });
    } else if (effect.kind === 'call') {
      const { step, round } = escalation.ladder;
      const { key, ringTimeoutSeconds: seconds = ringTimeoutSeconds } = effect;
      const target = rungsOf(escalation.ladder).find((rung) => rung.key === key)?.target;
      if (!target) return;
      const callId = `call_${run.calls.length}`;
      const rings = new Date(ringsAt(Date.parse(at))).toISOString();
      const endsAt = later(rings, seconds * 1000);
      run.calls.push({ key, target, step, round, ringsAt: rings, endsAt });
      take({ type: 'callPlaced', at, key, callId });
      ahead.push({ type: 'callEnded', at: endsAt, callId, end: NO_ANSWER, ringTimeoutSeconds: seconds });
    }
  }
}
