import { sql as raw, type Kysely } from 'kysely';
import type { Call, Requester, Target } from '../calls/call.ts';
import { targetKey } from '../calls/callStore.ts';
import type { Schema } from '../database/schema.ts';
import type { RingdownYaml } from '../ringdownSchema.ts';
import type { Refusal } from './refusal.ts';

type CallLimits = Pick<RingdownYaml['limits'], 'perCaller' | 'perCallee'>;
type Limit = CallLimits['perCaller'];

/** Somebody's wish for a call, or the call that has been placed for it. */
export type Wished = Pick<Call, 'requestedBy' | 'target'> & { id?: string };

/** Some number that no other advisory lock here has. */
const LOCKS = 7465;

/**
 * Keeps calls of the same caller, and those to the same callee, from being counted by others until the transaction
 * ends: of two that come at the limit at once, the second counts the first. Always in the same order, so that two
 * never wait for each other.
 */
export async function lockLimits(sql: Kysely<Schema>, wished: Wished): Promise<void> {
  for (const key of limitTurns(wished)) {
    await raw`SELECT pg_advisory_xact_lock(hashtextextended(${key}, ${raw.lit(LOCKS)}))`.execute(sql);
  }
}

/** The locks of `lockLimits`, for those who place calls to wait for each other without a connection (`Transact`). */
export function limitTurns({ requestedBy, target }: Wished): string[] {
  const callee = `callee ${targetKey(target)}`;
  // A key of the API has no limit of its own here: its calls need not wait for each other.
  return requestedBy.kind === 'chat' ? [`caller ${requestedBy.key}`, callee] : [callee];
}

/**
 * Whether another call is too many. The calls themselves are counted, so the window slides exactly and holds across
 * replicas. Those of escalations do not count, nor do the test calls that the callee places.
 *
 * @param now epoch milliseconds
 */
export async function limitReached(
  sql: Kysely<Schema>,
  { perCaller, perCallee }: CallLimits,
  wished: Wished,
  now: number,
): Promise<Refusal | null> {
  const { requestedBy, target } = wished;
  const freeAt = async (limit: Limit, of: 'caller' | 'callee'): Promise<number | null> => {
    let select = sql
      .selectFrom('calls')
      .select('created_at')
      .where('escalation_id', 'is', null)
      .where('created_at', '>', new Date(now - limit.windowMs))
      .orderBy('created_at', 'desc')
      .offset(limit.count - 1)
      .limit(1);
    if (wished.id !== undefined) select = select.where('id', '<>', wished.id);
    select =
      of === 'caller'
        ? select.where('requester_key', '=', requestedBy.key)
        : select.where('target_key', '=', targetKey(target)).where('requester_key', '<>', target.id);
    // The oldest of the newest `count`: when it leaves the window there is room for one more.
    const last = await select.executeTakeFirst();
    return last ? last.created_at.getTime() + limit.windowMs : null;
  };
  if (requestedBy.kind === 'chat') {
    const until = await freeAt(perCaller, 'caller');
    if (until !== null) return { reason: 'perCaller', until };
  }
  if (isOneself(requestedBy, target)) return null;
  const until = await freeAt(perCallee, 'callee');
  return until === null ? null : { reason: 'perCallee', until };
}

/** Somebody has themselves called. */
export function isOneself({ objectId }: Requester, { kind, id }: Target): boolean {
  return kind === 'teamsUser' && objectId !== undefined && id.toLowerCase() === objectId.toLowerCase();
}
