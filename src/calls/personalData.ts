import { sql as raw } from 'kysely';
import type { Sql } from '../database/schema.ts';
import { storableJson } from '../database/storable.ts';
import type { Work } from '../database/transaction.ts';
import { calleeIdOf } from './callee.ts';
import { targetKey } from './callStore.ts';
import { shownPhone } from '../config/phoneNumbers.ts';
import { FORGOTTEN, FORGOTTEN_NAME } from '../privacy/anonymise.ts';
import {
  anyContains,
  MOST_EXPORTED,
  orNone,
  timelinesOf,
  withoutPerson,
  type Leaving,
} from '../privacy/person.ts';

/** Whether the person takes part in a running call. */
export async function isOnCall(sql: Sql, key: string): Promise<boolean> {
  const call = await sql
    .selectFrom('calls')
    .select('id')
    .where('status', '<>', raw.lit('ended'))
    .where(anyContains(key, 'target', 'requested_by', 'purpose'))
    .executeTakeFirst();
  return call !== undefined;
}

/** The ids of the calls that mention the person in any way. */
export async function callsWith(sql: Sql, key: string): Promise<string[]> {
  const rows = await sql
    .selectFrom('calls')
    .select('id')
    .where((where) =>
      where.or([
        where('requester_key', '=', key),
        anyContains(key, 'target', 'requested_by', 'purpose', 'facts', 'request_key'),
        where(
          'id',
          'in',
          where.selectFrom('call_timeline').select('call_id').where(anyContains(key, 'data')),
        ),
      ]),
    )
    // The order in which calls are locked everywhere.
    .orderBy('id')
    .execute();
  return rows.map(({ id }) => id);
}

/** The person's names, as stored with these calls. */
export async function namesIn(sql: Sql, key: string, callIds: readonly string[]): Promise<string[]> {
  const rows = await sql
    .selectFrom('calls')
    .select(['target', 'requested_by', 'purpose'])
    .where('id', 'in', orNone(callIds))
    .execute();
  const own = (id: string | undefined): boolean => id?.toLowerCase() === key.toLowerCase();
  const names = new Set<string>();
  for (const { target, requested_by: by, purpose } of rows) {
    for (const person of [target, ...(purpose.kind === 'connect' ? [purpose.to] : [])]) {
      if (!own(calleeIdOf(person))) continue;
      names.add(person.displayName);
      // Their number stands in timelines and events, too.
      if (person.kind === 'phone') names.add(person.id).add(shownPhone(person.id));
      if (person.userPrincipalName !== undefined) names.add(person.userPrincipalName);
    }
    if (own(by.key) || own(by.objectId)) names.add(by.name);
  }
  names.delete(FORGOTTEN_NAME);
  return [...names];
}

/** The ids of the escalations that placed these calls. */
export async function escalationsOf(sql: Sql, callIds: readonly string[]): Promise<string[]> {
  const rows = await sql
    .selectFrom('calls')
    .select('escalation_id as id')
    .distinct()
    .where('id', 'in', orNone(callIds))
    .execute();
  return rows.flatMap(({ id }) => id ?? []);
}

export async function exportPerson(sql: Sql, callIds: readonly string[]): Promise<{ calls: object[] }> {
  const calls = await sql
    .selectFrom('calls')
    .select(['id', 'status', 'disposition', 'target', 'requested_by', 'purpose', 'created_at', 'ended_at'])
    .where('id', 'in', orNone(callIds))
    .orderBy('created_at')
    .limit(MOST_EXPORTED)
    .execute();
  const lines = await sql
    .selectFrom('call_timeline')
    .select(['call_id as of', 'at', 'type', 'data'])
    .where('call_id', 'in', orNone(callIds))
    .orderBy('seq')
    .execute();
  const timelines = timelinesOf(lines);
  return { calls: calls.map((call) => ({ ...call, timeline: timelines.get(call.id) ?? [] })) };
}

/** @returns in how many calls the person was removed, and how many of their messages were deleted */
export async function forgetPerson(
  { sql }: Work,
  leaving: Leaving,
): Promise<{ calls: number; messages: number }> {
  const { key, calls: ids, without } = leaving;
  let messages = 0;
  for (const id of ids) {
    const call = await sql
      .selectFrom('calls')
      .select(['target', 'target_key', 'requested_by', 'requester_key', 'purpose', 'facts', 'revision'])
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirst();
    if (!call) continue;
    const isOwn = call.requester_key.toLowerCase() === key.toLowerCase();
    const purpose = without(call.purpose);
    const hasMessage = isOwn && 'message' in purpose && purpose.message !== '';
    if (hasMessage) messages += 1;
    const target = without(call.target);
    await sql
      .updateTable('calls')
      .set({
        target: storableJson(target),
        target_key: targetKey(target),
        requested_by: storableJson(without(call.requested_by)),
        purpose: storableJson(hasMessage ? { ...purpose, message: '' } : purpose),
        facts: storableJson(without(call.facts)),
        // The request key of an escalation's call names the callee.
        request_key: raw<
          string | null
        >`CASE WHEN ${anyContains(key, 'request_key')} THEN NULL ELSE request_key END`,
        // Cards show the newest.
        revision: call.revision + 1,
        ...(isOwn ? { requester_key: FORGOTTEN, conversation_key: null } : {}),
      })
      .where('id', '=', id)
      .execute();
  }
  const lines = await sql
    .selectFrom('call_timeline')
    .select(['seq', 'data'])
    .where('call_id', 'in', orNone(ids))
    .execute();
  for (const { seq, data } of withoutPerson(lines, leaving)) {
    await sql.updateTable('call_timeline').set({ data }).where('seq', '=', seq).execute();
  }
  await sql
    .updateTable('call_events')
    .set({ body: JSON.stringify({}) })
    .where('call_id', 'in', orNone(ids))
    .execute();
  return { calls: ids.length, messages };
}
