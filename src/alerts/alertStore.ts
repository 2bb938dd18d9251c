import { createHash } from 'node:crypto';
import { sql as raw, type RawBuilder, type Selectable } from 'kysely';
import * as z from 'zod';
import type { Schema, Sql } from '../database/schema.ts';
import { storable, storableJson } from '../database/storable.ts';
import {
  lockingWhere,
  readStored,
  whereRuns,
  type StoredEscalation,
} from '../escalations/escalationStore.ts';
import { wordsOf, type Words } from '../escalations/words.ts';

/** What is stored of an alert, as far as the decisions need it. */
export interface NewAlert extends Words {
  source: string;
  dedupKey: string;
  group: string | null;
  /** ISO 8601; null if its sender does not say. */
  startedAt: string | null;
}

export interface FiringAlert extends NewAlert {
  id: number;
  policy: string;
  escalationId: string;
}

/** One that its sender has resolved a while ago. */
export interface OverAlert {
  id: number;
  source: string;
  policy: string;
  dedupKey: string;
  escalationId: string;
  startedAt: string;
  /** It came again since. */
  cameAgain: boolean;
}

/** Longer ones do not fit an index. Characters. */
const LONGEST_KEY = 300;

/** What stands for a sender's key in the database. */
export function storedKey(key: string): string {
  const text = storable(key);
  return text.length <= LONGEST_KEY ? text : `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

/** What the database keeps of a sender's words. */
export function storedWords({ summary, details, severity, links }: Words): Words {
  return {
    summary: storable(summary),
    details: details === null ? null : storable(details),
    severity,
    links: links.map(({ text, href }) => ({ text: storable(text), href: storable(href) })),
  };
}

/**
 * Lets nobody else work on the alerts of this policy until the transaction ends: what comes at once is one escalation's,
 * on however many replicas. Order of locks: the policy, then escalations, then alerts.
 */
export async function lockPolicy(sql: Sql, policy: string): Promise<void> {
  // Some fixed number in place of another kind of lock's.
  await raw`SELECT pg_advisory_xact_lock(hashtextextended(${`alerts ${policy}`}, 7465))`.execute(sql);
}

/**
 * The same for all policies that have something waiting in the intake and that nobody else works on.
 *
 * @returns the locked ones, and those that somebody else has
 */
export async function lockWaiting(sql: Sql): Promise<{ locked: string[]; missed: string[] }> {
  const { rows } = await raw<{ policy: string; locked: boolean }>`
    SELECT policy, pg_try_advisory_xact_lock(hashtextextended('alerts ' || policy, 7465)) AS locked
    FROM (SELECT DISTINCT policy FROM intake WHERE status = 'waiting' ORDER BY policy) AS waiting`.execute(
    sql,
  );
  const those = (which: boolean): string[] =>
    rows.filter(({ locked }) => locked === which).map(({ policy }) => policy);
  return { locked: those(true), missed: those(false) };
}

/** What signals name: alerts by their keys, and groups of a sender. */
export interface Named {
  keys: readonly { policy: string; source: string; dedupKey: string }[];
  groups: readonly { policy: string; source: string; group: string }[];
}

/** The escalations that are concerned, locked, and how. */
export interface Concerned {
  escalations: StoredEscalation[];
  /** Ids of those that stand for alerts of a policy, by policy. */
  standing: Map<string, string[]>;
  /** Policies with one that somebody else has locked. */
  missed: Set<string>;
}

/**
 * Locks the escalations of the alerts that are named, firing or resolved since `resolvedAfter`, and those that new alerts
 * may join, all at once and in one order: a person may be resolving one just now, and locks the escalation before its
 * alerts too.
 *
 * @param options.also another escalation that is to be locked
 * @param options.waits for who holds them; else they are left out
 */
export async function lockNamed(
  sql: Sql,
  policies: readonly string[],
  named: Named,
  { resolvedAfter, also, waits }: { resolvedAfter: Date; also: string | null; waits: boolean },
): Promise<Concerned> {
  const { ofKeys, ofGroups, fires, isOver } = whereNamed(named, resolvedAfter);
  const { rows } = await raw<
    Selectable<Schema['escalations']> & { concerned: string; of: string; stands: boolean; paused: boolean }
  >`WITH named AS (
      SELECT alerts.policy AS of, escalation_id AS concerned, true AS stands FROM ${ofKeys} WHERE ${fires} OR ${isOver}
      UNION ALL SELECT alerts.policy, escalation_id, true FROM ${ofGroups} WHERE ${fires}
      UNION ALL SELECT policy, id, true FROM escalations
        WHERE policy = ANY(${[...policies]}::text[]) AND status = 'open'
          AND EXISTS (SELECT FROM alerts WHERE escalation_id = escalations.id)
      UNION ALL SELECT policy, id, false FROM escalations WHERE ${whereRuns(named.keys)}
      UNION ALL SELECT policy, id, false FROM escalations WHERE id = ${also}
    ), locked AS (
      ${lockingWhere(raw`id = ANY(ARRAY(SELECT concerned FROM named))`, waits)}
    )
    SELECT locked.*, concerned, of, stands
    FROM (SELECT of, concerned, bool_or(stands) AS stands FROM named GROUP BY of, concerned) AS named
      LEFT JOIN locked ON locked.id = concerned`.execute(sql);
  const held = rows.filter(({ id }) => id !== null);
  return {
    escalations: [...new Map(held.map((row) => [row.id, row])).values()].map(readStored),
    standing: new Map(
      [
        ...Map.groupBy(
          held.filter(({ stands }) => stands),
          ({ of }) => of,
        ),
      ].map(([policy, own]) => [policy, own.map(({ id }) => id)]),
    ),
    missed: new Set(waits ? [] : rows.filter(({ id }) => id === null).map(({ of }) => of)),
  };
}

/** What is known of the alerts that are named, whose escalations are locked: those that fire, and those that are over. */
export async function loadNamed(
  sql: Sql,
  named: Named,
  resolvedAfter: Date,
): Promise<{ firing: FiringAlert[]; over: OverAlert[] }> {
  const { ofKeys, fires, isOver } = whereNamed(named, resolvedAfter);
  const { rows } = await raw<
    Selectable<Schema['alerts']>
  >`SELECT alerts.* FROM ${ofKeys} WHERE ${fires} OR ${isOver}`.execute(sql);
  return {
    firing: rows.filter(({ status }) => status === 'firing').map(read),
    over: rows.filter(({ status }) => status !== 'firing').flatMap(readOver),
  };
}

function whereNamed({ keys, groups }: Named, resolvedAfter: Date) {
  const alerts = (
    column: string,
    columns: readonly object[],
  ) => raw`json_to_recordset(${storableJson(columns)}::json)
      AS given (policy text, source text, ${raw.ref(column)} text)
    JOIN alerts ON alerts.source = given.source AND alerts.policy = given.policy`;
  return {
    ofKeys: raw`${alerts('dedupKey', keys)} AND alerts.dedup_key = given."dedupKey"`,
    ofGroups: raw`${alerts('group', groups)} AND alerts.group_key = given."group"`,
    fires: raw`alerts.status = 'firing'`,
    isOver: raw`(alerts.status = 'resolved' AND alerts.started_at IS NOT NULL AND alerts.ended_at > ${resolvedAfter})`,
  };
}

/** Escalations of these policies that stand for alerts and were acknowledged after this, as an expression. */
export function acknowledgedQuestion(policies: readonly string[], after: string): RawBuilder<unknown> {
  return raw`(SELECT json_agg(json_build_object('id', id, 'policy', policy, 'at', ladder #>> '{acknowledgedBy,at}'))
    FROM escalations WHERE policy = ANY(${[...policies]}::text[]) AND status = 'acknowledged'
      AND ladder #>> '{acknowledgedBy,at}' > ${after} AND EXISTS (SELECT FROM alerts WHERE escalation_id = escalations.id))`;
}

export function acknowledgedIn(answer: unknown): { id: string; policy: string; at: string }[] {
  return acknowledgedSchema.safeParse(answer).data ?? [];
}

const acknowledgedSchema = z.array(z.object({ id: z.string(), policy: z.string(), at: z.string() }));

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
    .where('status', '=', 'firing')
    .orderBy('id')
    .execute();
  return rows.map(read);
}

function read(row: Selectable<Schema['alerts']>): FiringAlert {
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

function readOver(row: Selectable<Schema['alerts']>): OverAlert[] {
  const { id, source, policy, dedup_key: dedupKey, escalation_id: escalationId, started_at: startedAt } = row;
  if (!startedAt) return [];
  const cameAgain = row.ended_at !== null && row.last_seen_at > row.ended_at;
  return [{ id, source, policy, dedupKey, escalationId, startedAt: startedAt.toISOString(), cameAgain }];
}

/** A new alert with the escalation that it joins, and the first revision of that which shows it. */
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
  return rows.map(read);
}

/** The same as part of a statement. */
export function addingAlerts(joining: readonly JoiningAlert[]): RawBuilder<unknown> {
  const rows = joining.map(({ into, revision, run, policy, at, alert }) => ({
    ...wordsOf(alert),
    ...{ source: alert.source, policy, dedup_key: alert.dedupKey, group_key: alert.group, status: 'firing' },
    ...{ escalation_id: into, opened_at: at, last_seen_at: at, started_at: alert.startedAt },
    ...{ times: 1, revision, run, covered: false },
  }));
  const columns = raw.raw(Object.keys(rows[0] ?? {}).join(', '));
  return raw`INSERT INTO alerts (${columns})
    SELECT ${columns} FROM json_populate_recordset(NULL::alerts, ${storableJson(rows)}::json)`;
}

function columnsOf(words: Words) {
  return { ...wordsOf(words), links: storableJson(words.links) };
}

/** They came again, as part of a statement. @param again how often each since, by its id */
export function countingAgain(
  again: readonly { id: number; times: number; at: string }[],
): RawBuilder<unknown> {
  return raw`UPDATE alerts SET times = alerts.times + again.times, last_seen_at = again.at
    FROM json_to_recordset(${storableJson(again)}::json) AS again (id bigint, times integer, at timestamptz)
    WHERE alerts.id = again.id AND alerts.id = ANY(${again.map(({ id }) => id)}::bigint[])`;
}

/** It came again and says something else. @param worse if it is news to everybody: since when, and what first shows it */
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

/** @param alerts with the starts of the episodes that are over */
export async function resolveAlerts(
  sql: Sql,
  alerts: readonly Pick<FiringAlert, 'id' | 'startedAt'>[],
  at: string,
): Promise<void> {
  const over = storableJson(alerts.map(({ id, startedAt }) => ({ id, startedAt })));
  await raw`UPDATE alerts SET status = 'resolved', ended_at = ${at}, started_at = over."startedAt"
    FROM json_to_recordset(${over}::json) AS over (id bigint, "startedAt" timestamptz)
    WHERE alerts.id = over.id`.execute(sql);
}

/** A person has ended the escalation: what they knew of is closed, and what comes again is another alert. */
export async function closeAlerts(sql: Sql, escalationId: string, at: string): Promise<void> {
  await sql
    .updateTable('alerts')
    .set({ status: 'closed', ended_at: at })
    .where('escalation_id', '=', escalationId)
    .where('status', '=', 'firing')
    .where('covered', '=', true)
    .execute();
}

/** Marks what somebody's act covers: all, or what stood in a revision. @returns how many it does not cover */
export async function coverAlerts(
  sql: Sql,
  escalationId: string,
  what: { revision: number | null } | { ids: readonly number[] },
): Promise<number> {
  let cover = sql
    .updateTable('alerts')
    .set({ covered: true })
    .where('escalation_id', '=', escalationId)
    .where('status', '=', 'firing');
  if ('ids' in what) cover = cover.where('id', 'in', what.ids);
  else if (what.revision !== null) cover = cover.where('revision', '<=', what.revision);
  await cover.execute();
  return await countUncovered(sql, escalationId);
}

/** It calls again: nothing of it is acknowledged any more. */
export async function uncoverAlerts(sql: Sql, escalationId: string): Promise<void> {
  await sql
    .updateTable('alerts')
    .set({ covered: false })
    .where('escalation_id', '=', escalationId)
    .where('covered', '=', true)
    .execute();
}

/** Whether some of it stays acknowledged. */
export async function hasCovered(sql: Sql, escalationId: string): Promise<boolean> {
  const row = await sql
    .selectFrom('alerts')
    .select('id')
    .where('escalation_id', '=', escalationId)
    .where('status', '=', 'firing')
    .where('covered', '=', true)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

export async function countUncovered(sql: Sql, escalationId: string): Promise<number> {
  const { left } = await sql
    .selectFrom('alerts')
    .select((select) => select.fn.countAll<string | number>().as('left'))
    .where('escalation_id', '=', escalationId)
    .where('status', '=', 'firing')
    .where('covered', '=', false)
    .executeTakeFirstOrThrow();
  return Number(left);
}

/** Gives what an acknowledgement did not cover to another escalation. */
export async function moveUncovered(
  sql: Sql,
  fromId: string,
  to: { id: string; revision: number; run: number },
  at: string,
): Promise<void> {
  await sql
    .updateTable('alerts')
    .set({ escalation_id: to.id, revision: to.revision, run: to.run, opened_at: at })
    .where('escalation_id', '=', fromId)
    .where('status', '=', 'firing')
    .where('covered', '=', false)
    .execute();
}

export async function uncovered(sql: Sql, escalationId: string): Promise<FiringAlert[]> {
  const rows = await sql
    .selectFrom('alerts')
    .selectAll()
    .where('escalation_id', '=', escalationId)
    .where('status', '=', 'firing')
    .where('covered', '=', false)
    .orderBy('id')
    .execute();
  return rows.map(read);
}

export interface Bundle {
  firing: number;
  resolved: number;
  /** The most severe that fire, the oldest first. */
  listed: Words[];
}

/** What an escalation stands for now. */
export async function loadBundle(sql: Sql, escalationId: string, limit: number): Promise<Bundle> {
  const listed = raw`(SELECT json_agg(listed) FROM (
    SELECT summary, details, severity, links FROM alerts WHERE escalation_id = ${escalationId} AND status = 'firing'
    ORDER BY CASE severity WHEN 'critical' THEN 0 WHEN 'error' THEN 1 WHEN 'warning' THEN 2 ELSE 3 END, id
    LIMIT ${limit}) AS listed)`;
  const { rows } = await raw<{ firing: number; resolved: number; listed: Words[] | null }>`
    SELECT count(*) FILTER (WHERE status = 'firing')::integer AS firing,
      count(*) FILTER (WHERE status = 'resolved')::integer AS resolved, ${listed} AS listed
    FROM alerts WHERE escalation_id = ${escalationId}`.execute(sql);
  const [row] = rows;
  return { firing: row?.firing ?? 0, resolved: row?.resolved ?? 0, listed: row?.listed ?? [] };
}

/** Whether a test that this sender has set off still calls somebody. */
export async function isTesting(sql: Sql, policy: string, source: string): Promise<boolean> {
  const row = await sql
    .selectFrom('escalations')
    .select('id')
    .where('policy', '=', policy)
    .where('source', '=', storable(source))
    .where('status', '=', 'open')
    .where(raw<boolean>`alert -> 'test' = 'true'::jsonb`)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Alerts of this run that came, became worse or were moved here after the last call was placed: nobody was told. */
export async function hasUntold(sql: Sql, escalationId: string, run: number): Promise<boolean> {
  const lastCall = sql
    .selectFrom('calls')
    .select((select) => select.fn.max('created_at').as('at'))
    .where('escalation_id', '=', escalationId);
  const row = await sql
    .selectFrom('alerts')
    .select('id')
    .where('escalation_id', '=', escalationId)
    .where('status', '=', 'firing')
    .where('run', '=', run)
    .where('opened_at', '>', lastCall)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

export async function rememberSpoken(
  sql: Sql,
  spoken: { callId: string; escalationId: string; calleeId: string; revision: number },
): Promise<void> {
  const { callId, escalationId, calleeId, revision } = spoken;
  await sql
    .insertInto('spoken_alerts')
    .values({
      call_id: callId,
      escalation_id: escalationId,
      callee_id: calleeId.toLowerCase(),
      revision,
    })
    .onConflict((conflict) => conflict.column('call_id').doUpdateSet({ revision }))
    .execute();
}
