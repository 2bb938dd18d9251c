import type { RawBuilder, Transaction } from 'kysely';
import { noCheckpoint, type Checkpoint } from './checkpoint.ts';
import { isConflict, isDatabaseAway } from './away.ts';
import { CommitUnknown, Contended } from './commits.ts';
import type { JobRequest, Jobs } from './jobs.ts';
import type { LastWrite, OwnJob } from './jobStore.ts';
import type { Database } from './open.ts';
import type { Schema } from './schema.ts';
import { Turns } from './turns.ts';

/** A transaction together with the jobs that it wants done: they exist exactly if it commits. */
export interface Work {
  sql: Transaction<Schema>;
  enqueue(job: JobRequest): void;
  /** The job that this transaction is about is done with it. */
  finish(job: OwnJob): void;
  /**
   * A write for the end of the transaction, in one statement with its jobs and the other such writes. Nothing in the
   * transaction reads what it writes.
   *
   * @param name of its part of the statement, once in a transaction
   * @param write made when everything is known, if it is a function
   */
  last(name: string, write: RawBuilder<unknown> | (() => RawBuilder<unknown>)): void;
  /** What is left to do at the end of the transaction, before its last statement; it may want more of the same. */
  atEnd(finish: () => Promise<void>): void;
  /** Whether this process begins the effects as soon as the transaction has committed; else they may have to wait. */
  readonly runsNow: boolean;
}

/**
 * Runs `change` in a transaction; its jobs are written at its end, and its effects start after the commit. If another
 * transaction was in its way so that the database undid it, `change` runs again: what it changes is its `work` alone.
 *
 * @param turns name the locks that a crowd may want at once: it then waits without holding connections (see turns.ts)
 * @throws Contended if others were in the way each time; CommitUnknown if the database went away while it was committing; TurnTimeout; what `change` throws
 */
export type Transact = <T>(change: (work: Work) => Promise<T> | T, turns?: readonly string[]) => Promise<T>;

/** So often in all. Who was in the way has gone on meanwhile. */
const ATTEMPTS = 5;

/** Rows that several write in one transaction, with one part of its last statement. */
export class LastRows<Row> {
  readonly #name: string;
  readonly #write: (rows: readonly Row[]) => RawBuilder<unknown>;
  readonly #rows = new WeakMap<Work, Row[]>();

  /** @param name of its part of the statement */
  constructor(name: string, write: (rows: readonly Row[]) => RawBuilder<unknown>) {
    this.#name = name;
    this.#write = write;
  }

  add(work: Work, rows: readonly Row[]): void {
    const known = this.#rows.get(work);
    if (known) known.push(...rows);
    else if (rows.length > 0) {
      const all = [...rows];
      this.#rows.set(work, all);
      work.last(this.#name, () => this.#write(all));
    }
  }
}

export function createTransact(
  database: Database,
  jobs: Jobs,
  checkpoint: Checkpoint = noCheckpoint,
): Transact {
  const waiting = new Turns(database.patienceMs);
  return async (change, turns = []) => {
    const attempt = async () => {
      const wanted: JobRequest[] = [];
      const finished: OwnJob[] = [];
      const writes: Parameters<Work['last']>[] = [];
      const ends: (() => Promise<void>)[] = [];
      let isCommitting = false;
      try {
        return await database.sql.transaction().execute(async (sql) => {
          const value = await change({
            sql,
            enqueue: (job) => wanted.push(job),
            finish: (job) => finished.push(job),
            last: (...write) => writes.push(write),
            atEnd: (finish) => ends.push(finish),
            runsNow: jobs.runsNow,
          });
          for (const finish of ends) await finish();
          const outcome = await jobs.conclude(sql, { wanted, finished, writes: writes.map(made) });
          checkpoint(...wanted.map(({ name }) => `before commit of ${name}`));
          isCommitting = true;
          return [value, outcome, wanted] as const;
        });
      } catch (error) {
        throw isCommitting && !isConflict(error) && isDatabaseAway(error) ? new CommitUnknown(error) : error;
      }
    };
    const transaction = async (left = ATTEMPTS): ReturnType<typeof attempt> =>
      await attempt().catch(async (error: unknown) => {
        if (!isConflict(error)) throw error;
        if (left <= 1) throw new Contended(error);
        return await transaction(left - 1);
      });
    const [result, outcome, wanted] = await waiting.take(turns, async () => await transaction());
    checkpoint(...wanted.map(({ name }) => `after commit of ${name}`));
    jobs.concluded(outcome, wanted);
    return result;
  };
}

/** A last write with all that the transaction has found out. */
export function made([name, write]: Parameters<Work['last']>): LastWrite {
  return { name, write: typeof write === 'function' ? write() : write };
}
