/** Source of time. Everything that reads the time or waits takes a Clock, so that tests can move time by hand. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Milliseconds since an arbitrary moment. Never adjusted. */
  monotonic(): number;
  setTimeout(fn: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
  setInterval(fn: () => void, ms: number): unknown;
  clearInterval(timer: unknown): void;
}

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (fn, ms) => setTimeout(fn, ms),
  clearTimeout: (timer) => clearTimeout(own(timer)),
  setInterval: (fn, ms) => setInterval(fn, ms),
  clearInterval: (timer) => clearInterval(own(timer)),
};

/** The current time as it is stored and shown: ISO 8601, UTC. */
export function timeNow(clock: Pick<Clock, 'now'>): string {
  return new Date(clock.now()).toISOString();
}

/** The interface types timers as unknown. */
function own(timer: unknown): NodeJS.Timeout | undefined {
  return isTimeout(timer) ? timer : undefined;
}

function isTimeout(timer: unknown): timer is NodeJS.Timeout {
  return typeof timer === 'object' && timer !== null && 'hasRef' in timer;
}

/**
 * Returns the result of `work` if it settles within `limitMs` milliseconds, otherwise what `late` returns or throws.
 * The work continues.
 */
export async function inTime<T, L>(
  work: Promise<T>,
  limitMs: number,
  late: () => L,
  clock: Pick<Clock, 'setTimeout' | 'clearTimeout'> = systemClock,
): Promise<T | L> {
  let timer: unknown;
  const over = new Promise<void>((resolve) => {
    timer = clock.setTimeout(() => resolve(), limitMs);
  });
  try {
    return await Promise.race([work, over.then(late)]);
  } finally {
    clock.clearTimeout(timer);
  }
}
