import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import * as z from 'zod';
import type { Target } from '../calls/call.ts';
import { personIdOf } from '../calls/callee.ts';
import { inTime, type Clock } from '../clock.ts';
import { isGuid } from '../config/guids.ts';
import { lookUp } from '../config/lookUp.ts';
import { GroupCommit } from '../database/groupCommit.ts';
import type { Schema } from '../database/schema.ts';
import { putSettings, readStoredSetting } from '../database/settings.ts';
import { storableJson } from '../database/storable.ts';
import type { Directory } from '../directory/directory.ts';
import { RingdownError } from '../errors.ts';
import { coverAt } from '../schedules/coverStore.ts';
import type { FrozenStep, Skipped, StepPeople, TargetSpec, Way } from './escalation.ts';
import { hoursOld, peopleAt, untilWhen } from '../schedules/calendarDuty.ts';
import { onDuty, type CalendarRotation, type Rotation } from '../schedules/onDuty.ts';
import {
  DEFAULT_WAYS,
  meantBy,
  mobileOf,
  needNumbers,
  phonesOfPeople,
  type Meant as MeantPerson,
} from './ways.ts';
import { findNow, skip, voiceAppOf, type Found, type LookedUp } from './findNow.ts';
import { mobileNumber, type MobileNumber } from './mobileNumber.ts';
import { phoneNamed, type PhoneRules } from './phoneTargets.ts';

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
  /** Asked each time: ringdown.yaml may have changed. */
  phones: () => PhoneRules;
  clock: Clock;
  log: Pick<Logger, 'warn'>;
  /** Whether to keep whom the directory names, for times when it does not answer. Default: true. */
  remembers?: boolean;
}

/** `lookedUp`: asks the directory for the mobile numbers of the step's people. `assumed`: as if everybody had one. */
export type Numbers = 'lookedUp' | 'assumed';

interface Resolved extends Found {
  /** The directory does not answer: these are the people of its last answer. */
  remembered?: boolean;
}

/** If the directory does not answer within this, the people of its last answer are called. */
const LOOK_UP_LIMIT_MS = 5_000;
/** The numbers of people are asked for after the people, and have at least this long. */
const NUMBERS_LIMIT_MS = 1_000;
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

