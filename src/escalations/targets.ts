import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import * as z from 'zod';
import type { Target } from '../calls/call.ts';
import { targetKey } from '../calls/callStore.ts';
import { inTime, type Clock } from '../clock.ts';
import { isGuid } from '../config/guids.ts';
import { Gathering } from '../database/gathering.ts';
import type { Schema } from '../database/schema.ts';
import { storableJson } from '../database/storable.ts';
import { callableOf, toTarget } from '../directory/callable.ts';
import type { Directory, Person } from '../directory/directory.ts';
import { RingdownError } from '../errors.ts';
import { coverAt } from './coverStore.ts';
import type { FrozenStep, SkipReason, Skipped, StepPeople, TargetSpec } from './escalation.ts';
import { onDuty, type Rotation } from './onDuty.ts';

/** What of ringdown.yaml says who somebody is; read anew each time, since the file may have been re-read. */
export interface DutyPlan {
  rotations: Readonly<Record<string, Rotation>>;
  /** Object ids of resource accounts by name. */
  voiceApps: Readonly<Record<string, string>>;
}

/** Who of a policy's people can be called, as far as it was found out in time. */
export interface Reach {
  /** `nobody` is certain; `unknown`: nobody was found, but not all was found out. */
  reached: 'somebody' | 'nobody' | 'unknown';
  /** Those whom no call is placed to, with their reason. `step` counts from 1. */
  skipped: (Skipped & { step: number })[];
}

/** What can be said of a ladder before anybody is called. `found` are those of its steps, in their order. */
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
  clock: Clock;
  log?: Pick<Logger, 'warn'>;
}

interface Resolved {
  targets: Target[];
  skipped: Skipped[];
  /** The directory does not answer: these are those who were meant last. */
  remembered?: boolean;
}

/** At night nobody waits for a directory that does not answer; then whom it meant last time is called. */
const LOOK_UP_LIMIT_MS = 5_000;
/** Whoever starts an escalation waits this long to be told who of it can be called. */
export const REACH_LIMIT_MS = 3_000;

const rememberedTargets = z.array(
  z.object({
    kind: z.enum(['teamsUser', 'voiceApp', 'communicationUser']),
    id: z.string(),
    displayName: z.string(),
    givenName: z.string().exactOptional(),
    userPrincipalName: z.string().exactOptional(),
    jobTitle: z.string().exactOptional(),
  }),
);

/** Whom words meant, by the name of the setting that keeps it. */
interface Meant {
  key: string;
  targets: Target[];
}

/** Of what is remembered together so much at most. */
const AT_ONCE = 100;

/** Finds out whom the targets of a step mean at this moment. */
export class Targets {
  readonly #parts: Parts;
  #remembering: Gathering<readonly Meant[]> | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** @param limitMs how long the directory is waited for */
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

