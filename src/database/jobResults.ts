import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { concludeJobs, putOff, type JobKey, type OwnJob, type PutOffJob } from './jobStore.ts';
import type { Database } from './open.ts';

/** How a run of a job ended: the job is done, or is to run again later. */
export type JobResult = { done: OwnJob } | { putOff: PutOffJob };

interface Parts {
  database: Database;
  clock: Clock;
  log: Logger;
  /** This process. */
  owner: string;
  /** Another process owns the jobs now: results are not stored any more. */
  isOver: () => boolean;
  /** Jobs that are done were requested again meanwhile: their rows are free for any process. */
  released: (keys: readonly JobKey[]) => void;
  /** Jobs are stored with this deadline. Epoch milliseconds. */
  dueAt: (dueAt: number) => void;
}

/** Stores how jobs ended. Results that come while others are being stored share the next statement. */
export class JobResults {
  readonly #parts: Parts;
  #done: OwnJob[] = [];
  #putOff: PutOffJob[] = [];
  #storing: Promise<void> | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Resolves when the result is stored. */
  async store(result: JobResult): Promise<void> {
    if ('done' in result) this.#done.push(result.done);
    else this.#putOff.push(result.putOff);
    // The statement under way may have begun without this result; the next one includes it.
    await this.#storing;
    this.#storing ??= this.#storeAll().finally(() => (this.#storing = null));
    await this.#storing;
  }

  /** Retries while the database is away: until the result is stored, other processes must see the job as running. */
  async #storeAll(): Promise<void> {
    const { database, clock, log, owner, isOver } = this.#parts;
    while (!isOver()) {
      const [done, later] = [this.#done, this.#putOff];
      if (done.length + later.length === 0) return;
      [this.#done, this.#putOff] = [[], []];
      try {
        if (done.length > 0) {
          const conclusion = { wanted: [], finished: done, writes: [] };
          const { released } = await concludeJobs(database.sql, conclusion, { owner, now: clock.now() });
          this.#parts.released(released);
        }
        if (later.length > 0) {
          await putOff(database.sql, owner, later);
          for (const { dueAt } of later) this.#parts.dueAt(dueAt);
        }
        return;
      } catch (error) {
        log.debug({ err: error }, 'job results could not be stored');
        // Removing a row twice does no harm.
        this.#done = [...done, ...this.#done];
        this.#putOff = [...later, ...this.#putOff];
        await new Promise<void>((resolve) => clock.setTimeout(resolve, database.pollSeconds * 1_000));
      }
    }
  }
}