/** Looks up whom the targets of a step mean now. */
export class Targets {
  readonly #parts: Parts;
  /** Concurrent look-ups are stored with one statement. */
  readonly #remembering = new GroupCommit<readonly Meant[], true>({
    what: 'whom targets meant',
    inOrder: true,
    commit: async (all) => {
      const meant = all.flat().map(({ key, targets }): [string, Target[]] => [key, targets]);
      await putSettings(this.#parts.sql, new Map(meant));
      return all.map(() => true);
    },
  });

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * @param limitMs how long to wait for the directory
   * @param numbers with assumed numbers nobody can be called: for pages and questions. A look-up is for the step that
   *   begins, because nobody needs people's numbers before
   */
  async ofStep(
    policy: string | null,
    step: FrozenStep,
    limitMs = LOOK_UP_LIMIT_MS,
    numbers: Numbers = 'assumed',
  ): Promise<StepPeople> {
    const startedAt = this.#parts.clock.now();
    const ways = step.ways ?? DEFAULT_WAYS;
    const resolved = await Promise.all(
      step.targets.map(async (spec) => await this.#resolve(policy, spec, limitMs)),
    );
    const found = resolved.map((one) => meantBy(one, ways));
    const meant = found.flatMap((one) => one.meant);
    const left = Math.max(NUMBERS_LIMIT_MS, limitMs - (this.#parts.clock.now() - startedAt));
    const known = await this.#numbersOf(meant, ways, numbers === 'assumed' ? null : left);
    const { people, skipped, without } = phonesOfPeople(meant, ways, known.numberOf);
    const remembered = step.targets.flatMap((spec, index) =>
      resolved[index]?.remembered ? [nameOf(spec)] : [],
    );
    return {
      people,
      skipped: [...found.flatMap((one) => one.skipped), ...skipped],
      ...(without.length > 0 && { without }),
      remembered: [...new Set([...remembered, ...known.remembered])],
    };
  }

  /** The numbers of people who are called on their mobile. @param limitMs null: as if everybody had one */
  async #numbersOf(
    meant: readonly MeantPerson[],
    ways: readonly Way[],
    limitMs: number | null,
  ): Promise<{ numberOf: (personId: string) => MobileNumber; remembered: string[] }> {
    const ids = needNumbers(meant, ways);
    if (limitMs === null || ids.length === 0) return { numberOf: () => ({ number: '' }), remembered: [] };
    const named = new Map(meant.map(({ target }) => [(personIdOf(target) ?? '').toLowerCase(), target]));
    const numbers = new Map<string, MobileNumber>();
    const numberOf = (id: string): MobileNumber => numbers.get(id) ?? { reason: 'noMobile' };
    const { directory, phones, log } = this.#parts;
    const rules = phones();
    try {
      const found = await this.#limited(directory.numbersOf(ids), limitMs);
      for (const id of ids) numbers.set(id, mobileNumber(found.get(id) ?? [], rules));
    } catch (error) {
      log.warn({ err: error, target: ['mobile'] }, 'could not look up the numbers of people');
      const remembered: string[] = [];
      for (const id of ids) {
        const [last] = await this.#recall(keyOf({ numberOf: id }));
        // The file may refuse it by now.
        numbers.set(id, last ? mobileNumber([last.id], rules) : { reason: 'directoryUnavailable' });
        if ('number' in numberOf(id)) remembered.push(named.get(id)?.displayName ?? id);
      }
      return { numberOf, remembered };
    }
    const { remembers = true } = this.#parts;
    if (remembers) await this.#rememberNumbers(ids, named, numberOf);
    return { numberOf, remembered: [] };
  }

  /** Forgets the number of somebody who has none any more. */
  async #rememberNumbers(
    ids: readonly string[],
    named: ReadonlyMap<string, Target>,
    numberOf: (personId: string) => MobileNumber,
  ): Promise<void> {
    const kept: Meant[] = [];
    for (const id of ids) {
      const [target, found, key] = [named.get(id), numberOf(id), keyOf({ numberOf: id })];
      if ('number' in found && target)
        kept.push({ key, targets: [{ ...mobileOf(target), id: found.number }] });
      else if ((await this.#recall(key)).length > 0) kept.push({ key, targets: [] });
    }
    if (kept.length > 0) await this.#remembering.take(kept);
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
      const rotation = lookUp(this.#parts.plan().rotations, spec.rotation);
      return [...(rotation ? this.#namesIn(rotation) : []), { ...spec, policy }];
    }
    if ('shifts' in spec) {
      const instead = spec.fallback ? this.#wordsOf(policy, spec.fallback) : [];
      return [{ shifts: spec.shifts }, ...instead];
    }
    return [spec];
  }

  #namesIn(rotation: Rotation): object[] {
    if (!('calendar' in rotation)) return rotation.members.map((user) => ({ user }));
    return this.#peopleBy(rotation).map(({ words }) => ({ oneOf: words }));
  }

  #peopleBy({ calendar }: CalendarRotation): ReturnType<typeof peopleAt> {
    return calendar.kind === 'known' ? peopleAt(calendar.duties, this.#parts.clock.now()) : [];
  }

  /** Until when those who are on duty in a rotation now stay on duty. Epoch milliseconds; null if that is unknown. */
  turnEnds(name: string): number | null {
    const rotation = lookUp(this.#parts.plan().rotations, name);
    const now = this.#parts.clock.now();
    if (!rotation) return null;
    if (!('calendar' in rotation)) return onDuty(rotation, now).until;
    const { calendar } = rotation;
    return calendar.kind === 'known' ? untilWhen(calendar.duties, now, calendar.to) : null;
  }

  /** How old the calendar of a rotation is, in hours, if people should know; otherwise null. */
  calendarAge(name: string): number | null {
    const rotation = lookUp(this.#parts.plan().rotations, name);
    return rotation && 'calendar' in rotation ? hoursOld(rotation.calendar, this.#parts.clock.now()) : null;
  }

  async #resolve(policy: string | null, spec: TargetSpec, limitMs: number): Promise<Resolved> {
    const { sql, plan, phones, clock } = this.#parts;
    if ('voiceApp' in spec) {
      return voiceAppOf(spec.voiceApp, plan().voiceApps);
    }
    if ('phone' in spec) return phoneNamed(spec.phone, phones());
    if ('rotation' in spec) {
      const cover = policy === null ? null : await coverAt(sql, policy, clock.now(), spec.rotation);
      if (cover) return { targets: [cover.person], skipped: [] };
      const rotation = lookUp(plan().rotations, spec.rotation);
      if (!rotation) return skip(spec.rotation, 'notInFile');
      const instead = { ...spec, policy };
      return 'calendar' in rotation
        ? await this.#byCalendar(spec.rotation, rotation, limitMs, instead)
        : await this.#lookUp({ user: onDuty(rotation, clock.now()).member }, limitMs, instead);
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

  /** All people who are on duty now by a calendar. @param instead as for `#lookUp`, if nobody can be looked up */
  async #byCalendar(
    name: string,
    rotation: CalendarRotation,
    limitMs: number,
    instead: object,
  ): Promise<Resolved> {
    const { clock, remembers = true } = this.#parts;
    const { calendar } = rotation;
    // After the end of what is known the source has been away for a year.
    if (calendar.kind === 'unknown' || clock.now() >= calendar.to) return skip(name, 'calendarUnavailable');
    const people = this.#peopleBy(rotation);
    if (people.length === 0) return skip(name, 'nobodyOnDuty');
    const found: Resolved[] = await Promise.all(
      people.map(async ({ words }) =>
        words.length === 0 ? skip(name, 'notFound') : await this.#lookUp({ oneOf: words }, limitMs),
      ),
    );
    const targets = found.flatMap((one) => one.targets);
    const skipped = found.flatMap((one) => one.skipped);
    const notInTeams = found.flatMap((one) => one.notInTeams ?? []);
    if (targets.length > 0) {
      const remembered = found.some((one) => one.remembered);
      if (remembers && !remembered && skipped.every(({ reason }) => reason !== 'directoryUnavailable'))
        await this.#remembering.take([{ key: keyOf(instead), targets }]);
      return { targets, skipped, notInTeams, remembered };
    }
    if (skipped.some(({ reason }) => reason === 'directoryUnavailable')) {
      const before = await this.#recall(keyOf(instead));
      if (before.length > 0) return { targets: before, skipped: [], remembered: true };
    }
    return { targets, skipped, notInTeams };
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
      const word = 'user' in spec ? spec.user : 'oneOf' in spec ? nameOf(spec) : '';
      if (isGuid(word)) {
        const target: Target = { kind: 'teamsUser', id: word.toLowerCase(), displayName: word };
        return { targets: [target], skipped: [] };
      }
      return skip(nameOf(spec), 'directoryUnavailable');
    }
    const { remembers = true } = this.#parts;
    if (remembers && found.targets.length > 0)
      await this.#remembering.take(keys.map((key) => ({ key, targets: found.targets })));
    return found;
  }

  async #limited<T>(looking: Promise<T>, limitMs: number): Promise<T> {
    const late = (): never => {
      throw new RingdownError('directory_unavailable');
    };
    return await inTime(looking, limitMs, late, this.#parts.clock);
  }

  async #recall(key: string): Promise<Target[]> {
    return rememberedTargets.safeParse(await readStoredSetting(this.#parts.sql, key)).data ?? [];
  }
}

/** The name of the setting that keeps whom these words meant. */
function keyOf(words: object): string {
  return `target:${storableJson(words)}`;
}

/** As the policy or the calendar writes it. */
function nameOf(spec: TargetSpec | LookedUp): string {
  if ('oneOf' in spec) return spec.oneOf[0] ?? '';
  return Object.values(spec).find((value) => typeof value === 'string') ?? '';
}
