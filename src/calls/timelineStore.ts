import { sql as raw, type RawBuilder } from 'kysely';
import type { Sql } from '../database/schema.ts';
import { storableJson } from '../database/storable.ts';
import type { TimelineEntry } from './call.ts';

export async function addTimeline(
  sql: Sql,
  callId: string,
  entries: readonly TimelineEntry[],
): Promise<void> {
  if (entries.length > 0) await addingRows(rowsOf(callId, entries)).execute(sql);
}

export type TimelineRow = TimelineEntry & { call_id: string };

export function rowsOf(callId: string, entries: readonly TimelineEntry[]): TimelineRow[] {
  return entries.map((entry) => ({ ...entry, call_id: callId }));
}

/** Adds rows to timelines, as part of a statement. */
export function addingRows(rows: readonly TimelineRow[]): RawBuilder<unknown> {
  return raw`
    INSERT INTO call_timeline (call_id, at, type, data)
    SELECT call_id, at, type, data
    FROM json_to_recordset(${storableJson(rows)}::json)
      AS row (call_id text, at timestamptz, type text, data jsonb)`;
}

export async function loadTimeline(sql: Sql, callId: string): Promise<TimelineEntry[]> {
  const rows = await sql
    .selectFrom('call_timeline')
    .select(['at', 'type', 'data'])
    .where('call_id', '=', callId)
    .orderBy('at')
    .orderBy('seq')
    .execute();
  return rows.map(readEntry);
}

/** @param row `at` is a string if it comes as JSON */
export function readEntry(row: {
  at: Date | string;
  type: string;
  data: TimelineEntry['data'] | null;
}): TimelineEntry {
  return { at: new Date(row.at).toISOString(), type: row.type, ...(row.data ? { data: row.data } : {}) };
}
