import type { Call, Requester } from '../calls/call.ts';
import { isCallee } from '../calls/callee.ts';
import type { Clock } from '../clock.ts';
import type { Directory } from '../directory/directory.ts';
import { RingdownError } from '../errors.ts';
import type { Escalation, TargetSpec } from './escalation.ts';
import type { EscalationService } from './escalationService.ts';
import { rungsOf } from './ladder/rungs.ts';
import { namedIn, type Named } from './dutyPlan.ts';
import type { DutyPlan } from './targets.ts';

/** The port to `permissions.acknowledge` of ringdown.yaml. */
export interface AcknowledgePermissions {
  mayAcknowledge(asker: Requester): Promise<boolean>;
}

export interface RightsParts {
  escalations: Pick<EscalationService, 'callsOf'>;
  directory: Pick<Directory, 'find' | 'isMemberOf' | 'managerOf' | 'shifts'>;
  permissions: AcknowledgePermissions;
  /** Whether this person got a card unasked. People who are told that nobody acknowledged may then acknowledge. */
  wasSentCard: (escalationId: string, objectId: string) => Promise<boolean>;
  /** The object ids of the people who cover a policy now, or one of its rotations. */
  covering: (policy: string) => Promise<readonly string[]>;
  plan: () => DutyPlan;
  clock: Pick<Clock, 'now'>;
}

/** `anonymous`: the asker has no identity. `unknown`: the directory does not answer. */
export type Right = 'yes' | 'no' | 'anonymous' | 'unknown';

/**
 * Who may acknowledge, resolve, pass on and stop an escalation: everybody in any step of its policy, everybody it has
 * called, the person who started it, people who were told that nobody acknowledged, and people named by
 * `permissions.acknowledge`.
 */
export class EscalationRights {
  readonly #parts: RightsParts;

  constructor(parts: RightsParts) {
    this.#parts = parts;
  }

  /** The same with other sources, for many questions at once. */
  with(sources: Partial<RightsParts>): EscalationRights {
    return new EscalationRights({ ...this.#parts, ...sources });
  }

  async of(asker: Requester, escalation: Escalation): Promise<Right> {
    const { objectId } = asker;
    if (objectId === undefined) return 'anonymous';
    if (isStarter(asker, escalation) || (await this.wasCalled(asker, escalation))) return 'yes';
    if (await this.#parts.wasSentCard(escalation.id, objectId)) return 'yes';
    const specs = escalation.steps.flatMap(({ targets }) => targets);
    const answers = await Promise.all([
      this.#ask(async () => await this.#parts.permissions.mayAcknowledge(asker)),
      this.#ask(async () => await this.#isCovering(objectId, escalation)),
      this.#ask(async () => await this.#isInGroups(objectId, specs)),
      ...specs.map(async (spec) => await this.#ask(async () => await this.#isMeant(objectId, spec))),
    ]);
    if (answers.includes('yes')) return 'yes';
    return answers.includes('unknown') ? 'unknown' : 'no';
  }

  /** Whether the escalation has called this person, or will in its current step. */
  async wasCalled({ objectId }: Requester, escalation: Escalation): Promise<boolean> {
    if (objectId === undefined) return false;
    const isThem = ({ target }: Pick<Call, 'target'>): boolean => isCallee(target, objectId);
    if (rungsOf(escalation.ladder).some(isThem)) return true;
    return (await this.#parts.escalations.callsOf(escalation.id)).some(isThem);
  }

  async #ask(question: () => Promise<boolean>): Promise<'yes' | 'no' | 'unknown'> {
    try {
      return (await question()) ? 'yes' : 'no';
    } catch (error) {
      if (error instanceof RingdownError && error.code === 'directory_unavailable') return 'unknown';
      throw error;
    }
  }

  async #isCovering(objectId: string, { policy }: Escalation): Promise<boolean> {
    return (
      policy !== null && (await this.#parts.covering(policy)).some((covering) => isSameId(covering, objectId))
    );
  }

  async #isInGroups(objectId: string, specs: readonly TargetSpec[]): Promise<boolean> {
    const groups = specs.flatMap((spec) => groupsIn(spec));
    return groups.length > 0 && (await this.#parts.directory.isMemberOf(objectId, groups)).size > 0;
  }

  async #isMeant(objectId: string, spec: TargetSpec): Promise<boolean> {
    const { directory, plan, clock } = this.#parts;
    if ('user' in spec) return isSameId(await this.#idOf(spec.user), objectId);
    if ('rotation' in spec) {
      const { rotations } = plan();
      // A calendar has no members: those count who are on duty some weeks before or after.
      const around = { from: clock.now() - AROUND_MS, to: clock.now() + AROUND_MS };
      const members = namedIn(spec, { rotations, shiftsOf: () => [] }, around);
      const ids = await Promise.all(members.map(async (named) => await this.#firstIdOf(wordsOf(named))));
      return ids.some((id) => isSameId(id, objectId));
    }
    if ('mobileOf' in spec) return isSameId(await this.#idOf(spec.mobileOf), objectId);
    if ('managerOf' in spec) {
      const id = await this.#idOf(spec.managerOf);
      const manager = id === null ? null : await directory.managerOf(id);
      return isSameId(manager?.id ?? null, objectId);
    }
    if ('shifts' in spec) {
      if (spec.fallback && (await this.#isMeant(objectId, spec.fallback))) return true;
      const shifts = (await directory.shifts(spec.shifts, clock.now())) ?? [];
      return shifts.some(({ userId }) => isSameId(userId, objectId));
    }
    return false;
  }

  async #firstIdOf(words: readonly string[]): Promise<string | null> {
    for (const word of words) {
      const id = await this.#idOf(word);
      if (id !== null) return id;
    }
    return null;
  }

  async #idOf(name: string): Promise<string | null> {
    const found = await this.#parts.directory.find({ text: name }, null);
    return found.kind === 'one' ? found.person.id : null;
  }
}

const AROUND_MS = 31 * 86_400_000;

/** The words for a member of a rotation. The first one that the directory knows counts. */
function wordsOf(named: Named): readonly string[] {
  if ('oneOf' in named) return named.oneOf;
  return 'user' in named ? [named.user] : [];
}

export function isStarter({ kind, key }: Requester, { startedBy }: Escalation): boolean {
  return startedBy.kind === kind && startedBy.key === key;
}

function isSameId(id: string | null, objectId: string): boolean {
  return id?.toLowerCase() === objectId.toLowerCase();
}

function groupsIn(spec: TargetSpec): string[] {
  if ('group' in spec) return [spec.group];
  return 'shifts' in spec && spec.fallback ? groupsIn(spec.fallback) : [];
}
