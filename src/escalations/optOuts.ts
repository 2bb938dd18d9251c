import type { Target } from '../calls/call.ts';
import { personIdOf } from '../calls/callee.ts';
import type { Escalation, StepPeople } from './escalation.ts';

/**
 * Applies `stop calling me`, which means: do not call me from chats. A policy is the operator's own rule, so it calls
 * these people (`overruled`), unless its `stepOver` has `optedOut`. People whom somebody names in a chat are skipped.
 *
 * @param optedOut object ids, in lower case
 */
export function applyOptOuts(
  { policy, startedBy, stepOver = [] }: Pick<Escalation, 'policy' | 'startedBy' | 'stepOver'>,
  found: StepPeople,
  optedOut: ReadonlySet<string>,
): StepPeople & { overruled: Target[] } {
  const affected = ({ target }: StepPeople['people'][number]): boolean => {
    const person = personIdOf(target)?.toLowerCase();
    return person !== undefined && optedOut.has(person) && person !== startedBy.objectId?.toLowerCase();
  };
  const these = found.people.filter(affected);
  const isRespected = stepOver.includes('optedOut') || (policy === null && startedBy.kind === 'chat');
  if (!isRespected) {
    return { ...found, overruled: these.map(({ target }) => target) };
  }
  return {
    ...found,
    people: found.people.filter((one) => !affected(one)),
    skipped: [
      ...found.skipped,
      ...these.map(({ target }) => ({ name: target.displayName, reason: 'optedOut' as const })),
    ],
    overruled: [],
  };
}
