/** How long a missing heartbeat is excused because Ringdown could not receive it. Pure; times are epoch milliseconds. */

/** Every process records this often that it can receive heartbeats. */
export const RECORD_EVERY_MS = 5_000;
/** If no process has recorded that for this long, Ringdown had an outage. */
const OUTAGE_MS = 12_000;

/** Extra time for one heartbeat: it is due `every` after `from`, plus the outages since. Its next beat ends the grace. */
export interface Grace {
  from: number;
  lostMs: number;
}

export interface Listening {
  /** When a process last recorded that it can receive heartbeats. */
  at: number;
  /** By name of the heartbeat. */
  grace: Record<string, Grace>;
}

/**
 * The record that a process makes when it can receive heartbeats. After an outage (Ringdown did not run, or its database
 * was away), beats may be lost and the next may come as late as `every` from now, so each heartbeat gets that much grace.
 * Until it beats again, further outages add only their own length: restarts must not hide a silence.
 *
 * @param before the last record; null if there is none
 */
export function recordListening(
  before: Listening | null,
  now: number,
  expected: readonly { name: string; lastAt: number | null }[],
): Listening {
  const lostMs = before === null ? Number.POSITIVE_INFINITY : now - before.at;
  const grace = expected.flatMap(({ name, lastAt }): [string, Grace][] => {
    const given = graceSince(before?.grace[name], lastAt);
    if (lostMs <= OUTAGE_MS) return given ? [[name, given]] : [];
    return [[name, given ? { ...given, lostMs: given.lostMs + lostMs } : { from: now, lostMs: 0 }]];
  });
  // The clock of another replica may be ahead. A record that moves back would look like an outage.
  return { at: Math.max(now, before?.at ?? now), grace: Object.fromEntries(grace) };
}

/** When a heartbeat is due. `every` may have changed in the file since its last beat. */
export function dueAt(
  row: { last_at: Date | null; due_at: Date },
  every: number,
  grace: Grace | undefined,
): number {
  const due = row.last_at ? row.last_at.getTime() + every : row.due_at.getTime();
  const given = graceSince(grace, row.last_at?.getTime() ?? null);
  return given ? Math.max(due, given.from + every + given.lostMs) : due;
}

/** The grace, unless a later beat has ended it. */
function graceSince(grace: Grace | undefined, lastAt: number | null): Grace | null {
  return grace && grace.from > (lastAt ?? 0) ? grace : null;
}
