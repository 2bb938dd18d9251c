import type { Transaction } from 'kysely';
import { noCheckpoint, type Checkpoint } from '../checkpoint.ts';
import { isDatabaseAway } from './away.ts';
import { CommitUnknown } from './commits.ts';
import type { JobRequest, Jobs } from './jobs.ts';
import type { Database } from './open.ts';
import type { Schema } from './schema.ts';
import { Turns } from './turns.ts';

/** A transaction together with the jobs that it wants done: they exist exactly if it commits. */
export interface Work {
  sql: Transaction<Schema>;
  enqueue(job: JobRequest): void;
}

/**
 * Runs `change` in a transaction; its jobs are written at its end, and its effects start after the commit.
 *
 * @param turns name the locks that a crowd may want at once: it then waits without holding connections (see turns.ts)
 * @throws CommitUnknown if the database went away while it was committing; TurnTimeout; what `change` throws
 */
export type Transact = <T>(change: (work: Work) => Promise<T> | T, turns?: readonly string[]) => Promise<T>;

export function createTransact(
  database: Database,
  jobs: Jobs,
  checkpoint: Checkpoint = noCheckpoint,
): Transact {
  const waiting = new Turns();
  return async (change, turns = []) => {
    const wanted: JobRequest[] = [];
    let isCommitting = false;
    const transaction = async () =>
      await database.sql
        .transaction()
        .execute(async (sql) => {
          const value = await change({ sql, enqueue: (job) => wanted.push(job) });
          const queued = wanted.length > 0 ? await jobs.enqueue(sql, wanted) : [];
          for (const { name } of wanted) checkpoint(`before commit of ${name}`);
          isCommitting = true;
          return [value, queued] as const;
        })
        .catch((error: unknown) => {
          throw isCommitting && isDatabaseAway(error) ? new CommitUnknown(error) : error;
        });
    const [result, effects] = await waiting.take(turns, transaction);
    for (const { name } of wanted) checkpoint(`after commit of ${name}`);
    jobs.runNow(effects);
    return result;
  };
}
