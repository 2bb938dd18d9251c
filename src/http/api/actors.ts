import type { Call, Target } from '../../calls/call.ts';
import { inTime, type Clock } from '../../clock.ts';
import type { Directory } from '../../directory/directory.ts';
import { classify } from '../../directory/textQuery.ts';
import type { Actor, Escalation } from '../../escalations/escalation.ts';
import type { Targets } from '../../escalations/targets.ts';

/** Whoever acknowledges at night does not wait longer for the directory: then their words stand for them. */
const LOOK_UP_LIMIT_MS = 3_000;

interface Parts {
  directory: Pick<Directory, 'find'>;
  /** Tells whom an escalation's policy meant when the directory last answered. */
  targets: Pick<Targets, 'remembered'>;
  clock: Pick<Clock, 'setTimeout' | 'clearTimeout'>;
}

/**
 * Who acts. A person is the same one here as on the card, however they are named: so that acknowledging twice, once here
 * and once there, is no contest. Those whom the escalation calls may be named by their display names, everybody by object
 * id, user principal name or mail address. While the directory is silent those of the escalation's steps are known by what
 * it said last. Whom nobody knows stands for themselves: programs act, too.
 */
export async function actorOf(
  by: string,
  escalation: Escalation,
  placed: readonly Call[],
  parts: Parts,
): Promise<Actor> {
  const words = by.trim();
  const named = words.toLowerCase();
  const called = [...placed, ...escalation.ladder.rungs].map(({ target }) => target);
  const person = theOneOf(called, named) ?? (await lookUp(words, escalation, parts));
  return person
    ? { key: person.id, name: person.displayName, way: 'api', named }
    : { key: named, name: words, way: 'api' };
}

/** Null for words that are no address, for nobody or several, and for whom nobody knows while the directory is silent. */
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

/** The only one who is named so; `named` in lower case. */
function theOneOf(people: readonly Target[], named: string): Target | null {
  const each = new Map(people.map((target) => [target.id, target]));
  const [one, ...others] = [...each.values()].filter(({ id, displayName, userPrincipalName }) =>
    [id, displayName, userPrincipalName].some((name) => name?.toLowerCase() === named),
  );
  return one && others.length === 0 ? one : null;
}
