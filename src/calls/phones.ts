import { sql as raw, type Kysely } from 'kysely';
import type { Schema } from '../database/schema.ts';
import type { Call } from './call.ts';
import { readCall, targetKey, type StoredCall } from './callStore.ts';

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

/** Locks the phone if nobody else holds it. Never waits, so it may follow any other lock. */
export async function tryLockPhone(sql: Sql, key: string): Promise<boolean> {
  const { rows } = await raw<{
    locked: boolean;
  }>`SELECT pg_try_advisory_xact_lock(hashtextextended(${key}, 7464)) AS locked`.execute(sql);
  return rows[0]?.locked === true;
}

/** Who is at a phone, and who waits for it. */
export interface PhoneQueue {
  holder: PhoneCall | null;
  /** Of the calls that wait the one whose turn is next: escalations first, then the oldest. */
  next: PhoneCall | null;
}

export async function phoneQueue(sql: Sql, key: string): Promise<PhoneQueue> {
  const holder = sql
    .selectFrom('calls')
    .select(['id', 'escalation_id', raw<boolean>`true`.as('holds')])
    .where('phone_key', '=', key);
  const next = sql
    .selectFrom('calls')
    .select(['id', 'escalation_id', raw<boolean>`false`.as('holds')])
    .where('target_key', '=', key)
    .where('status', '=', 'queued')
    // Those come by themselves when the quiet hours are over; until then they are in nobody's way.
    .where(raw<boolean>`facts #>> '{deferred,reason}' IS DISTINCT FROM 'quietHours'`)
    // Those are begun by their askers, who may take their time.
    .where(raw<boolean>`purpose ->> 'kind' <> 'talk'`)
    .orderBy(raw`escalation_id IS NULL`)
    .orderBy('created_at')
    .orderBy('id')
    .limit(1);
  const rows = await holder.unionAll((queue) => queue.parens(next)).execute();
  const found = (holds: boolean): PhoneCall | null => {
    const row = rows.find((one) => one.holds === holds);
    return row ? { id: row.id, urgent: row.escalation_id !== null } : null;
  };
  return { holder: found(true), next: found(false) };
}

/** Loads a call, and whether another one is at the callee's phone just now. */
export async function loadWithPhone(
  sql: Sql,
  id: string,
): Promise<(StoredCall & { phoneIsTaken: boolean }) | null> {
  const row = await sql
    .selectFrom('calls')
    .selectAll('calls')
    .select((call) =>
      call
        .exists(
          call
            .selectFrom('calls as other')
            .select('other.id')
            // What takes many calls at a time holds nothing under this key.
            .whereRef('other.phone_key', '=', 'calls.target_key')
            .whereRef('other.id', '<>', 'calls.id'),
        )
        .as('phone_is_taken'),
    )
    .where('id', '=', id)
    .executeTakeFirst();
  return row ? { ...readCall(row), phoneIsTaken: row.phone_is_taken === true } : null;
}
