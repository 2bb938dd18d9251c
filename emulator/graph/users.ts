import type { Person } from '../people/person.ts';
import type { UserIndex } from '../people/userIndex.ts';
import { badRequest, unsupportedQuery } from './errors.ts';
import { needsEventualConsistency, parseFilter, usersFitting } from './filter.ts';
import { parseSearch, usersFound } from './search.ts';

export interface UserQuery {
  search: string | null;
  filter: string | null;
  orderBy: string | null;
  count: boolean;
  /** `ConsistencyLevel: eventual` */
  eventual: boolean;
}

/**
 * The users that a query finds.
 *
 * @throws Refusal 400 for queries that need `ConsistencyLevel: eventual`, as Graph does
 */
export function findUsers(query: UserQuery, index: UserIndex): Person[] {
  const { search, filter, orderBy, count, eventual } = query;
  if (search !== null && !eventual) {
    throw unsupportedQuery(
      "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'",
    );
  }
  let matching = search === null ? null : usersFound(parseSearch(search), index);
  if (filter !== null) {
    const parsed = parseFilter(filter);
    if (needsEventualConsistency(parsed) && !(eventual && count)) {
      throw unsupportedQuery('Operator is not supported without ConsistencyLevel: eventual and $count=true.');
    }
    const fitting = usersFitting(parsed, index, matching ?? undefined);
    matching = matching?.intersection(fitting) ?? fitting;
  }
  const found = matching === null ? index.users : index.inOrder(matching);
  if (orderBy === null) return found;
  if ((search !== null || filter !== null) && !eventual) {
    throw unsupportedQuery('Sorting together with $filter or $search needs ConsistencyLevel: eventual.');
  }
  const [, property, direction] = /^(displayName|userPrincipalName)(?:\s+(asc|desc))?$/.exec(orderBy) ?? [];
  if (property === undefined) throw badRequest(`Sorting by '${orderBy}' is not supported.`);
  const sign = direction === 'desc' ? -1 : 1;
  const key = (person: Person): string =>
    (property === 'displayName' ? person.displayName : person.userPrincipalName).toLowerCase();
  return found.toSorted((a, b) => (key(a) < key(b) ? -sign : key(a) > key(b) ? sign : 0));
}
