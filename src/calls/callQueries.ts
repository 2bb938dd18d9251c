import { sql as raw, type RawBuilder } from 'kysely';
import * as z from 'zod';
import { hasWords } from '../database/newestFirst.ts';
import type { Sql } from '../database/schema.ts';

/* What other rooms ask about calls: they have no SQL on its tables. */

/** The service's names for a call; null while they are unknown. */
export interface CallNames {
  serverCallId: string | null;
  correlationId: string | null;
}

/** The id of the newest call with one of these names. */
export async function callNamed(
  sql: Sql,
  { serverCallId, correlationId }: CallNames,
): Promise<string | null> {
  if (serverCallId === null && correlationId === null) return null;
  const row = await sql
    .selectFrom('calls')
    .select('id')
    .where((where) =>
      where.or([where('server_call_id', '=', serverCallId), where('correlation_id', '=', correlationId)]),
    )
    .orderBy('created_at', 'desc')
    .executeTakeFirst();
  return row?.id ?? null;
}

/** @returns null if there is no such call */
export async function namesOf(sql: Sql, id: string): Promise<CallNames | null> {
  const row = await sql
    .selectFrom('calls')
    .select(['server_call_id as serverCallId', 'correlation_id as correlationId'])
    .where('id', '=', id)
    .executeTakeFirst();
  return row ?? null;
}

/** The span of the request for the call (W3C `traceparent`); null if there was none. */
export async function traceOf(sql: Sql, id: string): Promise<string | null> {
  const row = await sql.selectFrom('calls').select('traceparent').where('id', '=', id).executeTakeFirst();
  return row?.traceparent ?? null;
}

/** Locks a call until the transaction ends. @returns false if it is over */
export async function lockRunning(sql: Sql, id: string): Promise<boolean> {
  const row = await sql
    .selectFrom('calls')
    .select('id')
    .where('id', '=', id)
    .where('status', '<>', raw.lit('ended'))
    .forUpdate()
    .executeTakeFirst();
  return row !== undefined;
}

/** A subquery: the ids of the calls that a person has requested. The case of their key does not matter. */
export function idsAskedForBy(person: string): RawBuilder<string> {
  return raw`(SELECT id FROM calls WHERE lower(requester_key) = ${person.toLowerCase()})`;
}

/** The same for calls that are not over. */
export function runningIdsAskedForBy(person: string): RawBuilder<string> {
  return raw`(SELECT id FROM calls WHERE lower(requester_key) = ${person.toLowerCase()} AND status <> 'ended')`;
}

/** A subquery: the ids of the calls that ended before a time. */
export function idsEndedBefore(at: Date): RawBuilder<string> {
  return raw`(SELECT id FROM calls WHERE ended_at < ${at})`;
}

/** When the newest calls of callers or callees were placed: epoch milliseconds, newest first, by key. */
export interface NewestCalls {
  /** How many still newer calls of each are left out. */
  skipped: number;
  placed: Readonly<Record<string, readonly number[]>>;
}

const newestSchema = z.object({
  skipped: z.number(),
  placed: z.record(z.string(), z.array(z.number())).nullable(),
});

/**
 * An expression for `newestIn`. Calls of escalations do not count.
 *
 * @param keys `notBy`: calls that this person requested do not count
 * @param most how many calls of each, after `skip` newer ones
 */
export function newestOf(
  keys: readonly { key: string; notBy: string | null }[],
  by: 'requester' | 'target',
  { since, skip, most }: { since: Date; skip: number; most: number },
): RawBuilder<unknown> {
  const counted =
    by === 'requester'
      ? raw`requester_key = one.key`
      : raw`target_key = one.key AND requester_key IS DISTINCT FROM one.not_by`;
  return raw`json_build_object('skipped', ${skip}::integer, 'placed', (
    SELECT json_object_agg(one.key, ARRAY(
      SELECT (extract(epoch FROM created_at) * 1000)::float8 FROM calls
      WHERE escalation_id IS NULL AND created_at > ${since} AND ${counted}
      ORDER BY created_at DESC OFFSET ${skip} LIMIT ${most}
    )) FROM unnest(${keys.map(({ key }) => key)}::text[], ${keys.map(({ notBy }) => notBy)}::text[]) AS one (key, not_by)
  ))`;
}

