import { inTime, systemClock, type Clock } from '../clock.ts';

/** How long a request waits for others who want the same, if nothing else is said: then it is told to come again. */
export const PATIENCE_MS = 5_000;

/** A turn did not come in time: the same may succeed later. */
export class TurnTimeout extends Error {
  /** @param waitedMs milliseconds */
  constructor(waitedMs = PATIENCE_MS) {
    super(`waited ${waitedMs / 1000} s in vain for others to be done`);
    this.name = 'TurnTimeout';
  }
}

/**
 * Those of this process who want the same lock of the database wait for each other here, where waiting takes no
 * connection: a crowd that waits in the database has all of them, and nobody else gets one. The lock is still what
 * orders them across processes.
 */
export class Turns {
  readonly #patienceMs: number;
  readonly #clock: Pick<Clock, 'setTimeout' | 'clearTimeout'>;
  readonly #last = new Map<string, Promise<void>>();

  /** @param patienceMs how long each waits for its turn */
  constructor(patienceMs = PATIENCE_MS, clock: Pick<Clock, 'setTimeout' | 'clearTimeout'> = systemClock) {
    this.#patienceMs = patienceMs;
    this.#clock = clock;
  }

  /**
   * Runs `task` when it is its turn for all `keys`, which are taken in this order: as the locks are.
   *
   * @throws TurnTimeout if its patience was not enough for one of them
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
