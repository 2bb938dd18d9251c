/** How long silence is no news, because nothing could be heard. Pure; times are epoch milliseconds. */

/** So often some process says that it hears. */
export const HEARD_EVERY_MS = 5_000;
/** When none has said so for this long, none could hear. */
const DEAF_MS = 12_000;

/** One has `every` to come since then, and as much longer as nothing could be heard again; until it comes. */
export interface Grace {
  from: number;
  lostMs: number;
}

export interface Heard {
  /** When some process last said that it hears. */
  at: number;
  /** By name. */
  grace: Record<string, Grace>;
}

/**
 * What holds from now on, when somebody hears. If nobody could for a while (Ringdown did not run, or its database was
 * away), what was sent meanwhile is lost, and the next may be sent as late as `every` from now: so long each has, once
 * until it comes. After that it is only as much longer as nothing could be heard, so that no number of starts hides a silence.
 *
 * @param before null: it was never said
 */
export function hearing(
  before: Heard | null,
  now: number,
  expected: readonly { name: string; lastAt: number | null }[],
): Heard {
  const lostMs = before === null ? Number.POSITIVE_INFINITY : now - before.at;
  const grace = expected.flatMap(({ name, lastAt }): [string, Grace][] => {
    const given = runningSince(before?.grace[name], lastAt);
    if (lostMs <= DEAF_MS) return given ? [[name, given]] : [];
    return [[name, given ? { ...given, lostMs: given.lostMs + lostMs } : { from: now, lostMs: 0 }]];
  });
  // Another replica's clock may be ahead: what it has said is not taken back, or it would look like a time in which nobody heard.
  return { at: Math.max(now, before?.at ?? now), grace: Object.fromEntries(grace) };
}

/** When one is missed. `every` may have been changed in the file since it last came. */
export function missedAt(
  row: { last_at: Date | null; due_at: Date },
  every: number,
  grace: Grace | undefined,
): number {
  const due = row.last_at ? row.last_at.getTime() + every : row.due_at.getTime();
  const given = runningSince(grace, row.last_at?.getTime() ?? null);
  return given ? Math.max(due, given.from + every + given.lostMs) : due;
}

/** The next sign of life ends it. */
function runningSince(grace: Grace | undefined, lastAt: number | null): Grace | null {
  return grace && grace.from > (lastAt ?? 0) ? grace : null;
}
