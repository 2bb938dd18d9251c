/**
 * One alert fires again and again. Senders with several instances (Alertmanager's cluster) or that try again (a webhook
 * that was slow) say things late: when an episode began and ended tells which one they mean. Pure; times are ISO 8601.
 */

/**
 * So long after its end a repeat with the same start is of the episode that is over. An instance that has missed the end
 * learns of it within minutes; a sender that still says so after an hour means it.
 */
export const OVER_MS = 3_600_000;

/** Whether an alert that fires is one that its sender has said is over. */
export function isOver(startedAt: string | null | undefined, overSince: string): boolean {
  return !!startedAt && Date.parse(startedAt) <= Date.parse(overSince);
}

/** Whether an end belongs to an earlier episode than the one that fires. */
export function endsEarlier(endedAt: string | null | undefined, startedAt: string | null): boolean {
  return !!endedAt && startedAt !== null && Date.parse(endedAt) < Date.parse(startedAt);
}

/** The later start of the two: repeats may come in any order. */
export function laterStart(one: string | null, other: string | null | undefined): string | null {
  if (!one || !other) return one ?? other ?? null;
  return Date.parse(other) > Date.parse(one) ? other : one;
}
