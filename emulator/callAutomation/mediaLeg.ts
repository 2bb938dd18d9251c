/** A play or recognize operation on a call. */
export interface MediaOperation {
  /** Starts the operation. Calls `done` once, when it has finished by itself. */
  start(done: () => void): void;
  /** Cancels the operation, started or not, and tells the application. */
  cancel(): void;
  /** The call has ended: stops silently. */
  drop(): void;
}

/** The main leg of a call: one media operation at a time, the others queue. */
export class MediaLeg {
  #queue: MediaOperation[] = [];
  #current: MediaOperation | null = null;

  /** `interrupt` cancels the running and the queued operations (`interruptCallMediaOperation`). */
  run(operation: MediaOperation, interrupt: boolean): void {
    if (interrupt) this.cancelAll();
    this.#queue.push(operation);
    if (this.#current === null) this.#next();
  }

  cancelAll(): void {
    const all = this.#takeAll();
    for (const operation of all) operation.cancel();
  }

  drop(): void {
    const all = this.#takeAll();
    for (const operation of all) operation.drop();
  }

  #takeAll(): MediaOperation[] {
    const all = this.#current === null ? this.#queue : [this.#current, ...this.#queue];
    this.#current = null;
    this.#queue = [];
    return all;
  }

  #next(): void {
    const operation = this.#queue.shift();
    if (operation === undefined) return;
    this.#current = operation;
    operation.start(() => {
      if (this.#current !== operation) return;
      this.#current = null;
      this.#next();
    });
  }
}
