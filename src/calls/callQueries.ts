import { sql as raw, type RawBuilder } from 'kysely';
import type { Sql } from '../database/schema.ts';

/* What other rooms ask of calls: they have no SQL on its tables. */

/** The names that the service has for a call; null as long as they are not known. */
export interface CallNames {
  serverCallId: string | null;
  correlationId: string | null;
}

/** The newest call of one of these names. */
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

/** The span in which the call was asked for (W3C `traceparent`); null if there was none. */
export async function traceOf(sql: Sql, id: string): Promise<string | null> {
  const row = await sql.selectFrom('calls').select('traceparent').where('id', '=', id).executeTakeFirst();
  return row?.traceparent ?? null;
}

/** Keeps a call as it is until the transaction ends. @returns false if it is over */
export async function lockRunning(sql: Sql, id: string): Promise<boolean> {
  const row = await sql
    .selectFrom('calls')
    .select('id')
    .where('id', '=', id)
    .where('status', '<>', 'ended')
    .forUpdate()
    .executeTakeFirst();
  return row !== undefined;
}

/** A subquery: the ids of the calls that a person has asked for. The case of their key does not matter. */
export function idsAskedForBy(person: string): RawBuilder<string> {
  return raw`(SELECT id FROM calls WHERE lower(requester_key) = ${person.toLowerCase()})`;
}

/** The same of those that are not over. */
export function runningIdsAskedForBy(person: string): RawBuilder<string> {
  return raw`(SELECT id FROM calls WHERE lower(requester_key) = ${person.toLowerCase()} AND status <> 'ended')`;
}

/** A subquery: the ids of the calls that ended before that. */
export function idsEndedBefore(at: Date): RawBuilder<string> {
  return raw`(SELECT id FROM calls WHERE ended_at < ${at})`;
}

/**
 * An expression: when the `count`th newest of the calls since then was placed. Those of escalations are not counted.
 *
 * @param whose those of this caller, or those to this callee that somebody else has asked for
 */
export function placedAt(
  count: number,
  since: Date,
  whose: { requesterKey: string } | { targetKey: string; notBy: string },
): RawBuilder<unknown> {
  const counted =
    'requesterKey' in whose
      ? raw`requester_key = ${whose.requesterKey}`
      : raw`target_key = ${whose.targetKey} AND requester_key <> ${whose.notBy}`;
  return raw`(
    SELECT created_at FROM calls
    WHERE escalation_id IS NULL AND created_at > ${since} AND ${counted}
    ORDER BY created_at DESC OFFSET ${count - 1} LIMIT 1
  )`;
}

/** A subquery: when the newest call of an escalation was placed. */
export function lastPlacedFor(escalationId: string): RawBuilder<Date> {
  return raw`(SELECT max(created_at) FROM calls WHERE escalation_id = ${escalationId})`;
}
