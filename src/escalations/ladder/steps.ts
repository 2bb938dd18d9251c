import type { Ladder } from '../escalation.ts';
import type { Out } from './events.ts';
import { later } from './later.ts';

/** How a step begins: the ladder asks whom it means. */

/** Ask again if there is no answer within this. After `MAX_ASKED` attempts the ladder goes to the next step. */
const ASK_LIMIT_MS = 20_000;
export const MAX_ASKED = 3;

export function freshLadder(): Ladder {
  return {
    status: 'open',
    round: 0,
    step: 0,
    phase: { kind: 'resolving', asked: 0, until: null },
    engaged: [],
    calledInRound: false,
    wakeAt: null,
    halted: false,
    acknowledgedBy: null,
    endedBy: null,
    endedAt: null,
    runs: 0,
  };
}

/** Starts again from the first step. */
export function restart({ engaged, halted, runs, wrongPins }: Ladder, out: Out): Ladder {
  out.note({ type: 'startedAgain' });
  const kept = { engaged, halted, ...(wrongPins && { wrongPins }) };
  return beginStep({ ...freshLadder(), ...kept, runs: runs + 1 }, 0, 0, out);
}

export function beginStep(ladder: Ladder, round: number, step: number, out: Out): Ladder {
  const calledInRound = round === ladder.round && step > 0 ? ladder.calledInRound : false;
  return ask({ ...ladder, round, step, calledInRound }, 0, out);
}

/** Asks whom the step means. The answer is the event `stepResolved`. */
export function ask(ladder: Ladder, asked: number, out: Out): Ladder {
  const { runs, round, step } = ladder;
  out.effects.push({ kind: 'resolveStep', run: runs, round, step });
  return {
    ...ladder,
    phase: { kind: 'resolving', asked: asked + 1, until: later(out.at, ASK_LIMIT_MS) },
  };
}
