import { sql as raw, type RawBuilder, type Selectable } from 'kysely';
import { jsonArrayFrom } from 'kysely/helpers/postgres';
import * as z from 'zod';
import type { Schema, Sql } from '../database/schema.ts';
import { storableJson } from '../database/storable.ts';
import type { Call, TimelineEntry } from './call.ts';
import { view } from './lifecycle/lifecycle.ts';
import { readFacts, storedFacts } from './storedFacts.ts';
import { addingRows, readEntry, rowsOf } from './timelineStore.ts';

/** A call, with its secrets for dialling. */
export interface StoredCall {
  call: Call;
  callbackSecret: string;
  repeatabilityId: string;
}

/** Goes with a job to its handler, which need not load the call if it runs right after the commit. */
export class JustStored {
  readonly call: Call;
  /** Of a call that was begun where it was placed. */
  readonly begun: StoredCall | null;

  constructor(call: Call, begun: StoredCall | null = null) {
    this.call = call;
    this.begun = begun;
  }
}

export interface NewCall extends StoredCall {
  /** Names the request: the same request never makes a second call. */
  requestKey: string | null;
  /** While a call with this key runs, no second call is made. */
  singleKey: string | null;
  conversationKey: string | null;
  /** The span of the request: callbacks come without one, and to any replica. */
  traceparent: string | null;
}

/** An event of the service, as it came. */
export interface ReceivedEvent {
  callId: string;
  id: string;
  type: string;
  at: string;
  applied: boolean;
  body: object;
}

/**
 * The key of a target: who is called. Somebody's phone in the telephone network has the key of the person, so that
 * everything that counts or finds a person's calls counts and finds those too.
 */
export function targetKey(target: Call['target']): string {
  if (target.personId !== undefined) return `teamsUser:${target.personId.toLowerCase()}`;
  return `${target.kind}:${target.id.toLowerCase()}`;
}

/** A call to be placed, and the phone that it takes. */
export interface PlacedCall {
  fresh: NewCall;
  phone: string | null;
}

/** Stores several calls, as part of a statement. If one of them exists already, that is a conflict and nothing is stored. */
export function placingCalls(placed: readonly PlacedCall[]): RawBuilder<unknown> {
  const rows = placed.map(rowOf);
  const columns = raw.raw(Object.keys(rows[0] ?? {}).join(', '));
  return raw`INSERT INTO calls (${columns})
    SELECT ${columns} FROM json_populate_recordset(NULL::calls, ${storableJson(rows)}::json)`;
}

function rowOf({ fresh, phone }: PlacedCall) {
  const { call } = fresh;
  return {
    ...columnsOf(call),
    id: call.id,
    target: call.target,
    target_key: targetKey(call.target),
    requested_by: call.requestedBy,
    requester_key: call.requestedBy.key,
    purpose: call.purpose,
    ring_timeout_seconds: call.ringTimeoutSeconds,
    language: call.language,
    created_at: call.createdAt,
    callback_secret: fresh.callbackSecret,
    repeatability_id: fresh.repeatabilityId,
    request_key: fresh.requestKey,
    single_key: fresh.singleKey,
    conversation_key: fresh.conversationKey,
    escalation_id: call.purpose.kind === 'escalate' ? call.purpose.escalationId : null,
    phone_key: phone,
    traceparent: fresh.traceparent,
  };
}

/** Names of a call: see `NewCall`. */
type CallKeys = Pick<NewCall, 'requestKey' | 'singleKey'>;

/** Which of these requests have a call, or a running one, as an expression: pass its value to `knownIn`. */
export function knownQuestion(keys: readonly CallKeys[]): RawBuilder<unknown> {
  const all = (name: keyof CallKeys): string[] => keys.flatMap((own) => own[name] ?? []);
  return raw`(SELECT json_agg(json_build_object('requestKey', request_key, 'singleKey', single_key)) FROM calls
    WHERE request_key = ANY(${all('requestKey')}::text[]) OR single_key = ANY(${all('singleKey')}::text[]))`;
}

const knownSchema = z.array(
  z.object({ requestKey: z.string().nullable(), singleKey: z.string().nullable() }),
);

