import type { Insertable, Kysely, Selectable } from 'kysely';
import type { Schema } from '../database/schema.ts';
import { storable, storableJson } from '../database/storable.ts';
import type { Call, TimelineEntry } from './call.ts';
import { view } from './lifecycle.ts';

/** A call with what only the store and the dialler need. */
export interface StoredCall {
  call: Call;
  callbackSecret: string;
  repeatabilityId: string;
}

export interface NewCall {
  call: Call;
  callbackSecret: string;
  repeatabilityId: string;
  /** The request that asked for it: the same request never makes a second call. */
  requestKey: string | null;
  /** While a call with this key runs, no second one is made. */
  singleKey: string | null;
  conversationKey: string | null;
}

/** An event of the service, as it came. */
export interface ReceivedEvent {
  id: string;
  type: string;
  at: string;
  applied: boolean;
  body: object;
}

export interface ListQuery {
  limit: number;
  status?: string;
  /** Only calls older than this one. */
  before?: { createdAt: string; id: string };
  requesterKey?: string;
  conversationKey?: string;
  open?: boolean;
  escalationId?: string;
  /** Of the calls of escalations only those of these policies. */
  policies?: readonly string[];
}

type Sql = Kysely<Schema>;

/** Key of the person or thing that is called: one phone. */
export function targetKey(target: Call['target']): string {
  return `${target.kind}:${target.id.toLowerCase()}`;
}

