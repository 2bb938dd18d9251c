import { DateTime } from 'luxon';
import { onDuty } from '../schedules/onDuty.ts';
import { namer, variableNamer } from './names.ts';
import {
  quoted,
  type Loss,
  type Source,
  type SourceEvent,
  type SourcePolicy,
  type SourceSchedule,
  type SourceTarget,
  type SourceUser,
  type System,
} from './source.ts';
import type { TurnRotation } from '../schedules/onDuty.ts';
import { rotationOf } from './turns.ts';

/** What becomes of an export: the content of ringdown.yaml, and everything that is lost. */
export interface Carried {
  rotations: readonly CarriedRotation[];
  policies: readonly CarriedPolicy[];
  losses: readonly Loss[];
}

export interface CarriedRotation {
  name: string;
  /** Comments, a line each. */
  notes: readonly string[];
  duty:
    | { kind: 'turns'; rotation: TurnRotation }
    /** `variable` is the environment variable with the calendar's address: it is a secret. */
    | { kind: 'calendar'; variable: string };
}

export interface CarriedPolicy {
  name: string;
  notes: readonly string[];
  steps: readonly CarriedStep[];
  repeat: number;
}

export interface CarriedStep {
  targets: readonly CarriedTarget[];
  mode: 'sequence' | 'parallel';
  pauseSeconds: number;
}

export type CarriedTarget = { user: string } | { rotation: string };

/** Bounds of ringdown.yaml. */
const MAX_PAUSE_SECONDS = 86_400;
const MAX_REPEAT = 20;

