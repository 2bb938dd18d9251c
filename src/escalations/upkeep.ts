import { sql as raw, type RawBuilder } from 'kysely';
import type { Sql } from '../database/schema.ts';
import type { FrozenStep } from './escalation.ts';

/** Open escalations with the same policy and the same steps. */
export interface OpenLadder {
  policy: string | null;
  steps: readonly FrozenStep[];
  escalations: number;
}

/** An expression: the number of escalations by status, as JSON; without those that are resolved or cancelled. */
export const standingEscalations = raw`(SELECT json_object_agg(status, count) FROM
  (SELECT status, count(*) FROM escalations WHERE status IN ('open', 'acknowledged', 'exhausted')
   GROUP BY status) AS standing)`;

/** A subquery: id and source of escalations that are open or acknowledged. */
export const openEscalations = raw`(SELECT id, source FROM escalations WHERE status IN ('open', 'acknowledged'))`;

export async function openLadders(sql: Sql): Promise<OpenLadder[]> {
  const { rows } = await raw<OpenLadder>`
    SELECT policy, alert -> 'steps' AS steps, count(*)::integer AS escalations
    FROM escalations WHERE status IN ('open', 'acknowledged') GROUP BY 1, 2`.execute(sql);
  return rows;
}

/** Deletes at most `most` escalations that ended before that. */
export function oldEscalations(before: Date, most: number): RawBuilder<unknown> {
  return raw`DELETE FROM escalations WHERE id IN
    (SELECT id FROM escalations WHERE ended_at < ${before} LIMIT ${most})`;
}
