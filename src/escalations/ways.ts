import type { Target } from '../calls/call.ts';
import { personIdOf } from '../calls/callee.ts';
import { targetKey } from '../calls/callStore.ts';
import type { NotCallable } from '../directory/directory.ts';
import type { MobileNumber } from './mobileNumber.ts';
import type { Skipped, SkipReason, StepPeople, Way, WithoutWay } from './escalation.ts';

/** The phones on which the people of a step are reached, in the order of its ways. Pure. */

/** In which ways people are reached if neither the step nor its policy says. */
export const DEFAULT_WAYS: readonly Way[] = ['teams'];

/** Somebody or something that a target means, before their numbers are known. */
export interface Meant {
  /** As the directory names them. A mobile has no number yet: see `mobileOf`. */
  target: Target;
  /** Why they cannot be called in Teams. */
  notInTeams?: NotCallable;
}

/** A person's mobile whose number is not known. Nothing calls it: `phonesOfPeople` adds the number. */
export function mobileOf(person: Target): Target {
  return { ...person, kind: 'phone', id: '', personId: person.personId ?? person.id };
}

/** What the directory says about a target: who can be called in Teams, and who cannot. */
export interface FoundPeople {
  targets: readonly Target[];
  skipped: readonly Skipped[];
  /** Those of the skipped people who have an account, and may have a mobile. */
  notInTeams?: readonly Required<Meant>[];
}

/** Who may be called in one of these ways, and who is skipped whatever numbers the directory has. */
export function meantBy(
  { targets, skipped, notInTeams = [] }: FoundPeople,
  ways: readonly Way[],
): { meant: Meant[]; skipped: Skipped[] } {
  const asIs = targets.map((target): Meant => ({ target }));
  if (!ways.includes('mobile')) return { meant: asIs, skipped: [...skipped] };
  // Nobody else is skipped for these reasons.
  const others: ReadonlySet<SkipReason> = new Set(notInTeams.map(({ notInTeams: reason }) => reason));
  return {
    meant: [...asIs, ...notInTeams],
    skipped: skipped.filter(({ reason }) => !others.has(reason)),
  };
}

/** Object ids of the people whose numbers a step needs, each once. */
export function needNumbers(meant: readonly Meant[], ways: readonly Way[]): string[] {
  const ids = meant.flatMap(({ target }) =>
    waysTo(target, ways).includes('mobile') ? (personIdOf(target) ?? []) : [],
  );
  return [...new Set(ids.map((id) => id.toLowerCase()))];
}

/** Somebody whom `mobileOf` names is called on their mobile only; voice apps and numbers are one phone each. */
function waysTo(target: Target, ways: readonly Way[]): readonly (Way | 'asIs')[] {
  if (personIdOf(target) === null) return ['asIs'];
  return target.kind === 'phone' ? ['mobile'] : ways;
}

/**
 * The people of a step with their phones. Somebody who is meant twice is one person, with the phones of both. Somebody
 * without any phone is skipped; somebody who lacks one is called on the others.
 *
 * @param numberOf of a person, by object id
 */
export function phonesOfPeople(
  meant: readonly Meant[],
  ways: readonly Way[],
  numberOf: (personId: string) => MobileNumber,
): Required<Pick<StepPeople, 'people' | 'skipped' | 'without'>> {
  const found = new Map<string, { name: string; phones: Target[]; without: WithoutWay[] }>();
  for (const { target, notInTeams } of meant) {
    const key = targetKey(target);
    const person = found.get(key) ?? { name: target.displayName, phones: [], without: [] };
    found.set(key, person);
    for (const way of waysTo(target, ways)) {
      const phone = phoneFor(way, target, notInTeams, numberOf);
      if ('reason' in phone) {
        const { name } = person;
        if (way !== 'asIs' && !person.without.some((one) => one.way === way))
          person.without.push({ name, way, reason: phone.reason });
      } else if (!person.phones.some(({ kind, id }) => kind === phone.kind && id === phone.id)) {
        person.phones.push(phone);
      }
    }
  }
  const people: StepPeople['people'] = [];
  const skipped: Skipped[] = [];
  const without: WithoutWay[] = [];
  for (const [key, { phones, without: missing }] of found) {
    const [target, ...others] = phones;
    const [first] = missing;
    if (target) {
      people.push({ key, target, ...(others.length > 0 && { phones }) });
      without.push(...missing);
    } else if (first) {
      skipped.push({ name: first.name, reason: first.reason });
      // The line about the skipped person has room for one reason.
      without.push(...missing.slice(1));
    }
  }
  return { people, skipped, without };
}

function phoneFor(
  way: Way | 'asIs',
  target: Target,
  notInTeams: NotCallable | undefined,
  numberOf: (personId: string) => MobileNumber,
): Target | { reason: SkipReason } {
  if (way === 'asIs') return target;
  if (way === 'teams') return notInTeams === undefined ? target : { reason: notInTeams };
  const mobile = mobileOf(target);
  const found = numberOf((mobile.personId ?? '').toLowerCase());
  return 'number' in found ? { ...mobile, id: found.number } : found;
}
