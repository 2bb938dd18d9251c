import type { Escalation } from '../escalations/escalation.ts';
import { rests } from '../escalations/ladder/climb.ts';

/** After an acknowledgement, new alerts of the policy are bundled for this long before the same people are called again. */
export const BUNDLING_MS = 30_000;

/**
 * Whether an alert may join this escalation instead of starting its own. It may while somebody is being called, or soon
 * will be: the next call then mentions both. An escalation that rests calls nobody for now, so the alert would have to
 * wait.
 */
export function isJoinable({ ladder, test }: Escalation, now: number): boolean {
  return !test && !rests(ladder, new Date(now).toISOString());
}

/**
 * Until when a new escalation waits (epoch milliseconds), because somebody acknowledged another one of its policy a
 * moment ago. Null if it need not wait.
 *
 * @param acknowledgedAt when the other escalations were acknowledged
 */
export function bundledUntil(acknowledgedAt: readonly string[], now: number): number | null {
  const last = Math.max(...acknowledgedAt.map((at) => Date.parse(at)), Number.NEGATIVE_INFINITY);
  return last + BUNDLING_MS > now ? last + BUNDLING_MS : null;
}
