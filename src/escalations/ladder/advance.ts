import { isMobile } from '../../calls/callee.ts';
import type { Escalation, FrozenStep, Ladder, Rung } from '../escalation.ts';
import { unresolvedUntil } from './endings.ts';
import type { Out } from './events.ts';
import { later } from './later.ts';
import { nthCall } from './phones.ts';
import { inState, rungsOf } from './rungs.ts';
import { ask, beginStep, MAX_ASKED } from './steps.ts';

type Calling = Extract<Ladder['phase'], { kind: 'calling' }>;

/** Goes on as far as possible without waiting, and sets when to wake. */
export function advance(escalation: Escalation, ladder: Ladder, out: Out): Ladder {
  if (ladder.status === 'acknowledged') {
    const { callsAgain, closes } = unresolvedUntil(escalation, ladder);
    const [wakeAt = null] = [callsAgain, closes].filter((time) => time !== null).toSorted();
    return { ...ladder, wakeAt };
  }
  if (ladder.status !== 'open' || ladder.halted) return { ...ladder, wakeAt: null };
  const { bundledUntil, phase } = ladder;
  if (bundledUntil !== undefined && bundledUntil > out.at) return { ...ladder, wakeAt: bundledUntil };
  const step = escalation.steps[ladder.step];
  if (!step) return exhausted(ladder, out);
  switch (phase.kind) {
    case 'over':
      return { ...ladder, wakeAt: null };
    case 'resolving':
      if (phase.until !== null && phase.until > out.at) return { ...ladder, wakeAt: phase.until };
      if (phase.asked < MAX_ASKED) return advance(escalation, ask(ladder, phase.asked, out), out);
      out.note({ type: 'notFoundOut', data: { step: ladder.step + 1 } });
      return advance(escalation, { ...ladder, phase: { kind: 'calling', rungs: [] } }, out);
    case 'pausing':
      return phase.until <= out.at ? nextStep(escalation, ladder, out) : { ...ladder, wakeAt: phase.until };
    case 'calling': {
      const rungs = callThoseDue(ladder, phase, step, out);
      const calledInRound = ladder.calledInRound || rungs.some(({ state }) => state === 'calling');
      const called: Ladder = { ...ladder, calledInRound, phase: { kind: 'calling', rungs } };
      if (rungs.some((rung) => rung.state !== 'done'))
        return { ...called, wakeAt: nextTry(called, rungs, out.at) };
      if (step.pauseSeconds > 0 && rungs.length > 0 && goesOn(escalation, called)) {
        out.note({ type: 'pausing', data: { seconds: step.pauseSeconds } });
        const until = later(out.at, step.pauseSeconds * 1000);
        return { ...called, phase: { kind: 'pausing', rungs, until }, wakeAt: until };
      }
      return nextStep(escalation, called, out);
    }
  }
}

/** Calls the people whose turn it is. @returns the rungs afterwards */
function callThoseDue(ladder: Ladder, { rungs }: Calling, step: FrozenStep, out: Out): Rung[] {
  const due = step.mode === 'parallel' ? rungs.filter(isDue) : firstInTurn();
  for (const rung of due) {
    const { key, target, tries } = rung;
    out.effects.push({
      kind: 'call',
      key,
      attempt: [ladder.runs, ladder.round, ladder.step, key, tries].join('/'),
      ringTimeoutSeconds: step.ringTimeoutSeconds,
    });
    out.note({
      type: 'calling',
      data: {
        name: target.displayName,
        ...(isMobile(target) && { mobile: true as const }),
        step: ladder.step + 1,
        round: ladder.round + 1,
        try: nthCall(rung),
      },
    });
  }
  return rungs.map((rung) => (due.includes(rung) ? inState(rung, { state: 'calling', callId: null }) : rung));

  /** The first person who is not done. A person whose phone may still be called does not hold up the others. */
  function firstInTurn(): Rung[] {
    if (rungs.some(({ state }) => state === 'calling')) return [];
    const first = rungs.find((rung) => isDue(rung) || (rung.state === 'retry' && rung.holds));
    return first && isDue(first) ? [first] : [];
  }

  function isDue(rung: Rung): boolean {
    if (ladder.engaged.some(({ key }) => key === rung.key)) return false;
    return rung.state === 'waiting' || (rung.state === 'retry' && rung.retryAt <= out.at);
  }
}

/**
 * When the next person can be called who cannot be called now. Null if everybody waits for another call to end, since
 * that is an event.
 */
function nextTry({ engaged }: Ladder, rungs: readonly Rung[], now: string): string | null {
  const times = rungs.flatMap((rung) => {
    if (rung.state !== 'waiting' && rung.state !== 'retry') return [];
    const own = engaged.filter(({ key }) => key === rung.key);
    if (own.some((one) => 'callId' in one)) return [];
    const free = own.flatMap((one) => ('until' in one ? [one.until] : []));
    return [...free, ...(rung.state === 'retry' ? [rung.retryAt] : [])].toSorted().at(-1) ?? [];
  });
  return times.toSorted().find((time) => time > now) ?? null;
}

/** Whether there is another step or another round. */
function goesOn({ steps, repeat }: Escalation, { step, round, calledInRound }: Ladder): boolean {
  return step + 1 < steps.length || (round < repeat && calledInRound);
}

function nextStep(escalation: Escalation, ladder: Ladder, out: Out): Ladder {
  if (!goesOn(escalation, ladder)) return exhausted(ladder, out);
  const { round, step } = ladder;
  if (step + 1 < escalation.steps.length)
    return advance(escalation, beginStep(ladder, round, step + 1, out), out);
  out.note({ type: 'repeating', data: { round: round + 2 } });
  return advance(escalation, beginStep(ladder, round + 1, 0, out), out);
}

function exhausted(ladder: Ladder, out: Out): Ladder {
  // A round without calls is the last one: the rounds before it had some.
  const isCalled = ladder.round > 0 || ladder.calledInRound;
  out.note(isCalled ? { type: 'exhausted' } : { type: 'exhausted', data: { called: false } });
  out.effects.push({ kind: 'tellExhausted', run: ladder.runs });
  const phase = { kind: 'over' as const, rungs: rungsOf(ladder) };
  return { ...ladder, status: 'exhausted', phase, wakeAt: null, endedAt: out.at };
}
