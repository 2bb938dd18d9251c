import { sql as raw, type RawBuilder } from 'kysely';
import type { Sql } from '../database/schema.ts';
import { openEscalations } from '../escalations/upkeep.ts';

/** Who sent what open escalations stand for; `heartbeat` is its name, if it was one. */
export interface OpenSource {
  source: string;
  heartbeat: string | null;
  escalations: number;
}

/** An expression: how many bodies wait to be worked on. */
export const waitingAlerts = raw`(SELECT count(*) FROM intake WHERE status = 'waiting')`;

/** Those of all alerts that an escalation stands for, and of heartbeats which. */
export async function openSources(sql: Sql): Promise<OpenSource[]> {
  const { rows } = await raw<OpenSource>`
    SELECT source, heartbeat, count(DISTINCT id)::integer AS escalations
    FROM (
      SELECT id, source, NULL AS heartbeat FROM ${openEscalations} AS started
      UNION ALL
      SELECT open.id, alerts.source, CASE alerts.source WHEN 'heartbeats' THEN alerts.dedup_key END
      FROM alerts JOIN ${openEscalations} AS open ON open.id = alerts.escalation_id
      WHERE alerts.status = 'firing'
    ) AS sources
    GROUP BY 1, 2`.execute(sql);
  return rows;
}

/** Deletes bodies that were worked on before that, some at a time. */
export function oldIntake(before: Date, most: number): RawBuilder<unknown> {
  return raw`DELETE FROM intake WHERE seq IN
    (SELECT seq FROM intake WHERE status <> 'waiting' AND worked_at < ${before} LIMIT ${most})`;
}
