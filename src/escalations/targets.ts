import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import * as z from 'zod';
import type { Target } from '../calls/call.ts';
import { targetKey } from '../calls/callStore.ts';
import { inTime, type Clock } from '../clock.ts';
import { isGuid } from '../config/guids.ts';
import { Gathering } from '../database/gathering.ts';
import type { Schema } from '../database/schema.ts';
import { putSettings, readStoredSetting } from '../database/settings.ts';
import { storableJson } from '../database/storable.ts';
import { callableOf, toTarget } from '../directory/callable.ts';
import type { Directory, Person } from '../directory/directory.ts';
import { RingdownError } from '../errors.ts';
import { coverAt } from '../schedules/coverStore.ts';
import type { FrozenStep, SkipReason, Skipped, StepPeople, TargetSpec } from './escalation.ts';
import { phoneNamed, type PhoneRules } from './phoneTargets.ts';
import { onDuty, type Rotation } from '../schedules/onDuty.ts';

/** What ringdown.yaml says about who is on duty. Ask for it each time: the file may have changed. */
export interface DutyPlan {
  rotations: Readonly<Record<string, Rotation>>;
  /** Object ids of resource accounts by name. */
  voiceApps: Readonly<Record<string, string>>;
}

/** Who of a policy's people can be called, as far as Ringdown found out in time. */
export interface Reach {
  /** `nobody` is certain. `unknown`: nobody was found, but some look-ups failed. */
  reached: 'somebody' | 'nobody' | 'unknown';
  /** Who is not called, and why. `step` counts from 1. */
  skipped: (Skipped & { step: number })[];
}

/** Who of a ladder can be called. @param found the people of its steps, in their order */
export function reachOf(found: readonly StepPeople[]): Reach {
  const skipped = found.flatMap((people, index) =>
    people.skipped.map((one) => ({ ...one, step: index + 1 })),
  );
  if (found.some(({ people }) => people.length > 0)) return { reached: 'somebody', skipped };
  const isCertain = skipped.every(({ reason }) => reason !== 'directoryUnavailable');
  return { reached: isCertain ? 'nobody' : 'unknown', skipped };
}

interface Parts {
  sql: Kysely<Schema>;
  directory: Directory;
  plan: () => DutyPlan;
  phones: () => PhoneRules;
  clock: Clock;
  log: Pick<Logger, 'warn'>;
  /** Whether to keep whom the directory names, for times when it does not answer. Default: true. */
  remembers?: boolean;
}

interface Found {
  targets: Target[];
  skipped: Skipped[];
}

interface Resolved extends Found {
  /** The directory does not answer: these are the people of its last answer. */
  remembered?: boolean;
}

/** If the directory does not answer within this, the people of its last answer are called. */
const LOOK_UP_LIMIT_MS = 5_000;
/** A person who starts an escalation waits this long to learn who can be called. */
export const REACH_LIMIT_MS = 3_000;

const rememberedTargets = z.array(
  z.object({
    kind: z.enum(['teamsUser', 'voiceApp', 'communicationUser', 'phone']),
    id: z.string(),
    displayName: z.string(),
    givenName: z.string().exactOptional(),
    userPrincipalName: z.string().exactOptional(),
    jobTitle: z.string().exactOptional(),
    personId: z.string().exactOptional(),
  }),
);

/** Whom a target meant. `key` is the name of the setting that keeps it. */
interface Meant {
  key: string;
  targets: Target[];
}

/** At most this many are stored with one statement. */
const AT_ONCE = 100;

