/** Source of time in the emulator: epoch milliseconds and timers. A test may share it with an application. */
export interface Clock {
  now(): number;
  setTimeout(fn: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
  setInterval(fn: () => void, ms: number): unknown;
  clearInterval(timer: unknown): void;
}

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (fn, ms) => setTimeout(fn, ms),
  clearTimeout: (timer) => {
    if (isNodeTimer(timer)) clearTimeout(timer);
  },
  setInterval: (fn, ms) => setInterval(fn, ms),
  clearInterval: (timer) => {
    if (isNodeTimer(timer)) clearInterval(timer);
  },
};

function isNodeTimer(timer: unknown): timer is NodeJS.Timeout {
  return typeof timer === 'object' && timer !== null && 'hasRef' in timer && 'refresh' in timer;
}

export interface Timer {
  cancel(): void;
}

/** The timers of one emulator. All are cancelled when it stops, so that none keeps the process alive. */
export class Timers {
  readonly #clock: Clock;
  readonly #pending = new Map<object, () => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  after(ms: number, fn: () => void): Timer {
    const key = {};
    const handle = this.#clock.setTimeout(() => {
      this.#pending.delete(key);
      fn();
    }, ms);
    const cancel = (): void => {
      if (this.#pending.delete(key)) this.#clock.clearTimeout(handle);
    };
    this.#pending.set(key, cancel);
    return { cancel };
  }

  /** Resolves after `ms`, or immediately when the emulator stops. */
  async pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const key = {};
      const handle = this.#clock.setTimeout(() => {
        this.#pending.delete(key);
        resolve();
      }, ms);
      this.#pending.set(key, () => {
        this.#pending.delete(key);
        this.#clock.clearTimeout(handle);
        resolve();
      });
    });
  }

  cancelAll(): void {
    for (const cancel of Array.from(this.#pending.values())) cancel();
  }
}
