/**
 * Counts what the emulator is doing right now: requests being handled and callbacks on their way. What only
 * waits for the clock does not count, so a test with a clock of its own can move on when it is idle.
 */
export class Work {
  #running = 0;
  #waiting: (() => void)[] = [];

  get busy(): boolean {
    return this.#running > 0;
  }

  begin(): void {
    this.#running += 1;
  }

  end(): void {
    this.#running -= 1;
    if (this.#running === 0) setImmediate(() => this.#settle());
  }

  /** Runs `task` as something that counts. */
  async during<T>(task: () => Promise<T>): Promise<T> {
    this.begin();
    try {
      return await task();
    } finally {
      this.end();
    }
  }

  /** Runs `task` as something that does not count, inside of something that does. */
  async aside<T>(task: () => Promise<T>): Promise<T> {
    this.end();
    try {
      return await task();
    } finally {
      this.begin();
    }
  }

  async idle(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    if (!this.busy) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #settle(): void {
    if (this.busy) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
