import type { Target } from '../calls/call.ts';
import type { Directory } from '../directory/directory.ts';
import { RingdownError } from '../errors.ts';
import {
  addressesOf,
  isCommunicationUser,
  isPhone,
  isSameName,
  nameOf,
  needsOf,
  type Known,
  type Who,
} from './rules.ts';

/** Asks the directory what the rules need to know about a person, and no more. */
export async function lookUpKnown(
  directory: Pick<Directory, 'get' | 'find' | 'isMemberOf'>,
  { id, displayName }: Pick<Target, 'id' | 'displayName'>,
  grants: readonly Who[],
  deny: readonly Who[] = [],
): Promise<Known> {
  const nobody = { addresses: [], domains: [] };
  if (isCommunicationUser(id) || isPhone(id)) {
    return { id, displayName, ...nobody, groups: new Set(), complete: true, ownNames: new Set() };
  }
  const needs = needsOf([...grants, ...deny]);
  let complete = true;
  const orIncomplete = (error: unknown): null => {
    complete = false;
    return nullIfUnavailable(error);
  };
  const names = grants.map(nameOf).filter((name) => name !== null && isSameName(name, displayName));
  const [person, groups, meant] = await Promise.all([
    needs.person ? directory.get(id).catch(orIncomplete) : null,
    // If this fails, only rules about groups are affected.
    needs.groups.length === 0
      ? new Set<string>()
      : directory.isMemberOf(id, needs.groups).catch(nullIfUnavailable),
    Promise.all(
      names.map(
        async (name) => [name, await directory.find({ text: name ?? '' }, null).catch(orIncomplete)] as const,
      ),
    ),
  ]);
  const ownNames = meant.flatMap(([name, found]) =>
    name !== null && found?.kind === 'one' && found.person.id === id.toLowerCase() ? [name] : [],
  );
  return {
    id,
    displayName,
    ...(person ? addressesOf(person) : nobody),
    groups,
    complete,
    ownNames: new Set(ownNames),
  };
}

/** For an answer of the directory that may be missing: null if the directory did not answer. */
export function nullIfUnavailable(error: unknown): null {
  if (error instanceof RingdownError && error.code === 'directory_unavailable') return null;
  throw error;
}
