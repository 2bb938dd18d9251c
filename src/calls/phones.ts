import { sql as raw, type RawBuilder } from 'kysely';
import { z } from 'zod';
import type { Sql } from '../database/schema.ts';
import type { Work } from '../database/transaction.ts';
import type { Call } from './call.ts';
import { JustStored, readCall, targetKey, type StoredCall } from './callStore.ts';

/**
 * One person has one call at a time, across all escalations and replicas: a call holds the phone (`calls.phone_key`)
 * from when it is sent until it ends.
 *
 * Order of locks: a call's row, then its phone, then what listeners lock (an escalation's row). No transaction locks a
 * call's row while it holds a phone.
 */

/** A call that holds a phone, or waits for one. */
export interface PhoneCall {
  id: string;
  /** A call of an escalation, which goes first. */
  urgent: boolean;
}

/** Null for a target that takes many calls at a time. */
export function phoneKey(target: Call['target']): string | null {
  return target.kind === 'voiceApp' ? null : targetKey(target);
}

/** Locks a phone until the transaction ends: no other call takes or leaves it. */
export async function lockPhone(sql: Sql, key: string): Promise<void> {
  await lockPhones(sql, [key], true);
}

/** Seeds of the advisory locks keep phones and limits apart. Policies share the seed of limits, but not their keys. */
const PHONES = 7464;
const LIMITS = 7465;

/**
 * Locks limits and phones until the transaction ends, in an order that is always the same. It never waits for a phone, so
 * phones may follow any other lock.
 *
 * @param waits for limits that are locked; otherwise these are left out
 * @returns what it has locked
 */
export async function lockForPlacing(
  sql: Sql,
  limits: readonly string[],
  phones: readonly string[],
  waits: boolean,
): Promise<{ limits: Set<string>; phones: Set<string> }> {
  const held = { limits: new Set<string>(), phones: new Set<string>() };
  if (limits.length + phones.length === 0) return held;
  const [ofLimits, ofPhones] = [limits, phones].map((keys) => [...new Set(keys)].toSorted());
  const { rows } = await raw<{ key: string; phone: boolean; held: boolean }>`
    SELECT key, phone, CASE
      WHEN phone THEN pg_try_advisory_xact_lock(hashtextextended(key, ${raw.lit(PHONES)}))
      WHEN ${waits}::boolean THEN pg_advisory_xact_lock(hashtextextended(key, ${raw.lit(LIMITS)})) IS NOT NULL
      ELSE pg_try_advisory_xact_lock(hashtextextended(key, ${raw.lit(LIMITS)})) END AS held
    FROM (SELECT key, false AS phone FROM unnest(${ofLimits}::text[]) AS key
      UNION ALL SELECT key, true FROM unnest(${ofPhones}::text[]) AS key) AS wanted`.execute(sql);
  for (const { key, phone, held: isHeld } of rows) if (isHeld) held[phone ? 'phones' : 'limits'].add(key);
  return held;
}

/**
 * Locks several phones, in this order.
 *
 * @param waits for phones that are locked; otherwise these are left out
 * @returns the phones that it has locked
 */
export async function lockPhones(sql: Sql, keys: readonly string[], waits: boolean): Promise<string[]> {
  const lock = waits
    ? raw`pg_advisory_xact_lock(hashtextextended(key, ${raw.lit(PHONES)})) IS NOT NULL`
    : raw`pg_try_advisory_xact_lock(hashtextextended(key, ${raw.lit(PHONES)}))`;
  const { rows } = await raw<{
    key: string;
    locked: boolean;
  }>`SELECT key, ${lock} AS locked FROM unnest(${[...keys]}::text[]) AS key`.execute(sql);
  return rows.filter(({ locked }) => locked).map(({ key }) => key);
}

/** The call that holds a phone, and the next one that waits for it. */
export interface PhoneQueue {
  holder: PhoneCall | null;
  /** Escalations go first, then the oldest call. */
  next: PhoneCall | null;
}

export async function phoneQueue(sql: Sql, key: string): Promise<PhoneQueue> {
  return (await phoneQueues(sql, [key], [])).get(key) ?? { holder: null, next: null };
}

/** @param leaving calls that are about to end: they neither hold a phone nor wait for one any more */
export async function phoneQueues(
  sql: Sql,
  keys: readonly string[],
  leaving: readonly string[],
): Promise<Map<string, PhoneQueue>> {
  const { rows } = await raw<QueueRow>`${queuesOf(keys, leaving)}`.execute(sql);
  return new Map(rows.map((row) => [row.key, queueOf(row)]));
}

/** The same as an expression: pass its value to `queuesIn`. */
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
          -- These try again by themselves after the quiet hours; until then they block no other call.
          AND facts #>> '{deferred,reason}' IS DISTINCT FROM 'quietHours'
          -- These are started by the caller, who may take some time.
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

/** Enqueues the job that sends a call. @param begun if the transaction has begun it */
export function dialSoon(work: Work, callId: string, urgent: boolean, begun?: StoredCall): void {
  work.enqueue({
    name: 'call.dial',
    data: { callId },
    ...(urgent && { urgency: 10 }),
    ...(begun && { justStored: new JustStored(begun.call, begun) }),
  });
}

/** Loads a call, and whether another call holds the callee's phone. */
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
            // A target that takes many calls at a time holds no phone.
            .whereRef('other.phone_key', '=', 'calls.target_key')
            .whereRef('other.id', '<>', 'calls.id'),
        )
        .as('phone_is_taken'),
    )
    .where('id', '=', id)
    .executeTakeFirst();
  return row ? { ...readCall(row), phoneIsTaken: row.phone_is_taken === true } : null;
}
