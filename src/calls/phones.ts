import { sql as raw, type Kysely } from 'kysely';
import type { Schema } from '../database/schema.ts';
import type { Call } from './call.ts';
import { targetKey } from './callStore.ts';

/**
 * One person has one call at a time, across all escalations and replicas: a call holds the phone (`calls.phone_key`)
 * from when it is sent until it has ended.
 *
 * Order of locks: a call's row, then its phone, then whatever listeners lock (an escalation's row). Nobody locks a
 * call's row while holding a phone.
 */

type Sql = Kysely<Schema>;

/** A call that another one waits for, or that waits itself. */
export interface PhoneCall {
  id: string;
  /** An escalation's call: goes first. */
  urgent: boolean;
}

/** Null for what takes many calls at a time. */
export function phoneKey(target: Call['target']): string | null {
  return target.kind === 'voiceApp' ? null : targetKey(target);
}

/** Keeps others from taking or leaving this phone until the transaction ends. */
export async function lockPhone(sql: Sql, key: string): Promise<void> {
  // Some fixed second number keeps these apart from other advisory locks.
  await raw`SELECT pg_advisory_xact_lock(hashtextextended(${key}, 7464))`.execute(sql);
}

export async function phoneHolder(sql: Sql, key: string): Promise<PhoneCall | null> {
  const row = await sql
    .selectFrom('calls')
    .select(['id', 'escalation_id'])
    .where('phone_key', '=', key)
    .executeTakeFirst();
  return row ? { id: row.id, urgent: row.escalation_id !== null } : null;
}

/** Of the calls that wait for this phone the one whose turn is next: escalations first, then the oldest. */
export async function nextForPhone(sql: Sql, key: string): Promise<PhoneCall | null> {
  const row = await sql
    .selectFrom('calls')
    .select(['id', 'escalation_id'])
    .where('target_key', '=', key)
    .where('status', '=', 'queued')
    // Those come by themselves when the quiet hours are over; until then they are in nobody's way.
    .where(raw<boolean>`facts #>> '{deferred,reason}' IS DISTINCT FROM 'quietHours'`)
    // Those are begun by their askers, who may take their time.
    .where(raw<boolean>`purpose ->> 'kind' <> 'talk'`)
    .orderBy(raw`escalation_id IS NULL`)
    .orderBy('created_at')
    .orderBy('id')
    .executeTakeFirst();
  return row ? { id: row.id, urgent: row.escalation_id !== null } : null;
}

export async function takePhone(sql: Sql, callId: string, key: string): Promise<void> {
  await sql.updateTable('calls').set({ phone_key: key }).where('id', '=', callId).execute();
}

export async function leavePhone(sql: Sql, callId: string): Promise<void> {
  await sql
    .updateTable('calls')
    .set({ phone_key: null })
    .where('id', '=', callId)
    .where('phone_key', 'is not', null)
    .execute();
}