export function newestIn(answer: unknown): NewestCalls {
  const { skipped = 0, placed } = newestSchema.safeParse(answer).data ?? {};
  return { skipped, placed: placed ?? {} };
}

/**
 * When the newest calls to phone numbers were sent, newest first (epoch milliseconds): those of everybody, of escalations
 * too. An expression for `phoneCallsIn`.
 *
 * @param waiting also counts calls that chats and the API placed and that are not sent yet, by when they were placed
 */
export function phoneCallsSince(since: Date, most: number, waiting: boolean): RawBuilder<unknown> {
  const sentAt = raw`(facts ->> 'dialSentAt')`;
  return raw`(SELECT json_agg(at) FROM (
    SELECT (extract(epoch FROM at) * 1000)::float8 AS at FROM (
      SELECT ${sentAt}::timestamptz AS at FROM calls
        WHERE target ->> 'kind' = 'phone' AND ${sentAt} COLLATE "C" > ${since.toISOString()}
      UNION ALL
      SELECT created_at FROM calls
        WHERE ${waiting}::boolean AND target ->> 'kind' = 'phone' AND status = 'queued' AND escalation_id IS NULL
          AND created_at > ${since}
    ) AS placed ORDER BY at DESC LIMIT ${most}) AS newest)`;
}

const times = z.array(z.number());

export function phoneCallsIn(answer: unknown): number[] {
  return times.safeParse(answer).data ?? [];
}

/** A query: the ids of the escalations that have called this target. */
export function idsOfEscalationsCalling(targetKey: string): RawBuilder<string> {
  return raw`SELECT escalation_id FROM calls WHERE target_key = ${targetKey} AND escalation_id IS NOT NULL`;
}

/** An expression: true if the escalation has called this target, else null. A scalar, so that it is looked up by the escalation. */
export function hasCalled(escalationId: RawBuilder<unknown>, targetKey: string): RawBuilder<boolean> {
  return raw`(SELECT TRUE FROM calls WHERE escalation_id = ${escalationId} AND target_key = ${targetKey} LIMIT 1)`;
}

/** The same for somebody whose name has all of these words. */
export function hasCalledNamed(escalationId: RawBuilder<unknown>, words: string): RawBuilder<boolean> {
  return raw`(SELECT TRUE FROM calls WHERE escalation_id = ${escalationId}
    AND ${hasWords(raw`(target ->> 'displayName')`, words)} LIMIT 1)`;
}

/** An expression: whether a call of the escalation is at a phone. @param targetKey only at this target's; null: at any */
export function ringsFor(escalationId: RawBuilder<unknown>, targetKey: string | null): RawBuilder<boolean> {
  const ofTarget = targetKey === null ? raw`TRUE` : raw`target_key = ${targetKey}`;
  return raw`EXISTS (SELECT FROM calls WHERE escalation_id = ${escalationId}
    AND status IN ('dialing', 'connected') AND ${ofTarget})`;
}

/** A subquery: when the newest call of an escalation was placed. */
export function lastPlacedFor(escalationId: string): RawBuilder<Date> {
  return raw`(SELECT max(created_at) FROM calls WHERE escalation_id = ${escalationId})`;
}

/** An expression that differs when a running call has changed, or when a call has ended. */
export const callsToken: RawBuilder<unknown> = raw`json_build_array(
  (SELECT sum(hashtextextended(id, revision)) FROM calls WHERE status <> 'ended'),
  (SELECT max(ended_at) FROM calls WHERE status = 'ended'),
  (SELECT max(seq) FROM call_timeline))`;
