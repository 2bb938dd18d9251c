import type { Call, Target } from '../../calls/call.ts';
import { calleeIdOf } from '../../calls/callee.ts';
import { inTime, type Clock } from '../../clock.ts';
import type { Directory } from '../../directory/directory.ts';
import { classify } from '../../directory/textQuery.ts';
import type { Actor, Escalation } from '../../escalations/escalation.ts';
import { rungsOf } from '../../escalations/ladder/rungs.ts';
import type { Targets } from '../../escalations/targets.ts';

/** How long an acknowledgement waits for the directory. After that, the name is taken as given. */
const LOOK_UP_LIMIT_MS = 3_000;

interface Parts {
  directory: Pick<Directory, 'find'>;
  /** Whom the escalation's targets resolved to when the directory last answered. */
  targets: Pick<Targets, 'remembered'>;
  clock: Pick<Clock, 'setTimeout' | 'clearTimeout'>;
}

/**
 * Resolves the person who acts. However a person is named, they are the same person as on the card; so acknowledging
 * once here and once there is not a conflict. Callees of the escalation may be given by display name, anybody by
 * object id, user principal name or mail address. If the directory does not answer, people of the escalation's steps
 * are known from its last answer. A name that nobody matches stands for itself: programs act too.
 */
export async function actorOf(
  by: string,
  escalation: Escalation,
  placed: readonly Call[],
  parts: Parts,
): Promise<Actor> {
  const words = by.trim();
  const named = words.toLowerCase();
  const called = [...placed, ...rungsOf(escalation.ladder)].map(({ target }) => target);
  const person = theOneOf(called, named) ?? (await lookUp(words, escalation, parts));
  return person
    ? { key: person.id, name: person.displayName, way: 'api', named }
    : { key: named, name: words, way: 'api' };
}

/**
 * Null if it is not an address, matches nobody or several people, or the directory does not answer and the person is
 * not cached.
 */
async function lookUp(
  by: string,
  { policy, steps }: Escalation,
  { directory, clock, targets }: Parts,
): Promise<{ id: string; displayName: string } | null> {
  const { kind } = classify(by);
  if (kind !== 'objectId' && kind !== 'address') return null;
  const looking = directory.find({ text: by }, null).catch(() => null);
  const found = await inTime(looking, LOOK_UP_LIMIT_MS, () => null, clock);
  if (found === null) return theOneOf(await targets.remembered(policy, steps), by.toLowerCase());
  return found.kind === 'one' ? found.person : null;
}

/** The only person with this name; null if there are several. `named` is in lower case. */
function theOneOf(people: readonly Target[], named: string): Target | null {
  // Somebody's mobile counts as the person.
  const persons = people.map((target) => ({ ...target, id: calleeIdOf(target) }));
  const each = new Map(persons.map((target) => [target.id, target]));
  const [one, ...others] = [...each.values()].filter(({ id, displayName, userPrincipalName }) =>
    [id, displayName, userPrincipalName].some((name) => name?.toLowerCase() === named),
  );
  return one && others.length === 0 ? one : null;
}
