import { sql as raw, type RawBuilder } from 'kysely';
import type { Sql } from '../database/schema.ts';
import type { Call, DeferReason } from './call.ts';
import { readCall, type CallRow } from './callStore.ts';

export interface ListQuery {
  limit: number;
  status?: string;
  /** Only calls older than this one. */
  before?: { createdAt: string; id: string };
  requesterKey?: string;
  conversationKey?: string;
  open?: boolean;
  /** Only calls that belong to no escalation. */
  apart?: boolean;
  escalationId?: string;
  /** Leaves out calls of other escalations than these: a subquery of ids. */
  escalationIds?: RawBuilder<string>;
}

export async function listCalls(sql: Sql, query: ListQuery): Promise<Call[]> {
  let select = sql
    .selectFrom('calls')
    .selectAll()
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(query.limit);
  const { before, status, requesterKey, conversationKey, escalationIds } = query;
  // Not parameters: a cached plan uses the index of open calls only if it knows the status.
  if (status) select = select.where('status', '=', raw.lit(status));
  if (query.escalationId) select = select.where('escalation_id', '=', query.escalationId);
  if (query.open) select = select.where('status', '<>', raw.lit('ended'));
  if (query.apart) select = select.where('escalation_id', 'is', null);
  if (requesterKey) select = select.where('requester_key', '=', requesterKey);
  if (conversationKey) select = select.where('conversation_key', '=', conversationKey);
  if (escalationIds) {
    select = select.where((where) =>
      where.or([where('escalation_id', 'is', null), where('escalation_id', 'in', escalationIds)]),
    );
  }
  if (before) {
    select = select.where((where) =>
      where.or([
        where('created_at', '<', new Date(before.createdAt)),
        where.and([where('created_at', '=', new Date(before.createdAt)), where('id', '<', before.id)]),
      ]),
    );
  }
  return (await select.execute()).map((row) => readCall(row).call);
}

/** Ids of the targets of a requester's last calls, the last call first. */
export async function listCallees(sql: Sql, requesterKey: string, limit: number): Promise<string[]> {
  const rows = await sql
    .selectFrom('calls')
    .select('target')
    .where('requester_key', '=', requesterKey)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
  return rows.map(({ target }) => target.id);
}

/** Calls that have not been sent: of one escalation, or all that wait for the same thing. Those of escalations go first. */
export async function queuedCalls(
  sql: Sql,
  which: { escalationId: string } | { waitFor: DeferReason },
): Promise<{ id: string; urgent: boolean }[]> {
  const rows = await sql
    .selectFrom('calls')
    .select(['id', 'escalation_id'])
    .where('status', '=', raw.lit('queued'))
    .where(
      'waitFor' in which
        ? raw<boolean>`facts #>> '{deferred,reason}' = ${which.waitFor}`
        : raw<boolean>`escalation_id = ${which.escalationId}`,
    )
    .orderBy(raw`escalation_id IS NULL`)
    .orderBy('created_at')
    .execute();
  return rows.map(({ id, escalation_id: escalation }) => ({ id, urgent: escalation !== null }));
}

/** Calls by their ids. */
export async function loadCalls(sql: Sql, ids: readonly string[]): Promise<Map<string, Call>> {
  if (ids.length === 0) return new Map();
  const rows = await sql
    .selectFrom('calls')
    .selectAll()
    .where('id', '=', raw<string>`ANY(${[...ids]}::text[])`)
    .execute();
  return new Map(rows.map((row) => [row.id, readCall(row).call]));
}

/** How many calls of an escalation are read at most. */
export const MOST_OF_ESCALATION = 1_000;

/** The calls of an escalation as an expression: pass its value to `callsIn`. */
export function callsQuestion(escalationId: RawBuilder<string>): RawBuilder<CallRow[] | null> {
  return raw`(SELECT json_agg(call ORDER BY created_at, id) FROM (
    SELECT * FROM calls WHERE escalation_id = ${escalationId}
    ORDER BY created_at DESC, id DESC LIMIT ${raw.lit(MOST_OF_ESCALATION)}) AS call)`;
}

/** The oldest first. */
export function callsIn(rows: readonly CallRow[] | null): Call[] {
  return (rows ?? []).map((row) => readCall(row).call);
}

/** The calls of these escalations, the oldest first. */
export async function callsOfEscalations(sql: Sql, escalationIds: readonly string[]): Promise<Call[]> {
  if (escalationIds.length === 0) return [];
  const rows = await sql
    .selectFrom('calls')
    .selectAll()
    .where('escalation_id', '=', raw<string>`ANY(${[...escalationIds]}::text[])`)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return rows.map((row) => readCall(row).call);
}

/** The calls that have ended since a time, the last end first. @param requesterKey only what this person requested */
export async function callsEndedSince(
  sql: Sql,
  since: Date,
  { limit, requesterKey }: { limit: number; requesterKey?: string },
): Promise<Call[]> {
  let select = sql
    .selectFrom('calls')
    .selectAll()
    .where('status', '=', raw.lit('ended'))
    .where('ended_at', '>=', since)
    .orderBy('ended_at', 'desc')
    .limit(limit);
  if (requesterKey !== undefined) select = select.where('requester_key', '=', requesterKey);
  return (await select.execute()).map((row) => readCall(row).call);
}
