import type { Transact, Work } from './transaction.ts';

/** Publishes a transaction's news after its commit: what was rolled back is never told. */
export class Commits {
  readonly #pending = new WeakMap<Work, (() => void)[]>();
  readonly #listeners: (() => void)[] = [];

  /** The listener runs after every commit. It must be quick, and must not throw. */
  listen(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** The same transaction function, which publishes after the commit. */
  telling(transact: Transact): Transact {
    return async (change) => {
      let tell: (() => void)[] = [];
      const result = await transact(async (work) => {
        tell = [];
        this.#pending.set(work, tell);
        return await change(work);
      });
      for (const one of [...tell, ...this.#listeners]) one();
      return result;
    };
  }

  /** `tell` must not throw. Outside a transaction of `telling` it runs at once. */
  after(work: Work, tell: () => void): void {
    const pending = this.#pending.get(work);
    if (pending) pending.push(tell);
    else tell();
  }
}
