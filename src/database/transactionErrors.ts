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
