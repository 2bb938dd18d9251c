import { sql as raw, type RawBuilder } from 'kysely';
import type { Sql } from '../database/schema.ts';
import { storable } from '../database/storable.ts';
import { whereRuns, type DedupKey } from './escalationStore.ts';

/* What other folders ask about escalations: they have no SQL of their own on this table. */

/** A subquery: the ids of the escalations of these policies. */
export function idsOfPolicies(policies: readonly string[]): RawBuilder<string> {
  return raw`(SELECT id FROM escalations WHERE policy = ANY(${[...policies]}::text[]))`;
}

/** A subquery: id and policy of the open escalations of these policies. */
export function openOf(policies: readonly string[]): RawBuilder<unknown> {
  return raw`(SELECT id, policy FROM escalations WHERE policy = ANY(${[...policies]}::text[]) AND status = 'open')`;
}

/** A subquery: id and policy of the escalations that alerts of these keys belong to, and of one more. */
export function runningWith(keys: readonly DedupKey[], also: string | null): RawBuilder<unknown> {
  return raw`(SELECT id, policy FROM escalations WHERE ${whereRuns(keys)}
    UNION ALL SELECT id, policy FROM escalations WHERE id = ${also})`;
}

/** A subquery: id, policy and time (`at`, ISO 8601) of those of these policies that were acknowledged after `time`. */
export function acknowledgedAfter(policies: readonly string[], time: string): RawBuilder<unknown> {
  return raw`(SELECT id, policy, ladder #>> '{acknowledgedBy,at}' AS at FROM escalations
    WHERE policy = ANY(${[...policies]}::text[]) AND status = 'acknowledged'
      AND ladder #>> '{acknowledgedBy,at}' > ${time})`;
}

/** How many escalations of each policy are open. */
export async function openByPolicy(sql: Sql): Promise<ReadonlyMap<string, number>> {
  const { rows } = await raw<{ policy: string; open: number }>`
    SELECT policy, count(*)::integer AS open FROM escalations
    WHERE status = 'open' AND policy IS NOT NULL GROUP BY policy`.execute(sql);
  return new Map(rows.map(({ policy, open }) => [policy, open]));
}

/** Whether a test that this sender started is still open. */
export async function isTesting(sql: Sql, policy: string, source: string): Promise<boolean> {
  const row = await sql
    .selectFrom('escalations')
    .select('id')
    .where('policy', '=', policy)
    .where('source', '=', storable(source))
    .where('status', '=', raw.lit('open'))
    .where(raw<boolean>`alert -> 'test' = 'true'::jsonb`)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** An expression that differs when a running escalation has changed, or when one has ended. */
export const escalationsToken: RawBuilder<unknown> = raw`json_build_array(
  (SELECT sum(hashtextextended(id, revision)) FROM escalations WHERE status IN ('open', 'acknowledged')),
  (SELECT max(seq) FROM escalation_timeline))`;
