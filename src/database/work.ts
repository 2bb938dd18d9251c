import type { Transaction } from 'kysely';
import { noCheckpoint, type Checkpoint } from '../checkpoint.ts';
import type { JobRequest, Jobs } from './jobs.ts';
import type { Database } from './open.ts';
import type { Schema } from './schema.ts';

/** A transaction together with the jobs that it wants done: they exist exactly if it commits. */
export interface Work {
  sql: Transaction<Schema>;
  enqueue(job: JobRequest): void;
}

/** Runs `change` in a transaction; its jobs are written at its end, and its effects start after the commit. */
export type Transact = <T>(change: (work: Work) => Promise<T> | T) => Promise<T>;

export function createTransact(
  database: Database,
  jobs: Jobs,
  checkpoint: Checkpoint = noCheckpoint,
): Transact {
  return async (change) => {
    const wanted: JobRequest[] = [];
    const [result, effects] = await database.sql.transaction().execute(async (sql) => {
      const value = await change({ sql, enqueue: (job) => wanted.push(job) });
      const queued = wanted.length > 0 ? await jobs.enqueue(sql, wanted) : [];
      for (const { name } of wanted) checkpoint(`before commit of ${name}`);
      return [value, queued] as const;
    });
    for (const { name } of wanted) checkpoint(`after commit of ${name}`);
    jobs.runNow(effects);
    return result;
  };
}
