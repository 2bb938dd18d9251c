import type { Target } from './call.ts';

/** Who is called. Pure. */

/** The Entra object id of the person who is called, in Teams or on their own phone; null if it is nobody's. */
export function personIdOf(target: Target): string | null {
  return target.kind === 'teamsUser' ? target.id : (target.personId ?? null);
}

/** Who is called: the person, in Teams or on their own phone; otherwise the target itself. */
export function calleeIdOf(target: Target): string {
  return personIdOf(target) ?? target.id;
}

/** Whether a call to this target calls the person with this Entra object id. */
export function isCallee(target: Target, objectId: string | undefined): boolean {
  return objectId !== undefined && personIdOf(target)?.toLowerCase() === objectId.toLowerCase();
}

/** Whether this is somebody's mobile: a phone of the telephone network that is known to be theirs. */
export function isMobile({ kind, personId }: Pick<Target, 'kind' | 'personId'>): boolean {
  return kind === 'phone' && personId !== undefined;
}
