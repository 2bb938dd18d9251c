import type { Target } from '../calls/call.ts';
import { isGuid } from '../config/guids.ts';
import { lookUp } from '../config/lookUp.ts';
import { callableOf, toTarget } from '../directory/callable.ts';
import type { Directory, NotCallable, Person } from '../directory/directory.ts';
import { findFirst } from '../directory/findFirst.ts';
import type { Skipped, SkipReason, TargetSpec } from './escalation.ts';
import { mobileOf, type Meant as MeantPerson } from './ways.ts';

/** Whom the words of a target mean, by the directory and by ringdown.yaml. It remembers nothing: see targets.ts. */

/** Whom a target means now, and who of them is not called. */
export interface Found {
  targets: Target[];
  skipped: Skipped[];
  /** Those of the skipped people who have an account, and may have a mobile. */
  notInTeams?: Required<MeantPerson>[];
}

/** Targets that the directory looks up. */
export type LookedUp =
  | Extract<TargetSpec, { user: string } | { group: string } | { managerOf: string } | { mobileOf: string }>
  | { shifts: string }
  /** A calendar's words for a person: the first that the directory knows. */
  | { oneOf: readonly string[] };

/**
 * Whom the directory means by these words at a time (epoch milliseconds).
 *
 * @throws RingdownError directory_unavailable
 */
export async function findNow(spec: LookedUp, directory: Directory, now: number): Promise<Found> {
  if ('user' in spec || 'oneOf' in spec) {
    const found = await findFirst('user' in spec ? [spec.user] : spec.oneOf, directory);
    return found.person ? callable([found.person]) : skip(found.word, found.reason);
  }
  if ('group' in spec) {
    const members = await directory.membersOf(spec.group);
    return members && members.length > 0 ? callable(members) : skip(spec.group, 'emptyGroup');
  }
  if ('managerOf' in spec) {
    const found = await findFirst([spec.managerOf], directory);
    if (!found.person) return skip(found.word, found.reason);
    const manager = await directory.managerOf(found.person.id);
    return manager ? callable([manager]) : skip(spec.managerOf, 'noManager');
  }
  if ('mobileOf' in spec) {
    const found = await findFirst([spec.mobileOf], directory);
    return found.person ? onMobileOnly(found.person) : skip(found.word, found.reason);
  }
  const shifts = (await directory.shifts(spec.shifts, now)) ?? [];
  // Somebody may have two shifts at once.
  const ids = [...new Set(shifts.map(({ userId }) => userId))];
  const people = await Promise.all(ids.map(async (id) => await directory.get(id)));
  const known = people.filter((person) => person !== null);
  return known.length > 0 ? callable(known) : skip(spec.shifts, 'nobodyOnDuty');
}

/** The voice app of this name, or with this object id. */
export function voiceAppOf(name: string, voiceApps: Readonly<Record<string, string>>): Found {
  const id = lookUp(voiceApps, name) ?? name;
  if (!isGuid(id)) return skip(name, 'notInFile');
  return { targets: [{ kind: 'voiceApp', id: id.toLowerCase(), displayName: name }], skipped: [] };
}

/** Those of these people who may be called. */
export function callable(people: readonly Person[]): Found {
  const targets: Target[] = [];
  const skipped: Skipped[] = [];
  const notInTeams: Required<MeantPerson>[] = [];
  for (const person of people) {
    const can = callableOf(person);
    if (can.callable) targets.push(toTarget(person));
    else {
      skipped.push({ name: person.displayName, reason: can.reason });
      if (mayHaveMobile(can.reason)) notInTeams.push({ target: toTarget(person), notInTeams: can.reason });
    }
  }
  return { targets, skipped, ...(notInTeams.length > 0 && { notInTeams }) };
}

/** A person who left is not called anywhere. The other reasons concern Teams. */
function mayHaveMobile(reason: NotCallable): boolean {
  return reason !== 'disabled';
}

function onMobileOnly(person: Person): Found {
  const can = callableOf(person);
  if (!can.callable && !mayHaveMobile(can.reason)) return skip(person.displayName, can.reason);
  if (person.kind === 'resourceAccount') return skip(person.displayName, 'noMobile');
  return { targets: [mobileOf(toTarget(person))], skipped: [] };
}

export function skip(name: string, reason: SkipReason): Found {
  return { targets: [], skipped: [{ name, reason }] };
}
