/**
 * Counts the work in progress: requests and callbacks. Waiting timers do not count, so a test with its own clock can
 * move on when the emulator is idle.
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

  /** Runs `task` as counted work. */
  async during<T>(task: () => Promise<T>): Promise<T> {
    this.begin();
    try {
      return await task();
    } finally {
      this.end();
    }
  }

  /** Runs `task` uncounted, within counted work. */
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
