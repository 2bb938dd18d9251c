import type { Clock } from '../../../src/clock.ts';

interface Timer {
  fn: () => void;
  ms: number;
  due: number;
}

/** A clock on which nothing happens by itself: a test ends exactly the wait that it expects. */
export class HandClock implements Clock {
  #now = Date.parse('2026-11-23T09:00:00Z');
  #timers: Timer[] = [];
  #watchers: (() => void)[] = [];

  monotonic(): number {
    return this.now();
  }

  now(): number {
    return this.#now;
  }

  setTimeout(fn: () => void, ms: number): Timer {
    const timer = { fn, ms, due: this.#now + ms };
    this.#timers.push(timer);
    for (const watch of this.#watchers.splice(0)) watch();
    return timer;
  }

  clearTimeout(timer: unknown): void {
    this.#timers = this.#timers.filter((other) => other !== timer);
  }

  setInterval(): never {
    throw new RangeError('Nothing here is done at intervals.');
  }

  clearInterval(): void {}

  /** Ends a wait of this length, as soon as somebody waits that long. */
  async pass(ms: number): Promise<void> {
    for (;;) {
      const timer = this.#timers.find((one) => one.ms === ms);
      if (timer) {
        this.clearTimeout(timer);
        this.#now = timer.due;
        timer.fn();
        return;
      }
      await new Promise<void>((resolve) => this.#watchers.push(resolve));
    }
  }

  /** Moves time while nobody waits. */
  advance(ms: number): void {
    this.#now += ms;
  }

  get waiting(): number {
    return this.#timers.length;
  }
}
