/**
 * The database went away during a commit, so the outcome is unknown. Callers must report neither success nor failure;
 * those with an idempotency key retry.
 */
export class CommitUnknown extends Error {
  constructor(cause: unknown) {
    super('the database did not say whether it committed', { cause });
    this.name = 'CommitUnknown';
  }
}

/** Every attempt of this transaction conflicted with others. Nothing is stored; it may succeed later. */
export class Contended extends Error {
  constructor(cause: unknown) {
    super('other transactions were in the way, each time', { cause });
    this.name = 'Contended';
  }
}

/** How long a request waits for its transaction or connection by default. Then it is told to retry. Milliseconds. */
export const PATIENCE_MS = 5_000;

/** Neither came in time, and nothing was done. It may succeed later. */
export class TurnTimeout extends Error {
  /** @param waitedMs milliseconds */
  constructor(waitedMs = PATIENCE_MS) {
    super(`waited ${waitedMs / 1000} s for other transactions, without a turn`);
    this.name = 'TurnTimeout';
  }
}