  /** Those whom the targets of all steps meant when the directory last answered; asks nobody. */
  async remembered(policy: string | null, steps: readonly FrozenStep[]): Promise<Target[]> {
    const specs = steps.flatMap(({ targets }) => targets);
    const words = specs.flatMap((spec) => this.#wordsOf(policy, spec));
    return (await Promise.all(words.map(async (one) => await this.#recall(keyOf(one))))).flat();
  }

  /** Under which words it is remembered whom a target meant. */
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

  /** Who has the duty now, and until when, for `on call`. */
  rotationTurn(name: string): { member: string; until: number } | null {
    const rotation = entry(this.#parts.plan().rotations, name);
    return rotation ? onDuty(rotation, this.#parts.clock.now()) : null;
  }

  async #resolve(policy: string | null, spec: TargetSpec, limitMs: number): Promise<Resolved> {
    const { sql, plan, clock } = this.#parts;
    if ('voiceApp' in spec) {
      const id = entry(plan().voiceApps, spec.voiceApp) ?? spec.voiceApp;
      if (!isGuid(id)) return skip(spec.voiceApp, 'notInFile');
      return {
        targets: [{ kind: 'voiceApp', id: id.toLowerCase(), displayName: spec.voiceApp }],
        skipped: [],
      };
    }
    if ('rotation' in spec) {
      const cover = policy === null ? null : await coverAt(sql, policy, clock.now());
      if (cover) return { targets: [cover.person], skipped: [] };
      const rotation = entry(plan().rotations, spec.rotation);
      if (!rotation) return skip(spec.rotation, 'notInFile');
      return await this.#lookUp({ user: onDuty(rotation, clock.now()).member }, limitMs, { ...spec, policy });
    }
    if ('shifts' in spec) {
      // Both at once: should one keep silent, no time is left for the other; and the fallback is remembered.
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
   * When the directory does not answer, whom the same words meant last time is called; and if these words were never
   * looked up, whom `instead` meant: better the one who had the duty yesterday than nobody. An object id is called
   * as it is.
   */
  async #lookUp(spec: LookedUp, limitMs: number, instead?: object): Promise<Resolved> {
    const keys = [spec, ...(instead ? [instead] : [])].map(keyOf);
    let found: Resolved;
    try {
      found = await this.#limited(findNow(spec, this.#parts.directory, this.#parts.clock.now()), limitMs);
    } catch (error) {
      // Whatever it is: the others of the step are not to wait for it.
      this.#parts.log?.warn({ err: error, target: Object.keys(spec) }, 'a target could not be looked up');
      for (const key of keys) {
        const targets = await this.#recall(key);
        if (targets.length > 0) return { targets, skipped: [], remembered: true };
      }
      // An object id is enough for a call: whether it can be answered, the service knows.
      if ('user' in spec && isGuid(spec.user)) {
        const target: Target = { kind: 'teamsUser', id: spec.user.toLowerCase(), displayName: spec.user };
        return { targets: [target], skipped: [] };
      }
      return skip(nameOf(spec), 'directoryUnavailable');
    }
    if (found.targets.length > 0) await this.#remember(keys.map((key) => ({ key, targets: found.targets })));
    return found;
  }

  async #limited<T>(looking: Promise<T>, limitMs: number): Promise<T> {
    const late = (): never => {
      throw new RingdownError('directory_unavailable');
    };
    return await inTime(looking, limitMs, late, this.#parts.clock);
  }

  /** Of a crowd all with one statement. */
  async #remember(meant: readonly Meant[]): Promise<void> {
    this.#remembering ??= new Gathering(async (all) => await this.#rememberAll(all.flat()), {
      most: AT_ONCE,
    });
    await this.#remembering.write(meant);
  }

  async #rememberAll(meant: readonly Meant[]): Promise<void> {
    const newest = new Map(meant.map(({ key, targets }) => [key, storableJson(targets)]));
    // In one order, so that two processes do not wait for each other.
    const rows = [...newest].map(([name, value]) => ({ name, value })).toSorted(byName);
    await this.#parts.sql
      .insertInto('settings')
      .values(rows)
      .onConflict((conflict) =>
        conflict.column('name').doUpdateSet((excluded) => ({ value: excluded.ref('excluded.value') })),
      )
      .execute();
  }

  async #recall(key: string): Promise<Target[]> {
    const row = await this.#parts.sql
      .selectFrom('settings')
      .select('value')
      .where('name', '=', key)
      .executeTakeFirst();
    return rememberedTargets.safeParse(row?.value).data ?? [];
  }
}

/** What only the directory knows. */
export type LookedUp =
  Extract<TargetSpec, { user: string } | { group: string } | { managerOf: string }> | { shifts: string };

/**
 * Whom the directory means by these words at a time (epoch milliseconds).
 *
 * @throws RingdownError directory_unavailable
 */
export async function findNow(
  spec: LookedUp,
  directory: Directory,
  now: number,
): Promise<Pick<Resolved, 'targets' | 'skipped'>> {
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
  const shifts = (await directory.shifts(spec.shifts, now)) ?? [];
  const people = await Promise.all(shifts.map(async ({ userId }) => await directory.get(userId)));
  const known = people.filter((person) => person !== null);
  return known.length > 0 ? callable(known) : skip(spec.shifts, 'nobodyOnDuty');
}

function callable(people: readonly Person[]): Resolved {
  const targets: Target[] = [];
  const skipped: Skipped[] = [];
  for (const person of people) {
    const can = callableOf(person);
    if (can.callable) targets.push(toTarget(person));
    else skipped.push({ name: person.displayName, reason: can.reason });
  }
  return { targets, skipped };
}

function skip(name: string, reason: SkipReason): Resolved {
  return { targets: [], skipped: [{ name, reason }] };
}

/** Names of the file are the operator's choice: "constructor" is no entry unless it is one. */
function entry<T>(entries: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(entries, name) ? entries[name] : undefined;
}

function byName(one: { name: string }, other: { name: string }): number {
  return one.name < other.name ? -1 : 1;
}

/** Of the setting that keeps whom these words meant. */
function keyOf(words: object): string {
  return `target:${storableJson(words)}`;
}

/** As the policy has it. */
function nameOf(spec: TargetSpec): string {
  return Object.values(spec).find((value) => typeof value === 'string') ?? '';
}
