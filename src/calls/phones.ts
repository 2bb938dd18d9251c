import { sql as raw, type RawBuilder } from 'kysely';
import { z } from 'zod';
import { ask } from '../database/ask.ts';
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

/** The person's, for Teams and their mobile alike; null for a target that takes many calls at a time. */
export function phoneKey(target: Call['target']): string | null {
  return target.kind === 'voiceApp' ? null : targetKey(target);
}

/** Seeds of the advisory locks keep phones and limits apart. Policies share the seed of limits, but not their keys. */
const PHONES = 7464;
const LIMITS = 7465;

interface Locks<Value> {
  limits: Value;
  phones: Value;
}

/** A transaction in which something is locked. */
interface Lockable {
  sql: Sql;
  isEmbedded: boolean;
}

/**
 * Locks limits and phones until the transaction ends, in an order that is always the same. An embedded database needs no
 * locks.
 *
 * @param waits for those that another transaction has locked; otherwise these are left out
 * @returns what it has locked
 */
export async function lockKeys(
  { sql, isEmbedded }: Lockable,
  wanted: Locks<readonly string[]>,
  waits: Locks<boolean>,
): Promise<Locks<Set<string>>> {
  if (isEmbedded) return { limits: new Set(wanted.limits), phones: new Set(wanted.phones) };
  const held = { limits: new Set<string>(), phones: new Set<string>() };
  if (wanted.limits.length + wanted.phones.length === 0) return held;
  const keysOf = (kind: keyof typeof held, seed: number): RawBuilder<unknown> => raw`
    SELECT key, ${raw.lit(kind)} AS kind, hashtextextended(key, ${raw.lit(seed)}) AS hash, ${waits[kind]}::boolean AS waits
    FROM unnest(${[...new Set(wanted[kind])].toSorted()}::text[]) AS key`;
  const { rows } = await raw<{ key: string; kind: keyof typeof held; held: boolean }>`
    SELECT key, kind, CASE WHEN waits THEN pg_advisory_xact_lock(hash) IS NOT NULL
      ELSE pg_try_advisory_xact_lock(hash) END AS held
    FROM (${keysOf('limits', LIMITS)} UNION ALL ${keysOf('phones', PHONES)}) AS wanted`.execute(sql);
  for (const { key, kind, held: isHeld } of rows) if (isHeld) held[kind].add(key);
  return held;
}

/** Locks several phones. Parameters and result as for `lockKeys`. */
export async function lockPhones(
  work: Lockable,
  phones: readonly string[],
  waits: boolean,
): Promise<Set<string>> {
  return (await lockKeys(work, { limits: [], phones }, { limits: false, phones: waits })).phones;
}

/** The call that holds a phone, and the next one that waits for it. */
export interface PhoneQueue {
  holder: PhoneCall | null;
  /** Escalations go first, then the oldest call. */
  next: PhoneCall | null;
}

/** Locks a phone until the transaction ends: no other call takes or leaves it. */
export async function lockQueue(work: Lockable, key: string): Promise<PhoneQueue> {
  await lockPhones(work, [key], true);
  return (await phoneQueues(work.sql, [key])).get(key) ?? { holder: null, next: null };
}

/** @param leaving calls that are about to end: they neither hold a phone nor wait for one any more */
export async function phoneQueues(
  sql: Sql,
  keys: readonly string[],
  leaving?: readonly string[],
): Promise<Map<string, PhoneQueue>> {
  return queuesIn((await ask(sql, { queues: queuesQuestion(keys, leaving) }))['queues']);
}

/** The same as an expression: pass its value to `queuesIn`. */
export function queuesQuestion(
  keys: readonly string[],
  leaving: readonly string[] = [],
): RawBuilder<unknown> {
  const gone = raw`ANY(${[...leaving]}::text[])`;
  return raw`(SELECT json_agg(queue) FROM (
    SELECT key, holder.id AS holder, holder.escalation_id IS NOT NULL AS holder_urgent,
      next.id AS next, next.escalation_id IS NOT NULL AS next_urgent
    FROM unnest(${[...keys]}::text[]) AS key
      LEFT JOIN calls AS holder ON holder.phone_key = key AND NOT holder.id = ${gone}
      LEFT JOIN LATERAL (
        SELECT id, escalation_id FROM calls
        WHERE target_key = key AND NOT id = ${gone} AND ${isWaiting}
        ORDER BY escalation_id IS NULL, created_at, id
        LIMIT 1
      ) AS next ON true) AS queue)`;
}

/** The calls that wait for a phone. */
const isWaiting = raw`status = 'queued'
  -- These try again by themselves after the quiet hours; until then they block no other call.
  AND facts #>> '{deferred,reason}' IS DISTINCT FROM 'quietHours'
  -- These are started by the caller, who may take some time.
  AND purpose ->> 'kind' <> 'talk'`;

/**
 * Whether a call waits for the phone of one of these, which are about to end, as an expression. It is the answer from
 * before the statement, so it also counts calls that the same statement changes.
 */
export function someoneWaits(leaving: readonly Call[]): RawBuilder<unknown> {
  const keys = leaving.flatMap(({ target }) => phoneKey(target) ?? []);
  return raw`EXISTS (SELECT FROM calls
    WHERE target_key = ANY(${keys}::text[]) AND NOT id = ANY(${leaving.map(({ id }) => id)}::text[]) AND ${isWaiting})`;
}

export function queuesIn(answer: unknown): Map<string, PhoneQueue> {
  const rows = queueRows.parse(answer) ?? [];
  return new Map(rows.map((row) => [row.key, queueOf(row)]));
}

const queueSchema = z.object({
  key: z.string(),
  holder: z.string().nullable(),
  holder_urgent: z.boolean(),
  next: z.string().nullable(),
  next_urgent: z.boolean(),
});
const queueRows = z.array(queueSchema).nullish();

function queueOf(row: z.infer<typeof queueSchema>): PhoneQueue {
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

/** Loads a call, and whether another call holds the callee's phone. A target that takes many calls at a time holds none. */
export async function loadWithPhone(
  sql: Sql,
  id: string,
): Promise<(StoredCall & { phoneIsTaken: boolean }) | null> {
  const row = await sql
    .selectFrom('calls')
    .selectAll()
    .select(
      raw<boolean>`EXISTS (SELECT FROM calls AS other
        WHERE other.phone_key = calls.target_key AND other.id <> calls.id)`.as('phone_is_taken'),
    )
    .where('id', '=', id)
    .executeTakeFirst();
  return row ? { ...readCall(row), phoneIsTaken: row.phone_is_taken } : null;
}
