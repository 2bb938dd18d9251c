import { sql as raw, type RawBuilder } from 'kysely';
import type { Sql } from '../database/schema.ts';
import type { FrozenStep } from './escalation.ts';

/** Escalations that are alike: their policy and the steps that they were started with. */
export interface OpenLadder {
  policy: string | null;
  steps: readonly FrozenStep[];
  escalations: number;
}

/** An expression: how many escalations there are of each status, but those that are over for good, as JSON. */
export const standingEscalations = raw`(SELECT json_object_agg(status, count) FROM
  (SELECT status, count(*) FROM escalations WHERE status IN ('open', 'acknowledged', 'exhausted')
   GROUP BY status) AS standing)`;

/** A subquery: id and source of those that are open or acknowledged. */
export const openEscalations = raw`(SELECT id, source FROM escalations WHERE status IN ('open', 'acknowledged'))`;

export async function openLadders(sql: Sql): Promise<OpenLadder[]> {
  const { rows } = await raw<OpenLadder>`
    SELECT policy, alert -> 'steps' AS steps, count(*)::integer AS escalations
    FROM escalations WHERE status IN ('open', 'acknowledged') GROUP BY 1, 2`.execute(sql);
  return rows;
}

/** Deletes escalations that ended before that, some at a time. */
export function oldEscalations(before: Date, most: number): RawBuilder<unknown> {
  return raw`DELETE FROM escalations WHERE id IN
    (SELECT id FROM escalations WHERE ended_at < ${before} LIMIT ${most})`;
}
