/** A play or recognize operation on a call. */
export interface MediaOperation {
  /** Begins; `done` is called once, when it is over by itself. */
  start(done: () => void): void;
  /** Ends before it is over, also before it has begun; tells the application. */
  cancel(): void;
  /** The call has gone: ends without a word. */
  drop(): void;
}

/** The main leg of a call: one media operation at a time, the next wait in line. */
export class MediaLeg {
  #queue: MediaOperation[] = [];
  #current: MediaOperation | null = null;

  /** `interrupt` cancels what runs and waits (`interruptCallMediaOperation`). */
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
