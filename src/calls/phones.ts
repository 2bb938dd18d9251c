import { sql as raw, type RawBuilder } from 'kysely';
import { z } from 'zod';
import type { Sql } from '../database/schema.ts';
import type { Work } from '../database/work.ts';
import type { Call } from './call.ts';
import { readCall, targetKey, type StoredCall } from './callStore.ts';

/**
 * One person has one call at a time, across all escalations and replicas: a call holds the phone (`calls.phone_key`)
 * from when it is sent until it has ended.
 *
 * Order of locks: a call's row, then its phone, then whatever listeners lock (an escalation's row). Nobody locks a
 * call's row while holding a phone.
 */

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
  await lockPhones(sql, [key], true);
}

/** An expression that locks the phone, and tells whether it did: if nobody else has. Never waits, so it may follow any other lock. */
export function tryLock(key: string): RawBuilder<unknown> {
  return raw`pg_try_advisory_xact_lock(hashtextextended(${key}, 7464))`;
}

/**
 * The same for several, in this order.
 *
 * @param waits for those that somebody else holds; else these are left out
 * @returns those that are locked
 */
export async function lockPhones(sql: Sql, keys: readonly string[], waits: boolean): Promise<string[]> {
  // Some fixed second number keeps these apart from other advisory locks.
  const lock = waits
    ? raw`pg_advisory_xact_lock(hashtextextended(key, 7464)) IS NOT NULL`
    : raw`pg_try_advisory_xact_lock(hashtextextended(key, 7464))`;
  const { rows } = await raw<{
    key: string;
    locked: boolean;
  }>`SELECT key, ${lock} AS locked FROM unnest(${[...keys]}::text[]) AS key`.execute(sql);
  return rows.filter(({ locked }) => locked).map(({ key }) => key);
}

/** Who is at a phone, and who waits for it. */
export interface PhoneQueue {
  holder: PhoneCall | null;
  /** Of the calls that wait the one whose turn is next: escalations first, then the oldest. */
  next: PhoneCall | null;
}

export async function phoneQueue(sql: Sql, key: string): Promise<PhoneQueue> {
  return (await phoneQueues(sql, [key], [])).get(key) ?? { holder: null, next: null };
}

/** @param leaving calls that are about to end: they neither hold a phone nor wait for one */
export async function phoneQueues(
  sql: Sql,
  keys: readonly string[],
  leaving: readonly string[],
): Promise<Map<string, PhoneQueue>> {
  const { rows } = await raw<QueueRow>`${queuesOf(keys, leaving)}`.execute(sql);
  return new Map(rows.map((row) => [row.key, queueOf(row)]));
}

/** The same as an expression: its value is given to `queuesIn`. */
export function queuesQuestion(keys: readonly string[]): RawBuilder<unknown> {
  return raw`(SELECT json_agg(queue) FROM (${queuesOf(keys, [])}) AS queue)`;
}

export function queuesIn(answer: unknown): Map<string, PhoneQueue> {
  const rows = z.array(queueSchema).safeParse(answer).data ?? [];
  return new Map(rows.map((row) => [row.key, queueOf(row)]));
}

const queueSchema = z.object({
  key: z.string(),
  holder: z.string().nullable(),
  holder_urgent: z.boolean(),
  next: z.string().nullable(),
  next_urgent: z.boolean(),
});
type QueueRow = z.infer<typeof queueSchema>;

function queuesOf(keys: readonly string[], leaving: readonly string[]): RawBuilder<unknown> {
  const gone = raw`ANY(${[...leaving]}::text[])`;
  return raw`
    SELECT key, holder.id AS holder, holder.escalation_id IS NOT NULL AS holder_urgent,
      next.id AS next, next.escalation_id IS NOT NULL AS next_urgent
    FROM unnest(${[...keys]}::text[]) AS key
      LEFT JOIN calls AS holder ON holder.phone_key = key AND NOT holder.id = ${gone}
      LEFT JOIN LATERAL (
        SELECT id, escalation_id FROM calls
        WHERE target_key = key AND status = 'queued' AND NOT id = ${gone}
          -- Those come by themselves when the quiet hours are over; until then they are in nobody's way.
          AND facts #>> '{deferred,reason}' IS DISTINCT FROM 'quietHours'
          -- Those are begun by their askers, who may take their time.
          AND purpose ->> 'kind' <> 'talk'
        ORDER BY escalation_id IS NULL, created_at, id
        LIMIT 1
      ) AS next ON true`;
}

function queueOf(row: QueueRow): PhoneQueue {
  const call = (id: string | null, urgent: boolean): PhoneCall | null =>
    id === null ? null : { id, urgent };
  return { holder: call(row.holder, row.holder_urgent), next: call(row.next, row.next_urgent) };
}

/** Wants a call sent, as soon as it may be. */
export function dialSoon(work: Work, callId: string, urgent: boolean): void {
  work.enqueue({ name: 'call.dial', data: { callId }, ...(urgent && { urgency: 10 }) });
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
