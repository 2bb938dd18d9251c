import type { Target } from '../calls/call.ts';
import type { Directory } from '../directory/directory.ts';
import { heedPresence, heedsPresence } from './disturbances.ts';
import type { Escalation, FrozenStep, StepPeople } from './escalation.ts';
import { heedOptOuts } from './optOuts.ts';
import { REACH_LIMIT_MS, reachOf, type Reach, type Targets } from './targets.ts';

interface Parts {
  targets: Pick<Targets, 'ofStep'>;
  /** Those of these object ids who do not want to be called from chats. */
  optedOut?: (ids: readonly string[]) => Promise<ReadonlySet<string>>;
  /** What Teams shows of people; if not given, nothing is known of it. */
  presence?: Directory['presence'];
}

type About = Pick<Escalation, 'policy' | 'steps' | 'severity' | 'stepOver' | 'startedBy'>;

/** Whom an escalation calls: those whom its steps mean, without those whom it steps over. */
export class Callees {
  readonly #parts: Required<Parts>;

  constructor({ targets, optedOut = async () => new Set(), presence = async () => null }: Parts) {
    this.#parts = { targets, optedOut, presence };
  }

  /**
   * `overruled` are called although they do not want to be called from chats.
   *
   * @param limitMs how long the directory is waited for
   */
  async ofStep(
    escalation: About,
    step: FrozenStep,
    limitMs?: number,
  ): Promise<StepPeople & { overruled: Target[] }> {
    const { targets, optedOut, presence } = this.#parts;
    const everybody = await targets.ofStep(escalation.policy, step, limitMs);
    const ids = everybody.people.map(({ target }) => target.id);
    const { overruled, ...wanted } = heedOptOuts(escalation, everybody, await optedOut(ids));
    const seen = heedsPresence(escalation) ? await presence(ids) : null;
    return { ...heedPresence(escalation, wanted, seen), overruled };
  }

  /** Looks up all people of all steps before anybody is called; the directory is given three seconds. */
  async reachable(escalation: About): Promise<Reach> {
    return reachOf(
      await Promise.all(
        escalation.steps.map(async (step) => await this.ofStep(escalation, step, REACH_LIMIT_MS)),
      ),
    );
  }
}
