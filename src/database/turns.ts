import { inTime, systemClock, type Clock } from '../clock.ts';

/** How long a request waits for its turn by default. Then it is told to retry. */
export const PATIENCE_MS = 5_000;

/** The turn did not come in time. A retry may succeed. */
export class TurnTimeout extends Error {
  /** @param waitedMs milliseconds */
  constructor(waitedMs = PATIENCE_MS) {
    super(`waited ${waitedMs / 1000} s for other transactions, without a turn`);
    this.name = 'TurnTimeout';
  }
}

/**
 * Queues transactions of this process that need the same database lock, without holding connections. If they waited
 * in the database, a crowd would hold all connections. The lock itself still orders them across processes.
 */
export class Turns {
  readonly #patienceMs: number;
  readonly #clock: Pick<Clock, 'setTimeout' | 'clearTimeout'>;
  readonly #last = new Map<string, Promise<void>>();

  /** @param patienceMs how long to wait for a turn */
  constructor(patienceMs = PATIENCE_MS, clock: Pick<Clock, 'setTimeout' | 'clearTimeout'> = systemClock) {
    this.#patienceMs = patienceMs;
    this.#clock = clock;
  }

  /**
   * Runs `task` when it has the turn for all `keys`, which it takes in this order, like the locks.
   *
   * @throws TurnTimeout if it waited too long for one of them
   */
  async take<T>(keys: readonly string[], task: () => Promise<T>): Promise<T> {
    const [key, ...more] = keys;
    if (key === undefined) return await task();
    const before = this.#last.get(key);
    const { promise: done, resolve: leave } = Promise.withResolvers<void>();
    const last = before ? before.then(async () => await done) : done;
    this.#last.set(key, last);
    try {
      if (before) await inTime(before, this.#patienceMs, () => this.#giveUp(), this.#clock);
      return await this.take(more, task);
    } finally {
      leave();
      if (this.#last.get(key) === last) this.#last.delete(key);
    }
  }
  #giveUp(): never {
    throw new TurnTimeout(this.#patienceMs);
  }
}