/** Nothing in it that YAML or ringdown.yaml would read as something else: `${NAME}`, `%NAME%`. */
const MAIL = /^[\p{L}\p{M}\p{N}.!#&'*+/=?^_`|~-]+@[\p{L}\p{M}\p{N}.-]+$/u;

/**
 * Turns what a reader found into rotations and policies.
 *
 * Nothing is approximated in silence: whatever Ringdown cannot say exactly becomes a calendar or a loss.
 *
 * @param now epoch milliseconds
 */
export function carry(system: System, source: Source, now: number): Carried {
  const losses: Loss[] = [];
  const people = peopleOf(source.users);
  losses.push(...people.losses);
  const { rotations, rotationOfSchedule } = carryRotations(system, source, people, now, losses);
  const policies = carryPolicies(system, source, people, rotationOfSchedule, losses);
  const used = new Set(
    policies.flatMap(({ steps }) =>
      steps.flatMap(({ targets }) =>
        targets.flatMap((target) => ('rotation' in target ? target.rotation : [])),
      ),
    ),
  );
  return {
    rotations: rotations.map((one) =>
      used.has(one.name) ? one : { ...one, notes: [...one.notes, 'No policy uses it.'] },
    ),
    policies,
    losses: withoutRepeats([...losses, ...source.losses], ({ about, why }) => `${about}: ${why}`),
  };
}

interface People {
  /** The mail address of a user by id; a sentence if there is none. */
  find: (id: string) => { mail: string } | { problem: string };
  losses: readonly Loss[];
}

function peopleOf(users: readonly SourceUser[]): People {
  const byId = new Map(users.map((user) => [user.id, user]));
  const sharing = Map.groupBy(
    users.filter(({ mail }) => mail !== null),
    ({ mail }) => mail?.trim().toLowerCase(),
  );
  return {
    find: (id) => {
      const user = byId.get(id);
      if (user === undefined) return { problem: `user ${quoted(id)} is not in the export (deleted?)` };
      const mail = user.mail?.trim() ?? '';
      if (mail === '') return { problem: `user ${quoted(user.name)} has no mail address` };
      return MAIL.test(mail)
        ? { mail }
        : { problem: `user ${quoted(user.name)} has an unusual mail address` };
    },
    losses: [...sharing.values()]
      .filter(({ length }) => length > 1)
      .map((same) => ({
        about: `users ${same.map(({ name }) => quoted(name)).join(' and ')}`,
        why: 'have the same mail address: they are one person in Ringdown',
      })),
  };
}

interface FoundRotation {
  name: string;
  isCalendar: boolean;
}

function carryRotations(
  system: System,
  source: Source,
  people: People,
  now: number,
  losses: Loss[],
): { rotations: CarriedRotation[]; rotationOfSchedule: Map<string, FoundRotation> } {
  const nameFor = namer('rotation');
  const variableFor = variableNamer();
  const rotationOfSchedule = new Map<string, FoundRotation>();
  const rotations = source.schedules.flatMap((schedule): CarriedRotation[] => {
    const { id, duty } = schedule;
    const about = `schedule ${quoted(schedule.name)}`;
    losses.push(...schedule.losses.map((why) => ({ about, why })));
    if (duty.kind === 'nobody') {
      losses.push({ about, why: `${duty.why}: it is not carried over` });
      return [];
    }
    const name = nameFor(schedule.name);
    const renamed = name === schedule.name ? [] : [`Its name was ${quoted(schedule.name)}.`];
    const turns = duty.kind === 'turns' ? rotationByMail(schedule, people) : duty;
    rotationOfSchedule.set(id, { name, isCalendar: 'why' in turns });
    if ('rotation' in turns) {
      losses.push(...turns.doubts.map((why) => ({ about, why })));
      const { member, until } = onDuty(turns.rotation, now);
      const zone = turns.rotation.timeZone;
      const end = DateTime.fromMillis(until, { zone, locale: 'en' }).toFormat('ccc yyyy-MM-dd HH:mm');
      const note = `On duty until ${end}: ${member}. Compare with ${system.name}.`;
      return [{ name, notes: [...renamed, note], duty: { kind: 'turns', rotation: turns.rotation } }];
    }
    const variable = variableFor(schedule.name);
    const advice = duty.kind === 'calendar' && duty.advice ? duty.advice : system.calendarAdvice;
    losses.push({
      about,
      why: `${turns.why}. Ringdown reads its calendar instead: set ${variable} to the address (${advice})`,
    });
    const notes = [...renamed, `${sentence(turns.why)} Set ${variable} to the address of its calendar.`];
    return [{ name, notes, duty: { kind: 'calendar', variable } }];
  });
  return { rotations, rotationOfSchedule };
}

/** `has two layers` as a comment. */
function sentence(why: string): string {
  return `It ${why}.`;
}

function rotationByMail(
  { duty }: SourceSchedule,
  people: People,
): { rotation: TurnRotation; doubts: readonly string[] } | { why: string } {
  if (duty.kind !== 'turns') return { why: duty.why };
  const found = duty.turns.members.map((id) => people.find(id));
  const problems = new Set(found.flatMap((one) => ('problem' in one ? one.problem : [])));
  if (problems.size > 0) return { why: `cannot be a rotation, because ${[...problems].join(', ')}` };
  const members = found.flatMap((one) => ('mail' in one ? one.mail : []));
  const rotation = rotationOf({ ...duty.turns, members });
  return rotation === null
    ? { why: 'has turns that a rotation of Ringdown cannot have' }
    : { rotation, doubts: duty.doubts };
}

function carryPolicies(
  system: System,
  source: Source,
  people: People,
  rotationOfSchedule: ReadonlyMap<string, FoundRotation>,
  losses: Loss[],
): CarriedPolicy[] {
  const nameFor = namer('policy');
  const scheduleName = new Map(source.schedules.map(({ id, name }) => [id, name]));
  const calendars = new Set(
    [...rotationOfSchedule.values()].flatMap(({ name, isCalendar }) => (isCalendar ? name : [])),
  );
  return source.policies.flatMap((policy): CarriedPolicy[] => {
    const about = `${system.policyWord} ${quoted(policy.name)}`;
    const lose = (why: string): void => void losses.push({ about, why });
    policy.losses.forEach(lose);
    const find = (target: SourceTarget): CarriedTarget[] => {
      if (target.kind === 'user') {
        const found = people.find(target.id);
        if ('mail' in found) return [{ user: found.mail }];
        lose(`${found.problem} and is not called`);
        return [];
      }
      const found = rotationOfSchedule.get(target.id);
      if (found !== undefined) return [{ rotation: found.name }];
      const name = scheduleName.get(target.id);
      lose(
        name === undefined
          ? `schedule ${quoted(target.id)} is not in the export (deleted?) and is not called`
          : `schedule ${quoted(name)} is not carried over and is not called`,
      );
      return [];
    };
    const steps = stepsOf(policy, find, calendars, lose);
    if (steps.length === 0) {
      lose('has nobody to call: it is not carried over');
      return [];
    }
    if (policy.repeat > MAX_REPEAT)
      lose(`repeats ${policy.repeat} times: Ringdown repeats ${MAX_REPEAT} times`);
    const name = nameFor(policy.name);
    const notes = name === policy.name ? [] : [`Its name was ${quoted(policy.name)}.`];
    return [{ name, notes, steps, repeat: Math.min(policy.repeat, MAX_REPEAT) }];
  });
}

interface OpenStep {
  targets: CarriedTarget[];
  inTurn: boolean;
  pauseSeconds: number;
}

/** Notifications without a wait between them are one step: the other systems do not wait for a call to end. */
function stepsOf(
  { events, repeat }: SourcePolicy,
  find: (target: SourceTarget) => CarriedTarget[],
  calendars: ReadonlySet<string>,
  lose: (why: string) => void,
): CarriedStep[] {
  const steps: OpenStep[] = [];
  let waitBefore = 0;
  const add = (event: SourceEvent): void => {
    const last = steps.at(-1);
    if (event.kind === 'wait') {
      if (last === undefined) waitBefore += event.seconds;
      else last.pauseSeconds += event.seconds;
      return;
    }
    const targets = event.targets.flatMap(find);
    if (targets.length === 0) return;
    if (last !== undefined && last.pauseSeconds === 0 && !last.inTurn && !event.inTurn)
      last.targets.push(...targets);
    else steps.push({ targets, inTurn: event.inTurn, pauseSeconds: 0 });
  };
  events.forEach(add);
  if (waitBefore > 0 && steps.length > 0) {
    lose(`waits ${minutes(waitBefore)} before it calls anybody: Ringdown calls at once`);
  }
  // A pause after the last step counts only if there is another round.
  const last = steps.at(-1);
  if (last !== undefined && repeat === 0) last.pauseSeconds = 0;
  return steps.map(({ targets, inTurn, pauseSeconds }) => {
    const distinct = withoutRepeats(targets, (target) =>
      'user' in target ? `user ${target.user.toLowerCase()}` : `rotation ${target.rotation}`,
    );
    const isSeveral =
      distinct.length > 1 ||
      distinct.some((target) => 'rotation' in target && calendars.has(target.rotation));
    if (pauseSeconds > MAX_PAUSE_SECONDS) {
      lose(`waits ${minutes(pauseSeconds)}: a pause in Ringdown is at most one day`);
    }
    return {
      targets: distinct,
      mode: isSeveral && !inTurn ? 'parallel' : 'sequence',
      pauseSeconds: Math.min(pauseSeconds, MAX_PAUSE_SECONDS),
    };
  });
}

function minutes(seconds: number): string {
  return `${Math.round(seconds / 60)} minutes`;
}

/** The first of those with the same mark. */
function withoutRepeats<Item>(items: readonly Item[], markOf: (item: Item) => string): Item[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const mark = markOf(item);
    return !seen.has(mark) && seen.add(mark);
  });
}
