import type { Call } from '../../calls/call.ts';
import { inTime, type Clock } from '../../clock.ts';
import type { Directory } from '../../directory/directory.ts';
import { classify } from '../../directory/matching.ts';
import type { Actor, Escalation } from '../../escalations/escalation.ts';

/** Whoever acknowledges at night does not wait longer for the directory: then their words stand for them. */
const LOOK_UP_LIMIT_MS = 3_000;

interface Parts {
  directory: Pick<Directory, 'find'>;
  clock: Pick<Clock, 'setTimeout' | 'clearTimeout'>;
}

/**
 * Who acts. A person is the same one here as on the card, however they are named: so that acknowledging twice, once here
 * and once there, is no contest. Those whom the escalation calls may be named by their display names, everybody by object
 * id, user principal name or mail address. Whom nobody knows stands for themselves: programs act, too.
 */
export async function actorOf(
  by: string,
  { ladder }: Escalation,
  placed: readonly Call[],
  parts: Parts,
): Promise<Actor> {
  const wanted = by.trim().toLowerCase();
  const people = new Map([...placed, ...ladder.rungs].map(({ target }) => [target.id, target]));
  const meant = [...people.values()].filter(({ id, displayName, userPrincipalName }) =>
    [id, displayName, userPrincipalName].some((name) => name?.toLowerCase() === wanted),
  );
  const [one, ...others] = meant;
  const person = one && others.length === 0 ? one : await lookUp(by, parts);
  if (person) return { key: person.id, name: person.displayName, way: 'api' };
  return { key: wanted, name: by.trim(), way: 'api' };
}

/** Null for words that are no address, for nobody or several, and when the directory does not say so in time. */
async function lookUp(
  by: string,
  { directory, clock }: Parts,
): Promise<{ id: string; displayName: string } | null> {
  const { kind } = classify(by);
  if (kind !== 'objectId' && kind !== 'address') return null;
  const looking = directory.find({ text: by }, null).catch(() => null);
  const found = await inTime(looking, LOOK_UP_LIMIT_MS, () => null, clock);
  return found?.kind === 'one' ? found.person : null;
}
