import { sql as raw, type Kysely, type Selectable } from 'kysely';
import type { TimelineEntry } from '../calls/call.ts';
import { PAUSE } from '../calls/pause.ts';
import type { Schema } from '../database/schema.ts';
import { storable, storableJson } from '../database/storable.ts';
import { AUTO_RESOLVE_MS } from '../config/ringdownSchema.ts';
import type { Escalation } from './escalation.ts';
import { wordsOf, type Words } from './words.ts';

type Sql = Kysely<Schema>;

/** An escalation with the time for which a job is scheduled to look at it. */
export interface StoredEscalation {
  escalation: Escalation;
  alarmAt: string | null;
  /** Whether all calls were paused when it was read. */
  paused: boolean;
}

const isPaused =
  raw<boolean>`EXISTS (SELECT FROM settings WHERE name = ${PAUSE} AND value ->> 'paused' = 'true')`.as(
    'paused',
  );

export interface EscalationQuery {
  limit: number;
  status?: string;
  /** Only those of these policies. */
  policies?: readonly string[];
  before?: { createdAt: string; id: string };
  running?: boolean;
  ids?: readonly string[];
}

/** @returns false if an alert with the same dedup key is there already */
export async function insertEscalation(sql: Sql, escalation: Escalation): Promise<boolean> {
  const { id, policy, source, dedupKey, ladder, revision, createdAt, ...alert } = escalation;
  const result = await sql
    .insertInto('escalations')
    .values({
      id,
      status: ladder.status,
      policy,
      source: storable(source),
      dedup_key: dedupKey === null ? null : storable(dedupKey),
      alert: storableJson(alert),
      ladder: storableJson(ladder),
      revision,
      created_at: createdAt,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** The lock of `lockByDedupKey`, for the same alerts to wait for each other without a connection (`Transact`). */
export function dedupTurns({
  source,
  policy,
  dedupKey,
}: Pick<Escalation, 'source' | 'policy' | 'dedupKey'>): string[] {
  return dedupKey === null ? [] : [`dedup ${JSON.stringify([source, policy, dedupKey])}`];
}

/** The escalation that an alert of this key belongs to, locked. */
export async function lockByDedupKey(
  sql: Sql,
  key: { source: string; policy: string | null; dedupKey: string },
): Promise<StoredEscalation | null> {
  const row = await sql
    .selectFrom('escalations')
    .selectAll()
    .select(isPaused)
    .where('source', '=', storable(key.source))
    .where('dedup_key', '=', storable(key.dedupKey))
    .where((where) => (key.policy === null ? where('policy', 'is', null) : where('policy', '=', key.policy)))
    .where('status', 'in', ['open', 'acknowledged', 'exhausted'])
    .forUpdate()
    .executeTakeFirst();
  return row ? readStored(row) : null;
}

export async function lockEscalation(sql: Sql, id: string): Promise<StoredEscalation | null> {
  const row = await sql
    .selectFrom('escalations')
    .selectAll()
    .select(isPaused)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row ? readStored(row) : null;
}

/** Acknowledged ones that no deadline looks at: a replica of the version before knew none for them. */
export async function withoutAlarm(sql: Sql): Promise<string[]> {
  const rows = await sql
    .selectFrom('escalations')
    .select('id')
    .where('status', '=', 'acknowledged')
    .where('alarm_at', 'is', null)
    .execute();
  return rows.map(({ id }) => id);
}

/** Those that the pause, as it is now, holds or lets go, and that have not met it yet: the most severe first. */
export async function standOtherwise(sql: Sql, paused: boolean): Promise<string[]> {
  const rows = await sql
    .selectFrom('escalations')
    .select('id')
    .where('status', '=', 'open')
    .where(raw<boolean>`(ladder ->> 'halted')::boolean <> ${paused}`)
    .orderBy(raw`array_position(ARRAY['critical', 'error', 'warning', 'info'], alert ->> 'severity')`)
    .orderBy('created_at')
    .execute();
  return rows.map(({ id }) => id);
}

export async function loadEscalation(sql: Sql, id: string): Promise<Escalation | null> {
  const row = await sql.selectFrom('escalations').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? readEscalation(row) : null;
}

export async function saveEscalation(
  sql: Sql,
  { escalation, alarmAt }: Omit<StoredEscalation, 'paused'>,
): Promise<void> {
  await sql
    .updateTable('escalations')
    .set({
      status: escalation.ladder.status,
      ladder: storableJson(escalation.ladder),
      revision: escalation.revision,
      ended_at: escalation.ladder.endedAt,
      alarm_at: alarmAt,
    })
    .where('id', '=', escalation.id)
    .execute();
}

/** What people read and hear of an escalation, in place of what it began with. */
export async function rewriteEscalation(sql: Sql, id: string, words: Words): Promise<void> {
  const changed = storableJson(wordsOf(words));
  await raw`UPDATE escalations SET alert = alert || ${changed}::jsonb WHERE id = ${id}`.execute(sql);
}

export async function addEscalationTimeline(sql: Sql, id: string, entries: TimelineEntry[]): Promise<void> {
  if (entries.length === 0) return;
  await sql
    .insertInto('escalation_timeline')
    .values(
      entries.map(({ at, type, data }) => ({
        escalation_id: id,
        at,
        type,
        data: data ? storableJson(data) : null,
      })),
    )
    .execute();
}

export async function loadEscalationTimeline(sql: Sql, id: string): Promise<TimelineEntry[]> {
  const rows = await sql
    .selectFrom('escalation_timeline')
    .select(['at', 'type', 'data'])
    .where('escalation_id', '=', id)
    .orderBy('at')
    .orderBy('seq')
    .execute();
  return rows.map((row) => ({
    at: row.at.toISOString(),
    type: row.type,
    ...(row.data ? { data: row.data } : {}),
  }));
}

export async function listEscalations(sql: Sql, query: EscalationQuery): Promise<Escalation[]> {
  let select = sql
    .selectFrom('escalations')
    .selectAll()
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(query.limit);
  const { before, policies, status, ids } = query;
  if (ids) select = select.where('id', 'in', ids.length > 0 ? [...ids] : ['']);
  if (status) select = select.where('status', '=', status);
  if (query.running) select = select.where('status', 'in', ['open', 'acknowledged']);
  if (policies) select = select.where('policy', 'in', policies.length > 0 ? [...policies] : ['']);
  if (before) {
    const at = new Date(before.createdAt);
    select = select.where((where) =>
      where.or([
        where('created_at', '<', at),
        where.and([where('created_at', '=', at), where('id', '<', before.id)]),
      ]),
    );
  }
  return (await select.execute()).map((row) => readEscalation(row));
}

function readStored(row: Selectable<Schema['escalations']> & { paused: boolean }): StoredEscalation {
  return {
    escalation: readEscalation(row),
    alarmAt: row.alarm_at?.toISOString() ?? null,
    paused: row.paused,
  };
}

export function readEscalation(row: Selectable<Schema['escalations']>): Escalation {
  return {
    // Not there in those of the version before.
    autoResolveMs: AUTO_RESOLVE_MS,
    ...row.alert,
    id: row.id,
    policy: row.policy,
    source: row.source,
    dedupKey: row.dedup_key,
    ladder: row.ladder,
    revision: row.revision,
    createdAt: row.created_at.toISOString(),
  };
}
