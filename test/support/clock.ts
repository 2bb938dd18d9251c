import { setImmediate, setTimeout as pause } from 'node:timers/promises';
import { TestClock } from 'pg-boss';
import type { Clock } from '../../src/clock.ts';

/**
 * A clock for tests: time stands still until it is moved. It also moves what the database takes for "now" in the
 * job engine's tables. It is ahead of the machine's time by more than a test takes, because what is written in our own
 * transactions takes the machine's time for "now" and would not be due if the clock were behind; and by less than the
 * skew that tokens may have.
 */
export function testClock(): TestClock {
  return new TestClock(Math.ceil(Date.now() / 1000) * 1000 + AHEAD_MS);
}

const AHEAD_MS = 50_000;

/** Steps are shorter than the shortest thing that is waited for. */
const STEP_MS = 500;

/**
 * Lets time pass in small steps, and after each lets the work that it set off come to its end, as it would have
 * in real time.
 *
 * @param settle resolves when no work is in flight, e.g. `() => jobs.idle()`
 */
export async function advance(clock: TestClock, ms: number, settle: () => Promise<void>): Promise<void> {
  await settled(settle);
  for (let left = ms; left > 0; left -= STEP_MS) {
    await clock.tick(Math.min(STEP_MS, left));
    await settled(settle);
  }
}

/**
 * Work that waits for the clock itself (a pause before a request is sent again) comes to its end only when time goes
 * on: so much longer than an exchange over loopback it is waited for, in real time.
 */
const PATIENCE_MS = 100;

/** Work that comes to its end may set off more of it in the same turn. */
async function settled(settle: () => Promise<void>): Promise<void> {
  const giveUp = new AbortController();
  const patience = pause(PATIENCE_MS, undefined, { signal: giveUp.signal }).catch(() => undefined);
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