/** @returns whether there is a call with one of these keys */
export function knownIn(answer: unknown): (keys: CallKeys) => boolean {
  const known = knownSchema.safeParse(answer).data ?? [];
  const requests = new Set(known.map(({ requestKey }) => requestKey));
  const running = new Set(known.map(({ singleKey }) => singleKey));
  return ({ requestKey, singleKey }) =>
    (requestKey !== null && requests.has(requestKey)) || (singleKey !== null && running.has(singleKey));
}

/** The call of this request; otherwise the running call with this single key. */
export async function findByKeys(
  sql: Sql,
  keys: CallKeys,
): Promise<{ call: Call; by: 'request' | 'single' } | null> {
  const { requestKey, singleKey } = keys;
  const rows = await sql
    .selectFrom('calls')
    .selectAll()
    .where((where) => where.or([where('request_key', '=', requestKey), where('single_key', '=', singleKey)]))
    .execute();
  const ofRequest = rows.find((row) => requestKey !== null && row.request_key === requestKey);
  if (ofRequest) return { call: readCall(ofRequest).call, by: 'request' };
  const [running] = rows;
  return running ? { call: readCall(running).call, by: 'single' } : null;
}

export async function loadCall(sql: Sql, id: string): Promise<StoredCall | null> {
  const row = await sql.selectFrom('calls').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? readCall(row) : null;
}

/** Loads a call with its timeline. @param also another room's expression about the call, read with it */
export async function loadWithTimeline(
  sql: Sql,
  id: string,
  also: RawBuilder<unknown> = raw`NULL`,
): Promise<{ call: Call; timeline: TimelineEntry[]; also: unknown } | null> {
  const row = await sql
    .selectFrom('calls')
    .selectAll()
    .select((call) =>
      jsonArrayFrom(
        call
          .selectFrom('call_timeline')
          .select(['at', 'type', 'data'])
          .whereRef('call_id', '=', 'calls.id')
          .orderBy('at')
          .orderBy('seq'),
      ).as('timeline'),
    )
    .select(also.as('also'))
    .where('id', '=', id)
    .executeTakeFirst();
  return row ? { call: readCall(row).call, timeline: row.timeline.map(readEntry), also: row.also } : null;
}

/** Loads a call and locks it until the transaction ends. */
export async function lockCall(sql: Sql, id: string): Promise<StoredCall | null> {
  const row = await sql.selectFrom('calls').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
  return row ? readCall(row) : null;
}

/**
 * Loads calls and locks them until the transaction ends.
 *
 * @param events ids of events, by their calls
 * @param waits for locked calls; otherwise these are left out
 * @returns the calls by their ids. `knownEvents` were received before. An event that arrived while this waited for the
 *   lock is not among them: storing it again is a conflict
 */
export async function lockWithEvents(
  sql: Sql,
  events: ReadonlyMap<string, readonly string[]>,
  waits: boolean,
): Promise<Map<string, StoredCall & { knownEvents: string[] }>> {
  const [callIds, eventIds] = [[...events.keys()], [...events.values()].flat()];
  const known =
    eventIds.length === 0
      ? raw<string[]>`'{}'::text[]`
      : raw<string[]>`ARRAY(SELECT event_id FROM call_events
          WHERE call_id = calls.id AND event_id = ANY(${eventIds}::text[]))`;
  const rows = await sql
    .selectFrom('calls')
    .selectAll()
    .select(known.as('known_events'))
    .where('id', '=', raw<string>`ANY(${callIds}::text[])`)
    .forUpdate('calls')
    .$if(!waits, (select) => select.skipLocked())
    .execute();
  return new Map(rows.map((row) => [row.id, { ...readCall(row), knownEvents: row.known_events }]));
}

/** A call to be stored, and the new entries of its timeline. */
export interface ChangedCall {
  call: Call;
  timeline: readonly TimelineEntry[];
  /** The phone that it takes; null if it leaves its phone (see phones.ts); unchanged if not given. */
  phone?: string | null | undefined;
}

/** Stores changed calls. @param unless see `savingCalls` */
export async function saveCalls(
  sql: Sql,
  changed: readonly ChangedCall[],
  unless?: RawBuilder<unknown>,
): Promise<void> {
  if (changed.length === 0) return;
  const lines = changed.flatMap(({ call, timeline }) => rowsOf(call.id, timeline));
  const saving = savingCalls(changed, unless);
  await (lines.length > 0 ? raw`WITH lines AS (${addingRows(lines)}) ${saving}` : saving).execute(sql);
}

