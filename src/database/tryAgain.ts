/** A handler throws this to say when to try again, as often as it likes. Anything else that it throws is a failure. */
export class TryAgainLater extends Error {
  readonly delayMs: number;
  constructor(delayMs: number, options: { cause?: unknown } = {}) {
    super(`try again in ${delayMs} ms`, options);
    this.name = 'TryAgainLater';
    this.delayMs = delayMs;
  }
}

/** This process stood still for so long that another one may do its work: it must not send anything. */
export class LeaseLost extends TryAgainLater {
  constructor() {
    super(0);
    this.name = 'LeaseLost';
  }
}