/** Looks up whom the targets of a step mean now. */
export class Targets {
  readonly #parts: Parts;
  #remembering: Gathering<readonly Meant[]> | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** @param limitMs how long to wait for the directory */
  async ofStep(policy: string | null, step: FrozenStep, limitMs = LOOK_UP_LIMIT_MS): Promise<StepPeople> {
    const resolved = await Promise.all(
      step.targets.map(async (spec) => await this.#resolve(policy, spec, limitMs)),
    );
    const people = new Map<string, Target>();
    for (const target of resolved.flatMap(({ targets }) => targets)) {
      const key = targetKey(target);
      if (!people.has(key)) people.set(key, target);
    }
    return {
      people: [...people].map(([key, target]) => ({ key, target })),
      skipped: resolved.flatMap(({ skipped }) => skipped),
      remembered: step.targets.flatMap((spec, index) => (resolved[index]?.remembered ? [nameOf(spec)] : [])),
    };
  }

  /** Whom the targets of all steps meant when the directory last answered. Does not ask the directory. */
  async remembered(policy: string | null, steps: readonly FrozenStep[]): Promise<Target[]> {
    const specs = steps.flatMap(({ targets }) => targets);
    const words = specs.flatMap((spec) => this.#wordsOf(policy, spec));
    return (await Promise.all(words.map(async (one) => await this.#recall(keyOf(one))))).flat();
  }

  /** The words under which the people of a target are remembered. */
  #wordsOf(policy: string | null, spec: TargetSpec): object[] {
    if ('rotation' in spec) {
      const { members = [] } = entry(this.#parts.plan().rotations, spec.rotation) ?? {};
      return [...members.map((user) => ({ user })), { ...spec, policy }];
    }
    if ('shifts' in spec) {
      const instead = spec.fallback ? this.#wordsOf(policy, spec.fallback) : [];
      return [{ shifts: spec.shifts }, ...instead];
    }
    return [spec];
  }

  /** Who is on duty now, and until when. */
  rotationTurn(name: string): { member: string; until: number } | null {
    const rotation = entry(this.#parts.plan().rotations, name);
    return rotation ? onDuty(rotation, this.#parts.clock.now()) : null;
  }

  async #resolve(policy: string | null, spec: TargetSpec, limitMs: number): Promise<Resolved> {
    const { sql, plan, phones, clock } = this.#parts;
    if ('voiceApp' in spec) {
      return voiceAppOf(spec.voiceApp, plan().voiceApps);
    }
    if ('phone' in spec) return phoneNamed(spec.phone, phones());
    if ('rotation' in spec) {
      const cover = policy === null ? null : await coverAt(sql, policy, clock.now());
      if (cover) return { targets: [cover.person], skipped: [] };
      const rotation = entry(plan().rotations, spec.rotation);
      if (!rotation) return skip(spec.rotation, 'notInFile');
      return await this.#lookUp({ user: onDuty(rotation, clock.now()).member }, limitMs, { ...spec, policy });
    }
    if ('shifts' in spec) {
      // Both at once: if one does not answer, there is no time left for the other. And the fallback is remembered.
      const [onShift, instead] = await Promise.all([
        this.#lookUp({ shifts: spec.shifts }, limitMs),
        spec.fallback && this.#resolve(policy, spec.fallback, limitMs),
      ]);
      if (onShift.targets.length > 0 || !instead) return onShift;
      return { ...instead, skipped: [...onShift.skipped, ...instead.skipped] };
    }
    return await this.#lookUp(spec, limitMs);
  }

  /**
   * If the directory does not answer, calls whom the same words meant last time; if they were never looked up, whom
   * `instead` meant: the person who was on duty yesterday is better than nobody. An object id is called as it is.
   */
  async #lookUp(spec: LookedUp, limitMs: number, instead?: object): Promise<Resolved> {
    const keys = [spec, ...(instead ? [instead] : [])].map(keyOf);
    let found: Found;
    try {
      found = await this.#limited(findNow(spec, this.#parts.directory, this.#parts.clock.now()), limitMs);
    } catch (error) {
      // Whatever the error is, it must not hold up the other targets of the step.
      this.#parts.log.warn({ err: error, target: Object.keys(spec) }, 'could not look up a target');
      for (const key of keys) {
        const targets = await this.#recall(key);
        if (targets.length > 0) return { targets, skipped: [], remembered: true };
      }
      // An object id is enough to place a call.
      if ('user' in spec && isGuid(spec.user)) {
        const target: Target = { kind: 'teamsUser', id: spec.user.toLowerCase(), displayName: spec.user };
        return { targets: [target], skipped: [] };
      }
      return skip(nameOf(spec), 'directoryUnavailable');
    }
    const { remembers = true } = this.#parts;
    if (remembers && found.targets.length > 0)
      await this.#remember(keys.map((key) => ({ key, targets: found.targets })));
    return found;
  }

  async #limited<T>(looking: Promise<T>, limitMs: number): Promise<T> {
    const late = (): never => {
      throw new RingdownError('directory_unavailable');
    };
    return await inTime(looking, limitMs, late, this.#parts.clock);
  }

  /** Stores concurrent look-ups with one statement. */
  async #remember(meant: readonly Meant[]): Promise<void> {
    this.#remembering ??= new Gathering(async (all) => await this.#rememberAll(all.flat()), {
      most: AT_ONCE,
    });
    await this.#remembering.write(meant);
  }

  async #rememberAll(meant: readonly Meant[]): Promise<void> {
    await putSettings(this.#parts.sql, new Map(meant.map(({ key, targets }) => [key, targets])));
  }

  async #recall(key: string): Promise<Target[]> {
    return rememberedTargets.safeParse(await readStoredSetting(this.#parts.sql, key)).data ?? [];
  }
}

/** Targets that the directory looks up. */
export type LookedUp =
  | Extract<TargetSpec, { user: string } | { group: string } | { managerOf: string } | { mobileOf: string }>
  | { shifts: string };

/**
 * Whom the directory means by these words at a time (epoch milliseconds).
 *
 * @throws RingdownError directory_unavailable
 */
export async function findNow(spec: LookedUp, directory: Directory, now: number): Promise<Found> {
  if ('user' in spec) {
    const found = await directory.find({ text: spec.user }, null);
    if (found.kind === 'one') return callable([found.person]);
    return skip(spec.user, found.kind === 'several' ? 'ambiguous' : 'notFound');
  }
  if ('group' in spec) {
    const members = await directory.membersOf(spec.group);
    return members && members.length > 0 ? callable(members) : skip(spec.group, 'emptyGroup');
  }
  if ('managerOf' in spec) {
    const found = await directory.find({ text: spec.managerOf }, null);
    if (found.kind !== 'one') {
      return skip(spec.managerOf, found.kind === 'several' ? 'ambiguous' : 'notFound');
    }
    const manager = await directory.managerOf(found.person.id);
    return manager ? callable([manager]) : skip(spec.managerOf, 'noManager');
  }
  if ('mobileOf' in spec) return skip(spec.mobileOf, 'noMobile');
  const shifts = (await directory.shifts(spec.shifts, now)) ?? [];
  // Somebody may have two shifts at once.
  const ids = [...new Set(shifts.map(({ userId }) => userId))];
  const people = await Promise.all(ids.map(async (id) => await directory.get(id)));
  const known = people.filter((person) => person !== null);
  return known.length > 0 ? callable(known) : skip(spec.shifts, 'nobodyOnDuty');
}

/** The voice app of this name, or with this object id. */
export function voiceAppOf(name: string, voiceApps: Readonly<Record<string, string>>): Found {
  const id = entry(voiceApps, name) ?? name;
  if (!isGuid(id)) return skip(name, 'notInFile');
  return { targets: [{ kind: 'voiceApp', id: id.toLowerCase(), displayName: name }], skipped: [] };
}

/** Those of these people who may be called. */
export function callable(people: readonly Person[]): Found {
  const targets: Target[] = [];
  const skipped: Skipped[] = [];
  for (const person of people) {
    const can = callableOf(person);
    if (can.callable) targets.push(toTarget(person));
    else skipped.push({ name: person.displayName, reason: can.reason });
  }
  return { targets, skipped };
}

function skip(name: string, reason: SkipReason): Found {
  return { targets: [], skipped: [{ name, reason }] };
}

/** The operator chooses the names in the file, so a name like "constructor" must not find a member of Object. */
function entry<T>(entries: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(entries, name) ? entries[name] : undefined;
}

/** The name of the setting that keeps whom these words meant. */
function keyOf(words: object): string {
  return `target:${storableJson(words)}`;
}

/** As the policy writes it. */
function nameOf(spec: TargetSpec): string {
  return Object.values(spec).find((value) => typeof value === 'string') ?? '';
}