/**
 * Stores changed calls without their timelines, as part of a statement. Its text is the same for any number of calls. If
 * one of them has another version than the one before, the statement fails as a conflict.
 *
 * @param unless an expression: if it is true, the statement fails as a conflict, too
 */
export function savingCalls(
  changed: readonly ChangedCall[],
  unless: RawBuilder<unknown> = raw`false`,
): RawBuilder<unknown> {
  const calls = changed.map(({ call, phone }) => ({
    id: call.id,
    ...columnsOf(call),
    moves: phone !== undefined,
    phone_key: phone ?? null,
  }));
  return raw`
    UPDATE calls SET
      status = changed.status,
      disposition = changed.disposition,
      ended_at = changed.ended_at,
      revision = changed.revision,
      facts = changed.facts,
      call_connection_id = changed.call_connection_id,
      server_call_id = changed.server_call_id,
      correlation_id = changed.correlation_id,
      alarm_at = changed.alarm_at,
      -- No call has -1: the database refuses to save it (migrations/024_callVersions.ts).
      version = CASE WHEN calls.version = changed.version - 1 AND NOT ${unless} THEN changed.version ELSE -1 END,
      single_key = CASE WHEN changed.status = 'ended' THEN NULL ELSE calls.single_key END,
      phone_key = CASE WHEN changed.moves THEN changed.phone_key ELSE calls.phone_key END
    FROM json_to_recordset(${storableJson(calls)}::json)
      AS changed (
        id text, status text, disposition text, ended_at timestamptz, revision integer, facts jsonb,
        call_connection_id text, server_call_id text, correlation_id text, alarm_at timestamptz,
        version integer, moves boolean, phone_key text
      )
    WHERE calls.id = changed.id
      -- Repeated so that the planner uses the index: it cannot estimate the rows that come out of JSON.
      AND calls.id = ANY(${changed.map(({ call }) => call.id)}::text[])`;
}

/** Stores new events, as part of a statement. An event that was stored before is a conflict. */
export function savingEvents(events: readonly ReceivedEvent[], receivedAt: string): RawBuilder<unknown> {
  const rows = events.map(({ callId, id, type, at, applied, body }) => ({
    call_id: callId,
    event_id: id,
    type,
    at,
    applied,
    body,
  }));
  return raw`
    INSERT INTO call_events (call_id, event_id, type, at, received_at, applied, body)
    SELECT call_id, event_id, type, at, ${receivedAt}::timestamptz, applied, body
    FROM json_to_recordset(${storableJson(rows)}::json)
      AS event (call_id text, event_id text, type text, at timestamptz, applied boolean, body jsonb)`;
}

function columnsOf(call: Call) {
  const { status, disposition, endedAt } = view(call);
  return {
    status,
    disposition,
    ended_at: endedAt,
    revision: call.revision,
    facts: storedFacts(call.facts),
    call_connection_id: call.callConnectionId,
    server_call_id: call.serverCallId,
    correlation_id: call.correlationId,
    alarm_at: call.alarmAt,
    version: call.version,
  };
}

export interface CallRow extends Omit<Selectable<Schema['calls']>, 'created_at' | 'alarm_at' | 'ended_at'> {
  created_at: Date | string;
  alarm_at: Date | string | null;
}

/** @param row times are strings if it comes as JSON */
export function readCall(row: CallRow): StoredCall {
  return {
    call: {
      id: row.id,
      target: row.target,
      requestedBy: row.requested_by,
      purpose: row.purpose,
      ringTimeoutSeconds: row.ring_timeout_seconds,
      language: row.language,
      createdAt: new Date(row.created_at).toISOString(),
      revision: row.revision,
      facts: readFacts(row.facts),
      callConnectionId: row.call_connection_id,
      serverCallId: row.server_call_id,
      correlationId: row.correlation_id,
      alarmAt: row.alarm_at === null ? null : new Date(row.alarm_at).toISOString(),
      version: row.version,
    },
    callbackSecret: row.callback_secret,
    repeatabilityId: row.repeatability_id,
  };
}
