import { sql as raw, type RawBuilder, type Selectable } from 'kysely';
import { lastPlacedFor } from '../calls/callQueries.ts';
import type { Schema, Sql } from '../database/schema.ts';
import { storableJson } from '../database/storable.ts';
import { wordsOf, type Words } from '../escalations/words.ts';
import { storedKey, type FiringAlert, type NewAlert, type ResolvedAlert } from './alert.ts';
import { MAX_LISTED, NO_ALERTS, type Overview } from './overview.ts';

export async function firingOfGroup(
  sql: Sql,
  policy: string,
  source: string,
  group: string,
): Promise<FiringAlert[]> {
  const rows = await sql
    .selectFrom('alerts')
    .selectAll()
    .where('source', '=', source)
    .where('policy', '=', policy)
    .where('group_key', '=', storedKey(group))
    .where('status', '=', raw.lit('firing'))
    .orderBy('id')
    .execute();
  return rows.map(readFiring);
}

export function readFiring(row: Selectable<Schema['alerts']>): FiringAlert {
  return {
    ...wordsOf(row),
    id: row.id,
    source: row.source,
    policy: row.policy,
    dedupKey: row.dedup_key,
    group: row.group_key,
    startedAt: row.started_at?.toISOString() ?? null,
    escalationId: row.escalation_id,
  };
}

/** Empty if the sender did not say when the alert began: then its repeats cannot be told from a new episode. */
export function readResolved(row: Selectable<Schema['alerts']>): ResolvedAlert[] {
  const { id, source, policy, dedup_key: dedupKey, escalation_id: escalationId, started_at: startedAt } = row;
  if (!startedAt) return [];
  const cameAgain = row.ended_at !== null && row.last_seen_at > row.ended_at;
  return [{ id, source, policy, dedupKey, escalationId, startedAt: startedAt.toISOString(), cameAgain }];
}

/** A new alert, the escalation that it joins (`into`), and the first revision of that escalation that shows it. */
/** An alert as pages show it. Times are ISO 8601, UTC. */
export type ListedAlert = Pick<Selectable<Schema['alerts']>, 'summary' | 'severity' | 'status' | 'times'> & {
  openedAt: string;
  endedAt: string | null;
};

export interface JoiningAlert {
  into: string;
  revision: number;
  run: number;
  policy: string;
  at: string;
  alert: NewAlert;
}

export async function insertAlerts(sql: Sql, joining: readonly JoiningAlert[]): Promise<FiringAlert[]> {
  const { rows } = await raw<Selectable<Schema['alerts']>>`${addingAlerts(joining)} RETURNING *`.execute(sql);
  return rows.map(readFiring);
}

/** `insertAlerts` as part of a statement. */
export function addingAlerts(joining: readonly JoiningAlert[]): RawBuilder<unknown> {
  const rows = joining.map(({ into, revision, run, policy, at, alert }) => ({
    ...wordsOf(alert),
    source: alert.source,
    policy,
    dedup_key: alert.dedupKey,
    group_key: alert.group,
    status: 'firing',
    escalation_id: into,
    opened_at: at,
    last_seen_at: at,
    started_at: alert.startedAt,
    times: 1,
    revision,
    run,
    covered: false,
  }));
  const columns = raw.raw(Object.keys(rows[0] ?? {}).join(', '));
  return raw`INSERT INTO alerts (${columns})
    SELECT ${columns} FROM json_populate_recordset(NULL::alerts, ${storableJson(rows)}::json)`;
}

function columnsOf(words: Words) {
  return { ...wordsOf(words), links: storableJson(words.links) };
}

/** Counts repeats, as part of a statement. @param again how often each alert was repeated (`times`), and when last */
export function countingAgain(
  again: readonly { id: number; times: number; at: string }[],
): RawBuilder<unknown> {
  return raw`UPDATE alerts SET times = alerts.times + again.times, last_seen_at = again.at
    FROM json_to_recordset(${storableJson(again)}::json) AS again (id bigint, times integer, at timestamptz)
    WHERE alerts.id = again.id AND alerts.id = ANY(${again.map(({ id }) => id)}::bigint[])`;
}

/** Stores what a repeat says. @param worse if it is more severe: since when, and the first revision that shows it */
export async function changeAlert(
  sql: Sql,
  alert: FiringAlert,
  worse: { at: string; revision: number; run: number } | null,
): Promise<void> {
  await sql
    .updateTable('alerts')
    .set({
      ...columnsOf(alert),
      group_key: alert.group,
      started_at: alert.startedAt,
      ...(worse && { opened_at: worse.at, revision: worse.revision, run: worse.run, covered: false }),
    })
    .where('id', '=', alert.id)
    .execute();
}

/** @param alerts with the time at which the resolved episode began */
export async function resolveAlerts(
  sql: Sql,
  alerts: readonly Pick<FiringAlert, 'id' | 'startedAt'>[],
  at: string,
): Promise<void> {
  const resolved = storableJson(alerts.map(({ id, startedAt }) => ({ id, startedAt })));
  await raw`UPDATE alerts SET status = 'resolved', ended_at = ${at}, started_at = resolved."startedAt"
    FROM json_to_recordset(${resolved}::json) AS resolved (id bigint, "startedAt" timestamptz)
    WHERE alerts.id = resolved.id`.execute(sql);
}

/** For an escalation that a person ended: closes the alerts that they knew of. A repeat is then a new alert. */
export async function closeAlerts(sql: Sql, escalationId: string, at: string): Promise<void> {
  await sql
    .updateTable('alerts')
    .set({ status: 'closed', ended_at: at })
    .where('escalation_id', '=', escalationId)
    .where('status', '=', raw.lit('firing'))
    .where('covered', '=', true)
    .execute();
}

export async function loadOverview(sql: Sql, escalationId: string, limit = MAX_LISTED): Promise<Overview> {
  const listed = raw`(SELECT json_agg(listed) FROM (
    SELECT summary, details, severity, links FROM alerts WHERE escalation_id = ${escalationId} AND status = 'firing'
    ORDER BY CASE severity WHEN 'critical' THEN 0 WHEN 'error' THEN 1 WHEN 'warning' THEN 2 ELSE 3 END, id
    LIMIT ${limit}) AS listed)`;
  const { rows } = await raw<{ firing: number; resolved: number; listed: Words[] | null }>`
    SELECT count(*) FILTER (WHERE status = 'firing')::integer AS firing,
      count(*) FILTER (WHERE status = 'resolved')::integer AS resolved, ${listed} AS listed
    FROM alerts WHERE escalation_id = ${escalationId}`.execute(sql);
  const [row] = rows;
  return row ? { ...row, listed: row.listed ?? [] } : NO_ALERTS;
}

/** The alerts that an escalation stands for, the newest first. */
export async function listAlerts(sql: Sql, escalationId: string, limit: number): Promise<ListedAlert[]> {
  const rows = await sql
    .selectFrom('alerts')
    .select(['summary', 'severity', 'status', 'opened_at', 'ended_at', 'times'])
    .where('escalation_id', '=', escalationId)
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ opened_at: openedAt, ended_at: endedAt, ...alert }) => ({
    ...alert,
    openedAt: openedAt.toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
  }));
}

/** Whether alerts arrived, became worse or were moved here after the last call of this run: no call mentioned them. */
export async function hasUnannounced(sql: Sql, escalationId: string, run: number): Promise<boolean> {
  const row = await sql
    .selectFrom('alerts')
    .select('id')
    .where('escalation_id', '=', escalationId)
    .where('status', '=', raw.lit('firing'))
    .where('run', '=', run)
    .where('opened_at', '>', lastPlacedFor(escalationId))
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}
