import type { Target } from '../calls/call.ts';
import type { Escalation, StepPeople } from './escalation.ts';

/**
 * What becomes of those who do not want to be called from chats (`stop calling me`). A policy is the operator's own
 * rule: it goes over that, and says so, unless the operator wrote that it is heeded. People whom somebody names in a
 * chat are asked for in a chat: they are stepped over, and that is said too.
 *
 * @param optedOut object ids
 */
export function heedOptOuts(
  { policy, startedBy, stepOver = [] }: Pick<Escalation, 'policy' | 'startedBy' | 'stepOver'>,
  found: StepPeople,
  optedOut: ReadonlySet<string>,
): StepPeople & { overruled: Target[] } {
  const affected = ({ target }: StepPeople['people'][number]): boolean =>
    target.kind === 'teamsUser' &&
    optedOut.has(target.id.toLowerCase()) &&
    target.id.toLowerCase() !== startedBy.objectId?.toLowerCase();
  const these = found.people.filter(affected);
  const isHeeded = stepOver.includes('optedOut') || (policy === null && startedBy.kind === 'chat');
  if (!isHeeded) {
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
