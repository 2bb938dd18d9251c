import { createHash } from 'node:crypto';
import { sql as raw, type Kysely, type Selectable } from 'kysely';
import type { Schema } from '../database/schema.ts';
import { storable, storableJson } from '../database/storable.ts';
import { wordsOf, type Words } from '../escalations/words.ts';

type Sql = Kysely<Schema>;

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
  escalationId: string;
}

/** One that its sender has resolved a while ago. */
export interface OverAlert {
  id: number;
  source: string;
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

/** What signals name: alerts by their keys, and groups of a sender. */
export interface Named {
  keys: readonly { source: string; dedupKey: string }[];
  groups: readonly { source: string; group: string }[];
}

/**
 * Locks the escalations of the alerts that are named, firing or resolved since `resolvedAfter`, and those that new alerts
 * may join, all at once and in one order: a person may be resolving one just now, and locks the escalation before its
 * alerts too.
 *
 * @param also another escalation that is to be locked
 * @returns the locked ones, each with its next deadline (ISO 8601)
 */
export async function lockNamed(
  sql: Sql,
  policy: string,
  named: Named,
  resolvedAfter: Date,
  also: string | null,
): Promise<{ id: string; wakeAt: string | null }[]> {
  const { ofKeys, ofGroups, fires, isOver } = whereNamed(policy, named, resolvedAfter);
  const { rows } = await raw<{ id: string; wakeAt: string | null }>`
    SELECT id, ladder ->> 'wakeAt' AS "wakeAt" FROM escalations WHERE id = ${also} OR id IN (
      SELECT escalation_id FROM ${ofKeys} WHERE ${fires}
      UNION ALL SELECT escalation_id FROM ${ofKeys} WHERE ${isOver}
      UNION ALL SELECT escalation_id FROM ${ofGroups} WHERE ${fires}
      UNION ALL ${escalationsOf(sql, policy, 'open')}
    ) ORDER BY id FOR UPDATE`.execute(sql);
  return rows;
}

/** What is known of the alerts that are named, whose escalations are locked: those that fire, and those that are over. */
export async function loadNamed(
  sql: Sql,
  policy: string,
  named: Named,
  resolvedAfter: Date,
): Promise<{ firing: FiringAlert[]; over: OverAlert[] }> {
  const { ofKeys, fires, isOver } = whereNamed(policy, named, resolvedAfter);
  type Rows = Selectable<Schema['alerts']>;
  const firing = await raw<Rows>`SELECT alerts.* FROM ${ofKeys} WHERE ${fires}`.execute(sql);
  const over = await raw<Rows>`SELECT alerts.* FROM ${ofKeys} WHERE ${isOver}`.execute(sql);
  return { firing: firing.rows.map(read), over: over.rows.flatMap(readOver) };
}

function whereNamed(policy: string, { keys, groups }: Named, resolvedAfter: Date) {
  return {
    ofKeys: raw`json_to_recordset(${storableJson(keys)}::json) AS named (source text, "dedupKey" text)
      JOIN alerts ON alerts.source = named.source AND alerts.policy = ${policy} AND alerts.dedup_key = named."dedupKey"`,
    ofGroups: raw`json_to_recordset(${storableJson(groups)}::json) AS named (source text, "group" text)
      JOIN alerts ON alerts.source = named.source AND alerts.policy = ${policy} AND alerts.group_key = named."group"`,
    fires: raw`alerts.status = 'firing'`,
    isOver: raw`alerts.status = 'resolved' AND alerts.started_at IS NOT NULL AND alerts.ended_at > ${resolvedAfter}`,
  };
}

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
    dedupKey: row.dedup_key,
    group: row.group_key,
    startedAt: row.started_at?.toISOString() ?? null,
    escalationId: row.escalation_id,
  };
}

function readOver(row: Selectable<Schema['alerts']>): OverAlert[] {
  const { id, source, dedup_key: dedupKey, escalation_id: escalationId, started_at: startedAt } = row;
  if (!startedAt) return [];
  const cameAgain = row.ended_at !== null && row.last_seen_at > row.ended_at;
  return [{ id, source, dedupKey, escalationId, startedAt: startedAt.toISOString(), cameAgain }];
}

const INSERTED_AT_ONCE = 200;

export async function insertAlerts(
  sql: Sql,
  policy: string,
  escalation: { id: string; revision: number; run: number },
  at: string,
  alerts: readonly NewAlert[],
): Promise<FiringAlert[]> {
  const inserted: FiringAlert[] = [];
  for (let from = 0; from < alerts.length; from += INSERTED_AT_ONCE) {
    const rows = await sql
      .insertInto('alerts')
      .values(
        alerts.slice(from, from + INSERTED_AT_ONCE).map((alert) => ({
          source: alert.source,
          policy,
          dedup_key: alert.dedupKey,
          group_key: alert.group,
          status: 'firing' as const,
          escalation_id: escalation.id,
          ...columnsOf(alert),
          opened_at: at,
          last_seen_at: at,
          times: 1,
          revision: escalation.revision,
          run: escalation.run,
          covered: false,
          started_at: alert.startedAt,
        })),
      )
      .returningAll()
      .execute();
    inserted.push(...rows.map(read));
  }
  return inserted;
}

function columnsOf(words: Words) {
  return { ...wordsOf(words), links: storableJson(words.links) };
}

/** They came again. @param times how often each, by its id */
export async function countAgain(sql: Sql, times: ReadonlyMap<number, number>, at: string): Promise<void> {
  for (const [count, ids] of Map.groupBy(times.keys(), (id) => times.get(id) ?? 0)) {
    await sql
      .updateTable('alerts')
      .set((set) => ({ times: set('times', '+', count), last_seen_at: at }))
      .where('id', 'in', ids)
      .execute();
  }
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
  const counts = await sql
    .selectFrom('alerts')
    .select((select) => ['status', select.fn.countAll<string | number>().as('count')])
    .where('escalation_id', '=', escalationId)
    .groupBy('status')
    .execute();
  const count = (status: string): number => Number(counts.find((row) => row.status === status)?.count ?? 0);
  const listed = await sql
    .selectFrom('alerts')
    .select(['summary', 'details', 'severity', 'links'])
    .where('escalation_id', '=', escalationId)
    .where('status', '=', 'firing')
    .orderBy(raw`CASE severity WHEN 'critical' THEN 0 WHEN 'error' THEN 1 WHEN 'warning' THEN 2 ELSE 3 END`)
    .orderBy('id')
    .limit(limit)
    .execute();
  return { firing: count('firing'), resolved: count('resolved'), listed };
}

/** Its first alert is over or another's: an alert of that key begins another escalation from now on. */
export async function freeDedupKey(sql: Sql, id: string, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return;
  await sql
    .updateTable('escalations')
    .set({ dedup_key: null })
    .where('id', '=', id)
    .where('dedup_key', 'in', [...keys])
    .execute();
}

/** Newest first: the escalations of this policy that stand for alerts and are in this state. */
export async function escalationsOfAlerts(
  sql: Sql,
  policy: string,
  status: 'open' | 'acknowledged',
  limit: number,
): Promise<string[]> {
  const rows = await escalationsOf(sql, policy, status)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}

function escalationsOf(sql: Sql, policy: string, status: 'open' | 'acknowledged') {
  return sql
    .selectFrom('escalations')
    .select('id')
    .where('policy', '=', policy)
    .where('status', '=', status)
    .where((where) =>
      where.exists(
        where
          .selectFrom('alerts')
          .select('alerts.id')
          .whereRef('alerts.escalation_id', '=', 'escalations.id'),
      ),
    );
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