/** @returns false if the same request, or a running call of the same kind, is there already */
export async function insertCall(sql: Sql, fresh: NewCall): Promise<boolean> {
  const { call } = fresh;
  const row: Insertable<Schema['calls']> = {
    ...changing(call),
    id: call.id,
    target: storableJson(call.target),
    target_key: targetKey(call.target),
    requested_by: storableJson(call.requestedBy),
    requester_key: call.requestedBy.key,
    purpose: storableJson(call.purpose),
    ring_timeout_seconds: call.ringTimeoutSeconds,
    language: call.language,
    created_at: call.createdAt,
    callback_secret: fresh.callbackSecret,
    repeatability_id: fresh.repeatabilityId,
    request_key: fresh.requestKey,
    single_key: fresh.singleKey,
    conversation_key: fresh.conversationKey,
    escalation_id: call.purpose.kind === 'escalate' ? call.purpose.escalationId : null,
  };
  const result = await sql
    .insertInto('calls')
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/** The call of this request, or else the one with this single key that runs. */
export async function findByKeys(
  sql: Sql,
  keys: { requestKey: string | null; singleKey: string | null },
): Promise<{ call: Call; by: 'request' | 'single' } | null> {
  const { requestKey, singleKey } = keys;
  const rows = await sql
    .selectFrom('calls')
    .selectAll()
    .where((where) => where.or([where('request_key', '=', requestKey), where('single_key', '=', singleKey)]))
    .execute();
  const ofRequest = rows.find((row) => requestKey !== null && row.request_key === requestKey);
  if (ofRequest) return { call: read(ofRequest).call, by: 'request' };
  const [running] = rows;
  return running ? { call: read(running).call, by: 'single' } : null;
}

export async function loadCall(sql: Sql, id: string): Promise<StoredCall | null> {
  const row = await sql.selectFrom('calls').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? read(row) : null;
}

/** Loads a call and keeps others from changing it until the transaction ends. */
export async function lockCall(sql: Sql, id: string): Promise<StoredCall | null> {
  const row = await sql.selectFrom('calls').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
  return row ? read(row) : null;
}

/** Stores what has changed of a call, and the lines of its timeline that say so, in one statement. */
export async function saveCall(sql: Sql, call: Call, entries: readonly TimelineEntry[]): Promise<void> {
  const changes = changing(call);
  const update = (db: Pick<Sql, 'updateTable'>) =>
    db
      .updateTable('calls')
      .set(changes.status === 'ended' ? { ...changes, single_key: null } : changes)
      .where('id', '=', call.id);
  const saving =
    entries.length === 0
      ? update(sql)
      : update(sql.with('lines', (db) => db.insertInto('call_timeline').values(linesOf(call.id, entries))));
  await saving.execute();
}

export async function addTimeline(
  sql: Sql,
  callId: string,
  entries: readonly TimelineEntry[],
): Promise<void> {
  if (entries.length === 0) return;
  await sql.insertInto('call_timeline').values(linesOf(callId, entries)).execute();
}

function linesOf(callId: string, entries: readonly TimelineEntry[]) {
  return entries.map((entry) => ({
    call_id: callId,
    at: entry.at,
    type: entry.type,
    data: entry.data ? storableJson(entry.data) : null,
  }));
}

export async function loadTimeline(sql: Sql, callId: string): Promise<TimelineEntry[]> {
  const rows = await sql
    .selectFrom('call_timeline')
    .select(['at', 'type', 'data'])
    .where('call_id', '=', callId)
    .orderBy('at')
    .orderBy('seq')
    .execute();
  return rows.map((row) => ({
    at: row.at.toISOString(),
    type: row.type,
    ...(row.data ? { data: row.data } : {}),
  }));
}

/** @returns the ids of those that had not been received before */
export async function addEvents(
  sql: Sql,
  callId: string,
  receivedAt: string,
  events: ReceivedEvent[],
): Promise<Set<string>> {
  const rows = await sql
    .insertInto('call_events')
    .values(
      events.map((event) => ({
        call_id: callId,
        event_id: event.id,
        type: storable(event.type),
        at: event.at,
        received_at: receivedAt,
        applied: event.applied,
        body: storableJson(event.body),
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .returning('event_id')
    .execute();
  return new Set(rows.map((row) => row.event_id));
}

export async function listCalls(sql: Sql, query: ListQuery): Promise<Call[]> {
  let select = sql
    .selectFrom('calls')
    .selectAll()
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(query.limit);
  const { before, status, requesterKey, conversationKey, policies } = query;
  if (status) select = select.where('status', '=', status);
  if (query.escalationId) select = select.where('escalation_id', '=', query.escalationId);
  if (query.open) select = select.where('status', '<>', 'ended');
  if (requesterKey) select = select.where('requester_key', '=', requesterKey);
  if (conversationKey) select = select.where('conversation_key', '=', conversationKey);
  if (policies) {
    select = select.where((where) =>
      where.or([
        where('escalation_id', 'is', null),
        where.exists(
          where
            .selectFrom('escalations')
            .select('escalations.id')
            .whereRef('escalations.id', '=', 'calls.escalation_id')
            // An empty list is no SQL.
            .where('escalations.policy', 'in', policies.length > 0 ? [...policies] : ['']),
        ),
      ]),
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
  return (await select.execute()).map((row) => read(row).call);
}

function changing(call: Call) {
  const { status, disposition, endedAt } = view(call);
  return {
    status,
    disposition,
    ended_at: endedAt,
    revision: call.revision,
    facts: storableJson(call.facts),
    call_connection_id: call.callConnectionId,
    server_call_id: call.serverCallId,
    correlation_id: call.correlationId,
    alarm_at: call.alarmAt,
  };
}

function read(row: Selectable<Schema['calls']>): StoredCall {
  return {
    call: {
      id: row.id,
      target: row.target,
      requestedBy: row.requested_by,
      purpose: row.purpose,
      ringTimeoutSeconds: row.ring_timeout_seconds,
      language: row.language,
      createdAt: row.created_at.toISOString(),
      revision: row.revision,
      facts: row.facts,
      callConnectionId: row.call_connection_id,
      serverCallId: row.server_call_id,
      correlationId: row.correlation_id,
      alarmAt: row.alarm_at?.toISOString() ?? null,
    },
    callbackSecret: row.callback_secret,
    repeatabilityId: row.repeatability_id,
  };
}
