import type { JobName, JobPayload } from './jobKinds.ts';
import type { JobData, OwnJob } from './jobStore.ts';

export interface JobHandler<Name extends JobName> {
  /**
   * Runs until it succeeds: a job that fails is retried for ever, with growing pauses.
   *
   * @param job the transaction that stores the result can pass it to `Work.finish`
   */
  run(data: JobPayload<Name>, job: OwnJob): Promise<void>;
  /**
   * A job that fails this long after it was requested is dropped: `over` tells somebody, so it does not end in
   * silence.
   */
  useful?: { forMs: number; over(data: JobPayload<Name>, error: unknown): Promise<void> };
}

/** Observes how jobs do. Names are those of the catalogue. */
export interface JobObserver {
  /** @param latenessMs how long after its deadline */
  started(latenessMs: number): void;
  failed(name: string): void;
  /** It was dropped because it is of no use any more. */
  dropped(name: string): void;
  /** It has been failing for minutes and needs attention. Reported again each hour. */
  stuck(name: string, failingForMs: number): void;
}

export const unobserved: JobObserver = {
  started: () => undefined,
  failed: () => undefined,
  dropped: () => undefined,
  stuck: () => undefined,
};

/** A handler that reads its payload from the row. */
export interface RegisteredHandler {
  run(job: OwnJob): Promise<void>;
  useful?: { forMs: number; over(data: JobData, error: unknown): Promise<void> };
}
