import { sql as raw, type RawBuilder } from 'kysely';
import type { Requester, Target } from '../calls/call.ts';
import { placedAt } from '../calls/callQueries.ts';
import { targetKey } from '../calls/callStore.ts';
import type { RingdownYaml } from '../config/ringdownSchema.ts';
import type { Refusal } from './refusal.ts';

type CallLimits = Pick<RingdownYaml['limits'], 'perCaller' | 'perCallee'>;
type Limit = CallLimits['perCaller'];

/** Somebody's wish for a call. */
export interface Wished {
  requestedBy: Requester;
  target: Target;
}

/** Some number that no other advisory lock here has. */
const LOCKS = 7465;

/**
 * Locks that keep calls of the same caller, and those to the same callee, from being counted by others until the
 * transaction ends: of two that come at the limit at once, the second counts the first. Always in the same order, so
 * that two never wait for each other.
 */
export function limitLocks(wished: Wished): RawBuilder<unknown>[] {
  return limitTurns(wished).map(
    (key) => raw`pg_advisory_xact_lock(hashtextextended(${key}, ${raw.lit(LOCKS)}))`,
  );
}

/** The same locks, for those who place calls to wait for each other without a connection (`Transact`). */
export function limitTurns({ requestedBy, target }: Wished): string[] {
  const callee = `callee ${targetKey(target)}`;
  // A key of the API has no limit of its own here: its calls need not wait for each other.
  return hasOwnLimit(requestedBy) ? [`caller ${requestedBy.key}`, callee] : [callee];
}

/** When calls that count against a limit were placed: the oldest of the newest as many as it allows. */
export type LimitAnswers = Readonly<Record<'perCaller' | 'perCallee', Date | null | undefined>>;

/**
 * What is asked to find out whether another call is too many. The calls themselves are counted, so the window slides
 * exactly and holds across replicas. Those of escalations do not count, nor do the test calls that the callee places.
 *
 * @param now epoch milliseconds
 * @returns expressions whose values are `LimitAnswers`; none if no limit concerns the call
 */
export function limitQuestions(
  { perCaller, perCallee }: CallLimits,
  { requestedBy, target }: Wished,
  now: number,
): Partial<Record<keyof LimitAnswers, RawBuilder<unknown>>> {
  const last = ({ count, windowMs }: Limit, whose: Parameters<typeof placedAt>[2]): RawBuilder<unknown> =>
    placedAt(count, new Date(now - windowMs), whose);
  return {
    ...(hasOwnLimit(requestedBy) && {
      perCaller: last(perCaller, { requesterKey: requestedBy.key }),
    }),
    ...(!isOneself(requestedBy, target) && {
      perCallee: last(perCallee, { targetKey: targetKey(target), notBy: target.id }),
    }),
  };
}

/** When the oldest call leaves the window there is room for one more. */
export function limitReached(limits: CallLimits, answers: LimitAnswers): Refusal | null {
  for (const reason of ['perCaller', 'perCallee'] as const) {
    const at = answers[reason];
    if (at) return { reason, until: at.getTime() + limits[reason].windowMs };
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
