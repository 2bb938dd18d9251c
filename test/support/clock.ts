import { setImmediate, setTimeout as pause } from 'node:timers/promises';
import { TestClock } from 'pg-boss';
import type { Clock } from '../../src/clock.ts';

/** Also knows when its next timer is due. */
export class FakeClock extends TestClock {
  readonly #timers = new Map<unknown, { due: number }>();

  /** Epoch milliseconds; Infinity without a timer. */
  get nextTimer(): number {
    return Math.min(...Array.from(this.#timers.values(), ({ due }) => Math.max(due, this.now() + 1)));
  }

  override setTimeout(fn: () => void, ms: number): unknown {
    const timer = super.setTimeout(() => {
      this.#timers.delete(timer);
      fn();
    }, ms);
    this.#timers.set(timer, { due: this.now() + ms });
    return timer;
  }

  override setInterval(fn: () => void, ms: number): unknown {
    const timer = super.setInterval(() => {
      const own = this.#timers.get(timer);
      if (own) own.due = this.now() + ms;
      fn();
    }, ms);
    this.#timers.set(timer, { due: this.now() + ms });
    return timer;
  }

  override clearTimeout(timer: unknown): void {
    this.#timers.delete(timer);
    super.clearTimeout(timer);
  }

  override clearInterval(timer: unknown): void {
    this.#timers.delete(timer);
    super.clearInterval(timer);
  }
}

/**
 * A clock for tests: time stands still until it is moved. It also moves what the database takes for "now" in the
 * job engine's tables. It is ahead of the machine's time by more than a test takes, because what is written in our own
 * transactions takes the machine's time for "now" and would not be due if the clock were behind; and by less than the
 * skew that tokens may have.
 */
export function testClock(): FakeClock {
  return new FakeClock(Math.ceil(Date.now() / 1000) * 1000 + AHEAD_MS);
}

const AHEAD_MS = 50_000;

/**
 * Lets time pass, from timer to timer, and after each lets the work that it set off finish, as it would have in real
 * time.
 *
 * @param settle resolves when no work is in flight, e.g. `() => jobs.idle()`
 */
export async function advance(clock: FakeClock, ms: number, settle: () => Promise<void>): Promise<void> {
  const end = clock.now() + ms;
  await settled(settle, 0);
  while (clock.now() < end) {
    const leap = Math.min(end, clock.nextTimer) - clock.now();
    await clock.tick(leap);
    await settled(settle, leap);
  }
}

/**
 * Work that waits for the clock itself (a pause before a request is sent again) ends only when time goes on. So it is
 * waited for no longer than this, in real time: far longer than an exchange over loopback takes, and the longer the leap.
 */
const PATIENCE_MS = { least: 100, most: 300, ofLeap: 0.2 };

/** Work that comes to its end may set off more of it in the same turn. */
async function settled(settle: () => Promise<void>, leap: number): Promise<void> {
  const giveUp = new AbortController();
  const { least, most, ofLeap } = PATIENCE_MS;
  const ms = Math.min(most, Math.max(least, leap * ofLeap));
  const patience = pause(ms, undefined, { signal: giveUp.signal }).catch(() => undefined);
  const settling = async (): Promise<void> => {
    for (let turn = 0; turn < 3; turn++) {
      await settle();
      await setImmediate();
    }
  };
  await Promise.race([settling(), patience]);
  giveUp.abort();
  await patience;
}

/** The clock of a process that has been killed: none of its timers comes. */
export function stoppedClock(now: number): Clock {
  return {
    now: () => now,
    setTimeout: () => null,
    clearTimeout: () => undefined,
    setInterval: () => null,
    clearInterval: () => undefined,
  };
}
