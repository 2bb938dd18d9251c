import { sql as raw, type RawBuilder, type Selectable } from 'kysely';
import { jsonArrayFrom } from 'kysely/helpers/postgres';
import * as z from 'zod';
import type { Call, TimelineEntry } from '../calls/call.ts';
import { callsIn, callsQuestion } from '../calls/callLists.ts';
import { pauseQuestion } from '../calls/pause.ts';
import { readEntry } from '../calls/timelineStore.ts';
import type { Schema, Sql } from '../database/schema.ts';
import { storableJson } from '../database/storable.ts';
import { AUTO_RESOLVE_MS } from '../config/ringdownSchema.ts';
import type { Escalation } from './escalation.ts';
import { readLadder, storedLadder } from './ladder/stored.ts';
import type { EscalationEntry } from './timeline.ts';
import { wordsOf } from './words.ts';

/** An escalation, and when a job wakes it next. */
export interface StoredEscalation {
  escalation: Escalation;
  alarmAt: string | null;
  /** Whether all calls were paused when it was read. */
  paused: boolean;
}

type StoredRow = Selectable<Schema['escalations']> & { paused: boolean };

const LONGEST_CLIMB_MS = 30 * 86_400_000;

const isPaused = raw<boolean>`coalesce(${pauseQuestion} ->> 'paused' = 'true', false)`;

export interface EscalationQuery {
  limit: number;
  status?: string;
  /** Only those of these policies. */
  policies?: readonly string[];
  before?: { createdAt: string; id: string };
  running?: boolean;
  ids?: readonly string[];
}

/** How a sender names the alert that an escalation began with. */
export type DedupKey = Pick<Escalation, 'source' | 'policy' | 'dedupKey'>;

/** Whether an alert of the same dedup key joins it. */
export function isRunning(status: Escalation['ladder']['status']): boolean {
  return status === 'open' || status === 'acknowledged' || status === 'exhausted';
}

/**
 * Locks the escalations that alerts of these keys belong to, and reads them.
 *
 * @param waits for other transactions that hold them; else leaves those escalations out
 */
export async function lockByDedupKeys(
  sql: Sql,
  keys: readonly DedupKey[],
  waits: boolean,
): Promise<StoredEscalation[]> {
  return await lockWhere(sql, whereRuns(keys), waits);
}

/** An expression for `runningIn`: the keys of those that run. */
export function runningQuestion(keys: readonly DedupKey[]): RawBuilder<unknown> {
  return raw`(SELECT json_agg(json_build_object('source', source, 'policy', policy, 'dedupKey', dedup_key))
    FROM escalations WHERE ${whereRuns(keys)})`;
}

export function runningIn(answer: unknown): DedupKey[] {
  return z.array(dedupKeySchema).nullish().parse(answer) ?? [];
}

const dedupKeySchema = z.object({
  source: z.string(),
  policy: z.string().nullable(),
  dedupKey: z.string().nullable(),
});

/** A condition: the escalations that alerts of these keys belong to. */
export function whereRuns(keys: readonly DedupKey[]): RawBuilder<unknown> {
  return raw`status IN ('open', 'acknowledged', 'exhausted') AND (source, coalesce(policy, ''), dedup_key) IN (
    SELECT source, coalesce(policy, ''), "dedupKey"
    FROM json_to_recordset(${storableJson(keys)}::json) AS named (source text, policy text, "dedupKey" text))`;
}

/**
 * Locks escalations and reads them.
 *
 * @param waits for other transactions that hold them; else leaves those escalations out
 */
export async function lockEscalations(
  sql: Sql,
  ids: readonly string[],
  waits: boolean,
): Promise<StoredEscalation[]> {
  return await lockWhere(sql, raw`id = ANY(${[...ids]}::text[])`, waits);
}

async function lockWhere(sql: Sql, where: RawBuilder<unknown>, waits: boolean): Promise<StoredEscalation[]> {
  const { rows } = await raw<StoredRow>`${lockingWhere(where, waits)}`.execute(sql);
  return rows.map(readStored);
}

