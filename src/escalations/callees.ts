import type { Target } from '../calls/call.ts';
import { personIdOf } from '../calls/callee.ts';
import type { Directory } from '../directory/directory.ts';
import { applyPresence, usesPresence } from './disturbances.ts';
import type { Escalation, FrozenStep, StepPeople } from './escalation.ts';
import { applyOptOuts } from './optOuts.ts';
import { REACH_LIMIT_MS, reachOf, type Numbers, type Reach, type Targets } from './targets.ts';

interface Parts {
  targets: Pick<Targets, 'ofStep'>;
  /** Those of these object ids who do not want to be called from chats. */
  optedOut: (ids: readonly string[]) => Promise<ReadonlySet<string>>;
  presence: Directory['presence'];
}

type About = Pick<Escalation, 'policy' | 'steps' | 'severity' | 'stepOver' | 'startedBy'>;

/** Whom an escalation calls: the people whom its steps mean, without those whom it skips. */
export class Callees {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * @param limitMs how long to wait for the directory
   * @param numbers `lookedUp` for the people who are called now
   * @returns also `overruled`: people who are called although they do not want to be called from chats
   */
  async ofStep(
    escalation: About,
    step: FrozenStep,
    limitMs?: number,
    numbers?: Numbers,
  ): Promise<StepPeople & { overruled: Target[] }> {
    const { targets, optedOut, presence } = this.#parts;
    const everybody = await targets.ofStep(escalation.policy, step, limitMs, numbers);
    const ids = everybody.people.flatMap(({ target }) => personIdOf(target) ?? []);
    const { overruled, ...wanted } = applyOptOuts(escalation, everybody, await optedOut(ids));
    const seen = usesPresence(escalation) ? await presence(ids) : null;
    return { ...applyPresence(escalation, wanted, seen), overruled };
  }

  /** Looks up the people of all steps before anybody is called. The directory has three seconds. */
  async reachable(escalation: About): Promise<Reach> {
    return reachOf(
      await Promise.all(
        escalation.steps.map(async (step) => await this.ofStep(escalation, step, REACH_LIMIT_MS)),
      ),
    );
  }
}
