import { setImmediate } from 'node:timers/promises';
import { inTime, systemClock, type Clock } from '../clock.ts';
import { isDatabaseAway } from './away.ts';
import { PATIENCE_MS, TurnTimeout } from './turns.ts';

interface Waiting<Item> {
  item: Item;
  begin: () => void;
  /** Settles when it is written. */
  outcome: PromiseWithResolvers<void>;
}

/**
 * Batches concurrent writes: those that come while a statement runs go together with the next one. A statement for
 * many rows costs little more than one for a single row, so nobody waits long in a crowd.
 */
export class Gathering<Item> {
  readonly #write: (items: readonly Item[]) => Promise<void>;
  readonly #most: number;
  readonly #patienceMs: number;
  readonly #clock: Pick<Clock, 'setTimeout' | 'clearTimeout'>;
  readonly #waiting = new Set<Waiting<Item>>();
  #isWriting = false;

  /**
   * @param write writes all of them in this order, or none
   * @param limits.most the size of a batch
   * @param limits.patienceMs how long each may wait for its batch to start
   */
  constructor(
    write: (items: readonly Item[]) => Promise<void>,
    { most, patienceMs = PATIENCE_MS }: { most: number; patienceMs?: number },
    clock: Pick<Clock, 'setTimeout' | 'clearTimeout'> = systemClock,
  ) {
    this.#write = write;
    this.#most = most;
    this.#patienceMs = patienceMs;
    this.#clock = clock;
  }

  /**
   * Resolves when it is written.
   *
   * @throws TurnTimeout if its batch did not start in time: then it is not written. Also what `write` throws for it
   */
  async write(item: Item): Promise<void> {
    const begun = Promise.withResolvers<void>();
    const own: Waiting<Item> = { item, begin: begun.resolve, outcome: Promise.withResolvers<void>() };
    this.#waiting.add(own);
    if (!this.#isWriting) void this.#writeAll();
    await inTime(
      begun.promise,
      this.#patienceMs,
      () => {
        // If its batch starts at the same moment, wait for that instead.
        if (this.#waiting.delete(own)) throw new TurnTimeout(this.#patienceMs);
      },
      this.#clock,
    );
    await own.outcome.promise;
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.size > 0) {
      await this.#allHere();
      const batch = [...this.#waiting].slice(0, this.#most);
      for (const one of batch) {
        this.#waiting.delete(one);
        one.begin();
      }
      await this.#writeBatch(batch);
    }
    this.#isWriting = false;
  }

  /**
   * The embedded database blocks the process during a statement, so a crowd is read one by one. Wait as long as each
   * turn of the event loop brings more.
   */
  async #allHere(): Promise<void> {
    let here: number;
    do {
      here = this.#waiting.size;
      await setImmediate();
    } while (this.#waiting.size > here && this.#waiting.size < this.#most);
  }

  async #writeBatch(batch: readonly Waiting<Item>[]): Promise<void> {
    try {
      await this.#write(batch.map(({ item }) => item));
      for (const { outcome } of batch) outcome.resolve();
    } catch (error) {
      if (batch.length > 1 && !isDatabaseAway(error)) {
        // One bad write must not stop the others.
        for (const one of batch) await this.#writeBatch([one]);
        return;
      }
      for (const { outcome } of batch) outcome.reject(error);
    }
  }
}
