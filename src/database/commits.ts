import type { Transact } from './transaction.ts';

/** Tells listeners that something has been committed, whatever it was. */
export class Commits {
  readonly #listeners: (() => void)[] = [];

  /** The listener runs after every commit. It must be quick, and must not throw. */
  listen(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** The same transaction function, which tells the listeners. */
  telling(transact: Transact): Transact {
    return async (change) => {
      const result = await transact(change);
      for (const tell of this.#listeners) tell();
      return result;
    };
  }
}
