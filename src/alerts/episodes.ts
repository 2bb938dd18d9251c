/**
 * Episodes of one alert, which fires again and again. Senders that run as a cluster (Alertmanager) or retry a slow
 * webhook report late: the start and the end of an episode tell which one they mean. Pure; times are ISO 8601.
 */

/**
 * For this long after an alert was resolved, a repeat with the same start is stale. An instance that missed the end
 * learns of it within minutes. If a sender repeats the alert an hour later, it fires again.
 */
export const STALE_MS = 3_600_000;

/** Whether a firing alert belongs to an episode that was resolved already. */
export function isStale(startedAt: string | null | undefined, resolvedStart: string): boolean {
  return !!startedAt && Date.parse(startedAt) <= Date.parse(resolvedStart);
}

/** Whether an end belongs to an episode before the one that fires. */
export function endsEarlier(endedAt: string | null | undefined, startedAt: string | null): boolean {
  return !!endedAt && startedAt !== null && Date.parse(endedAt) < Date.parse(startedAt);
}

/** The later of two starts: repeats may arrive in any order. */
export function laterStart(one: string | null, other: string | null | undefined): string | null {
  if (!one || !other) return one ?? other ?? null;
  return Date.parse(other) > Date.parse(one) ? other : one;
}
