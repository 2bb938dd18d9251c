import type { Escalation } from '../escalations/escalation.ts';
import { rests } from '../escalations/ladder/climb.ts';

/** After an acknowledgement so long is gathered what comes, before the same people are called again. */
export const BUNDLING_MS = 30_000;

/**
 * Whether an alert may join this escalation instead of starting its own: somebody is being called for it, or will be
 * soon, so that the next call says both. With one that rests the alert would wait.
 */
export function isJoinable({ ladder, test }: Escalation, now: number): boolean {
  return !test && !rests(ladder, new Date(now).toISOString());
}

/**
 * Until when a new escalation waits, because somebody acknowledged one of the same policy a moment ago; null if it need
 * not wait. Epoch milliseconds.
 *
 * @param acknowledgedAt when those were acknowledged
 */
export function heldUntil(acknowledgedAt: readonly string[], now: number): number | null {
  const last = Math.max(...acknowledgedAt.map((at) => Date.parse(at)), Number.NEGATIVE_INFINITY);
  return last + BUNDLING_MS > now ? last + BUNDLING_MS : null;
}
