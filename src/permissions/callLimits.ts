import {
  sql as raw,
  type ExpressionBuilder,
  type ExpressionWrapper,
  type Kysely,
  type SqlBool,
} from 'kysely';
import type { Call, Requester, Target } from '../calls/call.ts';
import { targetKey } from '../calls/callStore.ts';
import type { Schema } from '../database/schema.ts';
import type { RingdownYaml } from '../ringdownSchema.ts';
import type { Refusal } from './refusal.ts';

type CallLimits = Pick<RingdownYaml['limits'], 'perCaller' | 'perCallee'>;
type Limit = CallLimits['perCaller'];
/** Which calls a limit counts. */
type Counted = (call: ExpressionBuilder<Schema, 'calls'>) => ExpressionWrapper<Schema, 'calls', SqlBool>;

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
  const locks = limitTurns(wished).map(
    (key) => raw`pg_advisory_xact_lock(hashtextextended(${key}, ${raw.lit(LOCKS)}))`,
  );
  // What a SELECT lists is worked out from left to right.
  await raw`SELECT ${raw.join(locks)}`.execute(sql);
}

/** The locks of `lockLimits`, for those who place calls to wait for each other without a connection (`Transact`). */
export function limitTurns({ requestedBy, target }: Wished): string[] {
  const callee = `callee ${targetKey(target)}`;
  // A key of the API has no limit of its own here: its calls need not wait for each other.
  return hasOwnLimit(requestedBy) ? [`caller ${requestedBy.key}`, callee] : [callee];
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
  const counts: [Limit, 'perCaller' | 'perCallee', by: Counted][] = [];
  if (hasOwnLimit(requestedBy)) {
    counts.push([perCaller, 'perCaller', (call) => call('requester_key', '=', requestedBy.key)]);
  }
  if (!isOneself(requestedBy, target)) {
    const byOthers: Counted = (call) =>
      call.and([call('target_key', '=', targetKey(target)), call('requester_key', '<>', target.id)]);
    counts.push([perCallee, 'perCallee', byOthers]);
  }
  if (counts.length === 0) return null;
  /** The oldest of the newest `count`: when it leaves the window there is room for one more. */
  const last = counts.map(([limit, reason, by]) =>
    sql
      .selectFrom('calls')
      .select('created_at')
      .where('escalation_id', 'is', null)
      .where('created_at', '>', new Date(now - limit.windowMs))
      .where(by)
      .$if(wished.id !== undefined, (select) => select.where('id', '<>', wished.id ?? ''))
      .orderBy('created_at', 'desc')
      .offset(limit.count - 1)
      .limit(1)
      .as(reason),
  );
  const row = await sql.selectNoFrom(last).executeTakeFirst();
  for (const [limit, reason] of counts) {
    const at = row?.[reason];
    if (at) return { reason, until: at.getTime() + limit.windowMs };
  }
  return null;
}

/** People have: those in chats, and those for whom an application asks. */
function hasOwnLimit({ kind, objectId }: Requester): boolean {
  return kind === 'chat' || objectId !== undefined;
}

/** Somebody has themselves called. */
export function isOneself({ objectId }: Requester, { kind, id }: Target): boolean {
  return kind === 'teamsUser' && objectId !== undefined && id.toLowerCase() === objectId.toLowerCase();
}
