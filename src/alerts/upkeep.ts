import { sql as raw, type RawBuilder } from 'kysely';
import type { Sql } from '../database/schema.ts';
import { openEscalations } from '../escalations/upkeep.ts';

/** A source of the alerts of open escalations. `heartbeat` is the name of the heartbeat, if the source is one. */
export interface OpenSource {
  source: string;
  heartbeat: string | null;
  escalations: number;
}

/** An expression: how many bodies wait in the intake. */
export const waitingAlerts = raw`(SELECT count(*) FROM intake WHERE status = 'waiting')`;

/** An expression that differs when a body has arrived or was processed. */
export const intakeToken: RawBuilder<unknown> = raw`json_build_array((SELECT max(seq) FROM intake), ${waitingAlerts})`;

/** The sources of open escalations: of the alert that started each, and of all its firing alerts. */
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

/** How many of the newest bodies are searched: the table has no index by source. */
const SEARCHED = 5_000;

/** Of each source among the newest bodies: when the last one arrived, and how many could not be processed. */
export async function recentArrivals(
  sql: Sql,
): Promise<ReadonlyMap<string, { lastAt: Date; failed: number }>> {
  const { rows } = await raw<{ source: string; last_at: Date; failed: number }>`
    SELECT source, max(received_at) AS last_at, (count(*) FILTER (WHERE status = 'failed'))::integer AS failed
    FROM (SELECT source, received_at, status FROM intake ORDER BY seq DESC LIMIT ${SEARCHED}) AS newest
    GROUP BY source`.execute(sql);
  return new Map(rows.map(({ source, last_at: lastAt, failed }) => [source, { lastAt, failed }]));
}

/** Deletes bodies that were processed before this time, at most `most` at once. */
export function oldIntake(before: Date, most: number): RawBuilder<unknown> {
  return raw`DELETE FROM intake WHERE seq IN
    (SELECT seq FROM intake WHERE status <> 'waiting' AND worked_at < ${before} LIMIT ${most})`;
}