/** Part of a statement: locks the escalations that match `where`, and reads them (`readStored`). */
export function lockingWhere(where: RawBuilder<unknown>, waits: boolean): RawBuilder<unknown> {
  return raw`SELECT *, ${isPaused} AS paused FROM escalations WHERE ${where}
    ORDER BY id FOR UPDATE${waits ? raw`` : raw` SKIP LOCKED`}`;
}

/** Acknowledged escalations without a deadline: the version before set none for them. */
export async function withoutAlarm(sql: Sql): Promise<string[]> {
  const rows = await sql
    .selectFrom('escalations')
    .select('id')
    .where('status', '=', raw.lit('acknowledged'))
    .where('alarm_at', 'is', null)
    .execute();
  return rows.map(({ id }) => id);
}

/** Open escalations that do not know yet that calls were paused or resumed; the most severe first. */
export async function standOtherwise(sql: Sql, paused: boolean): Promise<string[]> {
  const rows = await sql
    .selectFrom('escalations')
    .select('id')
    .where('status', '=', raw.lit('open'))
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

/** An escalation with what belongs to it. */
export interface WholeEscalation {
  escalation: Escalation;
  /** The oldest first. */
  calls: Call[];
  timeline: TimelineEntry[];
  /** The value of the other room's expression. */
  also: unknown;
}

/** Loads an escalation with its calls and its timeline. @param also another room's expression, read with it */
export async function loadWhole(
  sql: Sql,
  id: string,
  also: RawBuilder<unknown> = raw`NULL`,
): Promise<WholeEscalation | null> {
  const row = await sql
    .selectFrom('escalations')
    .selectAll()
    .select((escalation) =>
      jsonArrayFrom(
        escalation
          .selectFrom('escalation_timeline')
          .select(['at', 'type', 'data'])
          .whereRef('escalation_id', '=', 'escalations.id')
          .orderBy('at')
          .orderBy('seq'),
      ).as('timeline'),
    )
    .select([callsQuestion(raw`escalations.id`).as('calls'), also.as('also')])
    .where('id', '=', id)
    .executeTakeFirst();
  if (!row) return null;
  return {
    escalation: readEscalation(row),
    calls: callsIn(row.calls),
    timeline: row.timeline.map(readEntry),
    also: row.also,
  };
}

/** Part of a statement: stores new escalations. A second one with the same dedup key is a conflict. */
export function addingEscalations(begun: readonly Omit<StoredEscalation, 'paused'>[]): RawBuilder<unknown> {
  const rows = begun.map(({ escalation, alarmAt }) => {
    const { id, policy, source, dedupKey, createdAt, ladder, revision, ...alert } = escalation;
    return {
      id,
      policy,
      source,
      dedup_key: dedupKey,
      alert,
      created_at: createdAt,
      ...columnsOf({ ladder, revision }, alarmAt),
    };
  });
  return raw`INSERT INTO escalations (id, policy, source, dedup_key, alert, created_at, ${COLUMNS})
    SELECT id, policy, source, dedup_key, alert, created_at, ${COLUMNS}
    FROM json_populate_recordset(NULL::escalations, ${storableJson(rows)}::json)`;
}

const COLUMNS = raw.raw('status, ladder, revision, ended_at, alarm_at');

function columnsOf({ ladder, revision }: Pick<Escalation, 'ladder' | 'revision'>, alarmAt: string | null) {
  return {
    status: ladder.status,
    ladder: storedLadder(ladder),
    revision,
    ended_at: ladder.endedAt,
    alarm_at: alarmAt,
  };
}

/** Part of a statement: stores changed escalations. Its text is the same for any number of them. */
export function savingEscalations(
  changed: readonly (Omit<StoredEscalation, 'paused'> & { isReworded: boolean })[],
): RawBuilder<unknown> {
  const rows = changed.map(({ escalation, alarmAt, isReworded }) => ({
    id: escalation.id,
    dedup_key: escalation.dedupKey,
    // What people read and hear now.
    alert: isReworded ? wordsOf(escalation) : {},
    ...columnsOf(escalation, alarmAt),
  }));
  return raw`UPDATE escalations SET
      status = changed.status,
      ladder = changed.ladder,
      revision = changed.revision,
      ended_at = changed.ended_at,
      alarm_at = changed.alarm_at,
      dedup_key = changed.dedup_key,
      alert = escalations.alert || changed.alert
    FROM json_populate_recordset(NULL::escalations, ${storableJson(rows)}::json) AS changed
    WHERE escalations.id = changed.id
      -- Again, so that PostgreSQL uses the index: it cannot estimate how many rows come out of JSON.
      AND escalations.id = ANY(${changed.map(({ escalation }) => escalation.id)}::text[])`;
}

/** Part of a statement: adds lines to timelines. */
export function addingEscalationLines(
  lines: readonly (EscalationEntry & { escalation_id: string })[],
): RawBuilder<unknown> {
  return raw`INSERT INTO escalation_timeline (escalation_id, at, type, data)
    SELECT escalation_id, at, type, data FROM json_to_recordset(${storableJson(lines)}::json)
      AS line (escalation_id text, at timestamptz, type text, data jsonb)`;
}

/** Executes parts of a statement; each has a name. */
export async function writeNow(
  sql: Sql,
  parts: readonly (readonly [string, RawBuilder<unknown>])[],
): Promise<void> {
  if (parts.length === 0) return;
  const named = parts.map(([name, write]) => raw`${raw.ref(name)} AS (${write})`);
  await raw`WITH ${raw.join(named)} SELECT`.execute(sql);
}

/** A newer version may have written entries that this one does not know. The texts have words for these, too. */
export async function loadEscalationTimeline(sql: Sql, id: string): Promise<TimelineEntry[]> {
  const { rows } = await raw<{ at: Date; note: Omit<TimelineEntry, 'at'> }>`
    SELECT at, CASE WHEN data IS NULL THEN json_build_object('type', type)
      ELSE json_build_object('type', type, 'data', data) END AS note
    FROM escalation_timeline WHERE escalation_id = ${id} ORDER BY at, seq`.execute(sql);
  return rows.map(({ at, note }) => ({ at: at.toISOString(), ...note }));
}

/** The timelines of several escalations, by id. */
export async function loadEscalationTimelines(
  sql: Sql,
  ids: readonly string[],
): Promise<Map<string, TimelineEntry[]>> {
  if (ids.length === 0) return new Map();
  const rows = await sql
    .selectFrom('escalation_timeline')
    .select(['escalation_id', 'at', 'type', 'data'])
    .where('escalation_id', 'in', [...ids])
    .orderBy('at')
    .orderBy('seq')
    .execute();
  const byId = Map.groupBy(rows, (row) => row.escalation_id);
  return new Map(
    [...byId].map(([id, own]) => [
      id,
      own.map(({ at, type, data }) => ({ at: at.toISOString(), type, ...(data === null ? {} : { data }) })),
    ]),
  );
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
  if (query.running) select = select.where('status', 'in', [raw.lit('open'), raw.lit('acknowledged')]);
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

/**
 * The escalations that were exhausted since then and still are, the newest first. No index has the end of an escalation,
 * so those that began more than 30 days earlier are left out.
 */
export async function listExhausted(sql: Sql, since: Date, limit: number): Promise<Escalation[]> {
  const rows = await sql
    .selectFrom('escalations')
    .selectAll()
    .where('status', '=', raw.lit('exhausted'))
    .where('ended_at', '>=', since)
    .where('created_at', '>=', new Date(since.getTime() - LONGEST_CLIMB_MS))
    .orderBy('created_at', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => readEscalation(row));
}

export function readStored(row: StoredRow): StoredEscalation {
  return {
    escalation: readEscalation(row),
    alarmAt: row.alarm_at?.toISOString() ?? null,
    paused: row.paused,
  };
}

export function readEscalation(row: Selectable<Schema['escalations']>): Escalation {
  return {
    // Escalations that older versions stored do not have it.
    autoResolveMs: AUTO_RESOLVE_MS,
    ...row.alert,
    id: row.id,
    policy: row.policy,
    source: row.source,
    dedupKey: row.dedup_key,
    ladder: readLadder(row.ladder),
    revision: row.revision,
    createdAt: row.created_at.toISOString(),
  };
}
