import { sql as raw, type RawBuilder } from 'kysely';
import type { Requester, Target } from '../calls/call.ts';
import { placedAt } from '../calls/callQueries.ts';
import { targetKey } from '../calls/callStore.ts';
import type { RingdownYaml } from '../config/ringdownSchema.ts';
import type { Refusal } from './refusal.ts';

type CallLimits = Pick<RingdownYaml['limits'], 'perCaller' | 'perCallee'>;
type Limit = CallLimits['perCaller'];

/** A call that somebody asks for. */
export interface Wished {
  requestedBy: Requester;
  target: Target;
}

/** An arbitrary number that no other advisory lock here uses. */
const LOCKS = 7465;

/**
 * Locks on the limits of the caller and the callee until the transaction ends. If two calls reach a limit at the same
 * time, the second one waits and counts the first. The order is always the same, so that there are no deadlocks.
 */
export function limitLocks(wished: Wished): RawBuilder<unknown>[] {
  return limitTurns(wished).map(
    (key) => raw`pg_advisory_xact_lock(hashtextextended(${key}, ${raw.lit(LOCKS)}))`,
  );
}

/** The same locks as turns (`Transact`), for which transactions wait without holding a connection. */
export function limitTurns({ requestedBy, target }: Wished): string[] {
  const callee = `callee ${targetKey(target)}`;
  // An API key has no limit of its own here, so its calls need not wait for each other.
  return hasOwnLimit(requestedBy) ? [`caller ${requestedBy.key}`, callee] : [callee];
}

/** For each limit of n calls, when the nth newest call in its window was placed; null if there are fewer calls. */
export type LimitAnswers = Readonly<Record<'perCaller' | 'perCallee', Date | null | undefined>>;

/**
 * Questions that tell whether another call exceeds a limit. They count the calls themselves, so that the window slides
 * exactly and all replicas agree. Calls of escalations do not count, and neither do calls to oneself.
 *
 * @param now epoch milliseconds
 * @returns expressions whose values are `LimitAnswers`; none if no limit applies to the call
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

/** A limit that is reached allows the next call when its oldest call leaves the window. */
export function limitReached(limits: CallLimits, answers: LimitAnswers): Refusal | null {
  for (const reason of ['perCaller', 'perCallee'] as const) {
    const at = answers[reason];
    if (at) return { reason, until: at.getTime() + limits[reason].windowMs };
  }
  return null;
}

/** People have a limit: those in chats, and those for whom an application asks. */
function hasOwnLimit({ kind, objectId }: Requester): boolean {
  return kind === 'chat' || objectId !== undefined;
}

/** Whether somebody asks for a call to themselves. */
export function isOneself({ objectId }: Requester, { kind, id }: Target): boolean {
  return kind === 'teamsUser' && objectId !== undefined && id.toLowerCase() === objectId.toLowerCase();
}
