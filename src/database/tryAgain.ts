import type { JobData } from './jobStore.ts';

/** A handler throws this to say when to try again, as often as it likes. Anything else that it throws is a failure. */
export class TryAgainLater extends Error {
  readonly delayMs: number;
  readonly data: JobData | undefined;
  /** @param options.data replaces the payload for the next run */
  constructor(delayMs: number, { data, ...options }: { cause?: unknown; data?: JobData } = {}) {
    super(`try again in ${delayMs} ms`, options);
    this.name = 'TryAgainLater';
    this.delayMs = delayMs;
    this.data = data;
  }
}

/** This process stood still for so long that another one may do its work: it must not send anything. */
export class LeaseLost extends TryAgainLater {
  constructor() {
    super(0);
    this.name = 'LeaseLost';
  }
}
