import { createHash } from 'node:crypto';
import { sql as raw, type Kysely } from 'kysely';
import type { Schema } from '../database/schema.ts';
import { storable, storableJson } from '../database/storable.ts';
import type { Escalation, Link, Severity } from '../escalations/escalation.ts';

type Sql = Kysely<Schema>;

/** One that fires, as far as the decisions need it. */
export interface FiringAlert {
  id: number;
  source: string;
  dedupKey: string;
  escalationId: string;
}

export interface NewAlert {
  source: string;
  dedupKey: string;
  group: string | null;
  summary: string;
  details: string | null;
  severity: Severity;
  links: Link[];
}

/** Longer ones do not fit an index. Characters. */
const LONGEST_KEY = 300;

/** What stands for a sender's key in the database. */
export function storedKey(key: string): string {
  const text = storable(key);
  return text.length <= LONGEST_KEY ? text : `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

/**
 * Lets nobody else work on the alerts of this policy until the transaction ends: what comes at once is one escalation's,
 * on however many replicas. Order of locks: the policy, then escalations, then alerts.
 */
export async function lockPolicy(sql: Sql, policy: string): Promise<void> {
  // Some fixed number in place of another kind of lock's.
  await raw`SELECT pg_advisory_xact_lock(hashtextextended(${`alerts ${policy}`}, 7465))`.execute(sql);
}

/** Those of these keys that fire. Locks their escalations first: a person may be resolving one just now. */
export async function lockFiring(
  sql: Sql,
  policy: string,
  keys: readonly { source: string; dedupKey: string }[],
): Promise<FiringAlert[]> {
  const found: FiringAlert[] = [];
  for (const [source, ofSource] of Map.groupBy(keys, (key) => key.source)) {
    const ofKeys = sql
      .selectFrom('alerts')
      .where('source', '=', source)
      .where('policy', '=', policy)
      .where('dedup_key', 'in', [...new Set(ofSource.map(({ dedupKey }) => dedupKey))])
      .where('status', '=', 'firing');
    const escalations = await sql
      .selectFrom('escalations')
      .select('id')
      .where('id', 'in', ofKeys.select('escalation_id'))
      .orderBy('id')
      .forUpdate()
      .execute();
    if (escalations.length === 0) continue;
    const rows = await ofKeys.select(['id', 'source', 'dedup_key', 'escalation_id']).execute();
    found.push(...rows.map(read));
  }
  return found;
}

export async function firingOfGroup(
  sql: Sql,
  policy: string,
  source: string,
  group: string,
): Promise<FiringAlert[]> {
  const rows = await sql
    .selectFrom('alerts')
    .select(['id', 'source', 'dedup_key', 'escalation_id'])
    .where('source', '=', source)
    .where('policy', '=', policy)
    .where('group_key', '=', storedKey(group))
    .where('status', '=', 'firing')
    .orderBy('id')
    .execute();
  return rows.map(read);
}

function read(row: { id: number; source: string; dedup_key: string; escalation_id: string }): FiringAlert {
  return { id: row.id, source: row.source, dedupKey: row.dedup_key, escalationId: row.escalation_id };
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
          group_key: alert.group === null ? null : storedKey(alert.group),
          status: 'firing' as const,
          escalation_id: escalation.id,
          summary: storable(alert.summary),
          details: alert.details === null ? null : storable(alert.details),
          severity: alert.severity,
          links: storableJson(alert.links),
          opened_at: at,
          last_seen_at: at,
          times: 1,
          revision: escalation.revision,
          run: escalation.run,
          covered: false,
        })),
      )
      .returning(['id', 'source', 'dedup_key', 'escalation_id'])
      .execute();
    inserted.push(...rows.map(read));
  }
  return inserted;
}

/** They came again. */
export async function countAgain(sql: Sql, ids: readonly number[], at: string): Promise<void> {
  if (ids.length === 0) return;
  await sql
    .updateTable('alerts')
    .set((set) => ({ times: set('times', '+', 1), last_seen_at: at }))
    .where('id', 'in', ids)
    .execute();
}

export async function resolveAlerts(sql: Sql, ids: readonly number[], at: string): Promise<void> {
  await sql.updateTable('alerts').set({ status: 'resolved', ended_at: at }).where('id', 'in', ids).execute();
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
): Promise<void> {
  await sql
    .updateTable('alerts')
    .set({ escalation_id: to.id, revision: to.revision, run: to.run })
    .where('escalation_id', '=', fromId)
    .where('status', '=', 'firing')
    .where('covered', '=', false)
    .execute();
}

export async function uncovered(sql: Sql, escalationId: string): Promise<NewAlert[]> {
  const rows = await sql
    .selectFrom('alerts')
    .selectAll()
    .where('escalation_id', '=', escalationId)
    .where('status', '=', 'firing')
    .where('covered', '=', false)
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    source: row.source,
    dedupKey: row.dedup_key,
    group: row.group_key,
    summary: row.summary,
    details: row.details,
    severity: row.severity,
    links: row.links,
  }));
}

export interface Bundle {
  firing: number;
  resolved: number;
  /** The most severe that fire, the oldest first. */
  listed: Pick<NewAlert, 'summary' | 'details' | 'severity' | 'links'>[];
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

/** What people read and hear of an escalation, in place of what it began with. */
export async function rewriteEscalation(
  sql: Sql,
  id: string,
  words: Pick<Escalation, 'summary' | 'details' | 'severity' | 'links'>,
): Promise<void> {
  await raw`UPDATE escalations SET alert = alert || ${storableJson(words)}::jsonb WHERE id = ${id}`.execute(
    sql,
  );
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
  const rows = await sql
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
    )
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
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

/** Alerts of this run that came after the last call was placed: nobody has been told of them. */
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

/** Calls of an escalation that have not been sent. */
export async function queuedCalls(sql: Sql, escalationId: string): Promise<string[]> {
  const rows = await sql
    .selectFrom('calls')
    .select('id')
    .where('escalation_id', '=', escalationId)
    .where('status', '=', 'queued')
    .execute();
  return rows.map(({ id }) => id);
}
