import { sql as raw, type RawBuilder } from 'kysely';

/* What other rooms ask about escalations: they have no SQL on its tables. */

/** A subquery: the ids of the escalations of these policies. */
export function idsOfPolicies(policies: readonly string[]): RawBuilder<string> {
  return raw`(SELECT id FROM escalations WHERE policy = ANY(${[...policies]}::text[]))`;
}
