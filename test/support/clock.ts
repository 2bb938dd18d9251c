import { setImmediate, setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../../src/clock.ts';
import { statementsInFlight } from './statements.ts';

interface Timer {
  fn: () => void;
  due: number;
  seq: number;
  /** Milliseconds; null for a timer that fires once. */
  interval: number | null;
}

/** Time that stands still until it is moved, for both the product and the emulator. */
export class FakeClock implements Clock {
  #now: number;
  #seq = 0;
  readonly #timers = new Set<Timer>();
  #isMoving = false;

  /** @param start epoch milliseconds */
  constructor(start: number) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  /** When the next timer fires: epoch milliseconds; Infinity if there is none. */
  get nextTimer(): number {
    return Math.max(this.#first()?.due ?? Infinity, this.#now + 1);
  }

  setTimeout(fn: () => void, ms: number): unknown {
    return this.#set(fn, ms, null);
  }

  setInterval(fn: () => void, ms: number): unknown {
    return this.#set(fn, ms, Math.max(ms, 1));
  }

  clearTimeout(timer: unknown): void {
    for (const own of this.#timers) if (own === timer) this.#timers.delete(own);
  }

  clearInterval(timer: unknown): void {
    this.clearTimeout(timer);
  }

  /** Moves time forward. Timers fire in order, each at its own time. */
  async tick(ms: number): Promise<void> {
    if (this.#isMoving) throw new Error('the clock is being moved by somebody else');
    this.#isMoving = true;
    try {
      const end = this.#now + ms;
      await setImmediate();
      for (let timer = this.#first(); timer && timer.due <= end; timer = this.#first()) {
        this.#now = Math.max(this.#now, timer.due);
        if (timer.interval === null) this.#timers.delete(timer);
        else Object.assign(timer, { due: timer.due + timer.interval, seq: this.#seq++ });
        timer.fn();
        await setImmediate();
      }
      this.#now = end;
      await setImmediate();
    } finally {
      this.#isMoving = false;
    }
  }

  /** Sets the clock forward or back. Timers that were due meanwhile fire once, with the next tick. */
  setTime(now: number): void {
    this.#now = now;
    for (const timer of this.#timers) timer.due = Math.max(timer.due, now);
  }

  #set(fn: () => void, ms: number, interval: number | null): Timer {
    const timer = { fn, due: this.#now + Math.max(ms, 0), seq: this.#seq++, interval };
    this.#timers.add(timer);
    return timer;
  }

  #first(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (!first || timer.due < first.due || (timer.due === first.due && timer.seq < first.seq))
        first = timer;
    }
    return first;
  }
}

/**
 * A clock for tests. It is ahead of the machine's time by more than a test takes, because the database sometimes uses
 * the machine's time as "now"; and by less than the allowed skew of tokens.
 */
export function testClock(): FakeClock {
  return new FakeClock(Math.ceil(Date.now() / 1000) * 1000 + AHEAD_MS);
}

const AHEAD_MS = 50_000;

/**
 * Moves time from timer to timer, and after each waits until the resulting work is done, as would happen in real
 * time.
 *
 * @param settle resolves when no work is in progress, e.g. `() => jobs.idle()`
 */
export async function advance(clock: FakeClock, ms: number, settle: () => Promise<void>): Promise<void> {
  const end = clock.now() + ms;
  await settled(settle);
  while (clock.now() < end) {
    const leap = Math.min(end, clock.nextTimer) - clock.now();
    await clock.tick(leap);
    await settled(settle);
  }
}

/**
 * Work that waits for the clock itself (such as a pause before a retry) ends only when time moves. It is detected by
 * this process having been idle for this long: no code to run, and no statement to wait for. On a busy machine
 * detection takes longer, but the result is the same.
 */
const IDLE_MS = 100;
/** A statement waits for a lock whose holder waits for the clock. */
const MOST_MS = 3_000;
const LOOK_MS = 10;

/** Work that ends may start more work in the same turn. */
async function settled(settle: () => Promise<void>): Promise<void> {
  let isOver = false;
  const giveUp = new AbortController();
  const settling = (async (): Promise<void> => {
    for (let quiet = 0; quiet < 3; quiet++) {
      await settle();
      await setImmediate();
      // Of something that nobody awaits.
      while (statementsInFlight() > 0 && !giveUp.signal.aborted) {
        quiet = 0;
        await pause(1);
      }
    }
    isOver = true;
  })();
  await Promise.race([settling, idle(giveUp.signal)]);
  giveUp.abort();
  if (isOver) await settling;
}

async function idle(signal: AbortSignal): Promise<void> {
  const end = performance.now() + MOST_MS;
  let idleFor = 0;
  let before = performance.eventLoopUtilization();
  while (idleFor < IDLE_MS && performance.now() < end && !signal.aborted) {
    await pause(LOOK_MS, undefined, { signal }).catch(() => undefined);
    const now = performance.eventLoopUtilization();
    // A process without CPU time looks idle, although an answer may be ready for it.
    const idleSince = Math.min(now.idle - before.idle, LOOK_MS);
    idleFor = statementsInFlight() > 0 ? 0 : idleFor + idleSince;
    before = now;
  }
}

/** The clock of a killed process: none of its timers fires. */
export function stoppedClock(now: number): Clock {
  return {
    now: () => now,
    monotonic: () => now,
    setTimeout: () => null,
    clearTimeout: () => undefined,
    setInterval: () => null,
    clearInterval: () => undefined,
  };
}
