import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { JobObserver, RegisteredHandler } from './jobHandler.ts';
import { idsOf, UnfitPayload } from './jobKinds.ts';
import type { JobResult } from './jobResults.ts';
import type { OwnJob } from './jobStore.ts';

/** Pauses after failures, in milliseconds. Each is twice as long as the one before. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** The pause of a job whose kind or payload this version of the code does not know. */
export const UNKNOWN_PAUSE_MS = 5_000;
/** A job that has been failing for this long is reported, and again after an hour. */
const STUCK_MS = 5 * 60_000;
const TOLD_AGAIN_MS = 3_600_000;

interface Parts {
  clock: Clock;
  log: Logger;
  observer: JobObserver;
}

/** What follows a failed run of a job: another one after a pause, or its end if it is of no use any more. */
export class JobFailures {
  readonly #parts: Parts;
  /** When each kind was last reported as stuck. */
  readonly #told = new Map<string, number>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async after(job: OwnJob, error: unknown, useful: RegisteredHandler['useful']): Promise<JobResult> {
    const { log, observer } = this.#parts;
    const { name, data } = job;
    const now = this.#parts.clock.now();
    const isUnfit = error instanceof UnfitPayload;
    log.warn({ err: error, job: name, ...idsOf(job) }, 'a job failed and will be retried');
    observer.failed(name);
    if (useful && now - job.wantedAt >= useful.forMs) {
      try {
        if (!isUnfit) await useful.over(data, error);
        observer.dropped(name);
        return { done: job };
      } catch (cause) {
        log.error({ err: cause, job: name }, 'a job could not be dropped');
      }
    }
    const failingSince = job.failingSince ?? now;
    const failingForMs = now - failingSince;
    this.#reportStuck(name, failingForMs, now);
    // At first it is left to others soon: a process of a newer version may be able to run it.
    const isForOthers = isUnfit && failingForMs < STUCK_MS;
    const dueAt = now + (isForOthers ? UNKNOWN_PAUSE_MS : pauseAfter(job.attempts));
    const problem = problemOf(error);
    return { putOff: { ...job, dueAt, attempts: job.attempts + 1, failingSince, problem } };
  }

  #reportStuck(name: string, failingForMs: number, now: number): void {
    if (failingForMs < STUCK_MS || now - (this.#told.get(name) ?? -Infinity) < TOLD_AGAIN_MS) return;
    this.#told.set(name, now);
    this.#parts.log.error(
      { job: name, failingForSeconds: Math.round(failingForMs / 1000) },
      'a job keeps failing',
    );
    this.#parts.observer.stuck(name, failingForMs);
  }
}

/** @param attempts how many have failed before. @returns milliseconds */
function pauseAfter(attempts: number): number {
  const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempts, 10));
  // Spread out the retries of jobs that failed together.
  return Math.round(pause * (0.9 + Math.random() * 0.2));
}

/** Leaves the message out: some messages repeat what was sent. */
function problemOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error ? `${error.name} ${String(error.code)}` : error.name;
}
