import type { RawBuilder, Transaction } from 'kysely';
import { noCheckpoint, type Checkpoint } from './checkpoint.ts';
import { isConflict, orCommitUnknown } from './away.ts';
import { Contended } from './transactionErrors.ts';
import type { JobRequest } from './jobRequests.ts';
import type { Jobs } from './jobRunner.ts';
import type { LastWrite, OwnJob } from './jobStore.ts';
import type { Database } from './open.ts';
import type { Schema } from './schema.ts';

/** A transaction together with the jobs that it requests. The jobs exist exactly if it commits. */
export interface Work {
  /** The transaction begins with its first statement. Its last statement alone is one by itself (lazyTransactions.ts). */
  readonly sql: Transaction<Schema>;
  enqueue(job: JobRequest): void;
  /** Removes a deadline that is no longer needed, unless it is also requested or a process runs it. */
  drop(deadline: JobRequest): void;
  /** Finishes the job that led to this transaction. */
  finish(job: OwnJob): void;
  /**
   * Adds a write to the last statement of the transaction, which also stores its jobs. Nothing in the transaction may
   * read what it writes.
   *
   * @param name names its part of the statement, unique in a transaction
   * @param write a function is called when everything else is done
   */
  last(name: string, write: RawBuilder<unknown> | (() => RawBuilder<unknown>)): void;
  /** Calls `finish` before the last statement. It may add more writes and jobs. */
  atEnd(finish: () => Promise<void>): void;
  /** Calls `tell` after the commit, and never if there is none. It must be quick, and must not throw. */
  afterCommit(tell: () => void): void;
  /** Whether this process starts the effects right after the commit; otherwise they may have to wait. */
  readonly runsNow: boolean;
  /** No other process uses the database, and its transactions run one after another: locks are needless. */
  readonly isEmbedded: boolean;
}

/**
 * Runs `change` in a transaction. Its jobs are written at the end, and its effects start after the commit. If the
 * database rolls it back because of another transaction, `change` runs again, so it must change nothing but its
 * `work`.
 *
 * @throws Contended if every attempt conflicted; CommitUnknown if the database went away during the commit;
 *   what `change` throws
 */
export type Transact = <T>(change: (work: Work) => Promise<T> | T) => Promise<T>;

/** Attempts in all. The conflicting transaction has usually gone on by the next one. */
const ATTEMPTS = 5;

/** Rows that several callers write in one transaction, through one part of its last statement. */
export class LastRows<Row> {
  readonly #name: string;
  readonly #write: (rows: readonly Row[]) => RawBuilder<unknown>;
  readonly #rows = new WeakMap<Work, Row[]>();

  /** @param name names its part of the statement */
  constructor(name: string, write: (rows: readonly Row[]) => RawBuilder<unknown>) {
    this.#name = name;
    this.#write = write;
  }

  isUsedIn(work: Work): boolean {
    return this.#rows.has(work);
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
  database: Pick<Database, 'sql' | 'kind'>,
  jobs: Pick<Jobs, 'runsNow' | 'conclude' | 'concluded'>,
  checkpoint: Checkpoint = noCheckpoint,
): Transact {
  return async (change) => {
    const attempt = async () => {
      const wanted: JobRequest[] = [];
      const dropped: JobRequest[] = [];
      const finished: OwnJob[] = [];
      const writes: Parameters<Work['last']>[] = [];
      const ends: (() => Promise<void>)[] = [];
      const news: (() => void)[] = [];
      let isCommitting = false;
      try {
        return await database.sql.transaction().execute(async (sql) => {
          const value = await change({
            sql,
            enqueue: (job) => wanted.push(job),
            drop: (deadline) => dropped.push(deadline),
            finish: (job) => finished.push(job),
            last: (...write) => writes.push(write),
            atEnd: (finish) => ends.push(finish),
            afterCommit: (tell) => news.push(tell),
            runsNow: jobs.runsNow,
            isEmbedded: database.kind === 'pglite',
          });
          for (const finish of ends) await finish();
          const last = writes.map(made);
          // The commit goes with the last statement.
          checkpoint(...wanted.map(({ name }) => `before commit of ${name}`));
          const outcome = await jobs.conclude(sql, { wanted, dropped, finished, writes: last });
          isCommitting = true;
          return { value, outcome, wanted, news };
        });
      } catch (error) {
        throw isCommitting ? orCommitUnknown(error) : error;
      }
    };
    const transaction = async (left = ATTEMPTS): ReturnType<typeof attempt> =>
      await attempt().catch(async (error: unknown) => {
        if (!isConflict(error)) throw error;
        if (left <= 1) throw new Contended(error);
        return await transaction(left - 1);
      });
    const { value, outcome, wanted, news } = await transaction();
    checkpoint(...wanted.map(({ name }) => `after commit of ${name}`));
    jobs.concluded(outcome, wanted);
    for (const tell of news) tell();
    return value;
  };
}

/** Builds a last write, now that everything else is done. */
function made([name, write]: Parameters<Work['last']>): LastWrite {
  return { name, write: typeof write === 'function' ? write() : write };
}
