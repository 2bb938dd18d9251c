import type { Transact, Work } from './work.ts';

/**
 * The database went away while it was committing: it did or it did not. Nobody may be told either; whoever has a key
 * that makes it happen once does it again.
 */
export class CommitUnknown extends Error {
  constructor(cause: unknown) {
    super('the database did not say whether it committed', { cause });
    this.name = 'CommitUnknown';
  }
}

/** Other transactions were in the way of this one again and again. Nothing of it is stored; it may succeed later. */
export class Contended extends Error {
  constructor(cause: unknown) {
    super('other transactions were in the way, each time', { cause });
    this.name = 'Contended';
  }
}

/** What is to be known outside only once it holds: what a transaction did that was undone is never told. */
export class Commits {
  readonly #pending = new WeakMap<Work['sql'], (() => void)[]>();

  /** The same, and tells afterwards. */
  telling(transact: Transact): Transact {
    return async (change, turns) => {
      let tell: (() => void)[] = [];
      const result = await transact(async (work) => {
        tell = [];
        this.#pending.set(work.sql, tell);
        return await change(work);
      }, turns);
      for (const one of tell) one();
      return result;
    };
  }

  /** `tell` must not throw. In a transaction that was not begun by `telling` it is told at once. */
  after({ sql }: Work, tell: () => void): void {
    const pending = this.#pending.get(sql);
    if (pending) pending.push(tell);
    else tell();
  }
}
