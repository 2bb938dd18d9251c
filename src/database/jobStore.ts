import { sql as raw, type RawBuilder } from 'kysely';
import { asLast } from './lazyTransactions.ts';
import type { Sql } from './schema.ts';

export type JobData = Record<string, string | number>;

/** Identifies a job: name and key are unique together. */
export interface JobKey {
  name: string;
  key: string;
}

/** A requested job. */
export interface WantedJob extends JobKey {
  data: JobData;
  /** Epoch milliseconds. */
  dueAt: number;
  priority: number;
  /** The process that runs it at once unless another one already does; null for any process. */
  owner: string | null;
  /** The span that requested it, if tracing is on. */
  trace: string | null;
  /** For the process that runs it at once; not stored. */
  justStored?: object | undefined;
}

/** A job that a process owns and runs. */
export interface OwnJob extends JobKey {
  data: JobData;
  priority: number;
  /** How often it had been requested when it was taken. */
  wanted: number;
  /** When it was last requested, and when it was due. Epoch milliseconds. */
  wantedAt: number;
  dueAt: number;
  attempts: number;
  /** Since when it has been failing, in epoch milliseconds; null if its last run did not fail. */
  failingSince: number | null;
  trace: string | null;
  /** What the transaction that requested it gave the handler; undefined in any later run. */
  justStored?: object | undefined;
}

/** A job to run again later. */
export interface PutOffJob extends JobKey {
  data: JobData;
  wanted: number;
  /** Epoch milliseconds. */
  dueAt: number;
  attempts: number;
  failingSince: number | null;
  problem: string | null;
}

interface JobRow extends Omit<OwnJob, 'dueAt' | 'wantedAt' | 'failingSince'> {
  due_at: Date;
  wanted_at: Date;
  failing_since: Date | null;
  owner: string | null;
}

/** What a transaction changes about jobs, and what else its last statement writes. */
export interface Conclusion {
  wanted: readonly WantedJob[];
  /** Jobs that are no longer needed. Those that a process runs stay. None of them is in `wanted` too. */
  dropped?: readonly JobKey[];
  /** Jobs of this process that are done. None of them is in `wanted` too. */
  finished: readonly OwnJob[];
  writes: readonly LastWrite[];
}

/** A write that shares a statement with others, under this name. */
export interface LastWrite {
  name: string;
  write: RawBuilder<unknown>;
}

/** A row of the result: a job of this process, or a finished one that was requested again. */
type ConcludedRow = JobRow & { released: boolean };

/**
 * Stores requested jobs and removes finished ones in one statement, the last of its transaction. A job that exists
 * already is counted as requested once more, and is due at the earlier of both times. A finished job that was requested
 * again since it was taken is not removed; it loses its owner.
 *
 * @param now epoch milliseconds
 * @returns the jobs for `owner` to run, in no order, and the finished ones that were requested again
 */
export async function concludeJobs(
  sql: Sql,
  { wanted, dropped = [], finished, writes }: Conclusion,
  { owner, now }: { owner: string; now: number },
): Promise<{ own: OwnJob[]; released: JobKey[] }> {
  const parts = writes.map(({ name, write }) => raw`${raw.ref(name)} AS (${write})`);
  const answers: RawBuilder<unknown>[] = [];
  if (wanted.length > 0) {
    parts.push(raw`wanted AS (${wantPart(wanted, now)})`);
    answers.push(raw`SELECT *, false AS released FROM wanted`);
  }
  if (dropped.length > 0) {
    parts.push(raw`dropped AS (
      DELETE FROM jobs AS job USING json_to_recordset(${JSON.stringify(dropped)}::json) AS old (name text, key text)
      WHERE job.name = old.name AND job.key = old.key AND job.owner IS NULL
    )`);
  }
  if (finished.length > 0) {
    parts.push(raw`finished AS (${finishedPart(finished, owner)})`);
    parts.push(raw`removed AS (
      DELETE FROM jobs AS job USING finished WHERE job.name = finished.name AND job.key = finished.key AND is_over
    )`);
    parts.push(raw`released AS (
      UPDATE jobs AS job SET owner = NULL FROM finished
      WHERE job.name = finished.name AND job.key = finished.key AND NOT is_over
      RETURNING ${JOB_COLUMNS}
    )`);
    answers.push(raw`SELECT *, true AS released FROM released`);
  }
  if (parts.length === 0) return { own: [], released: [] };
  const answer = answers.length > 0 ? raw.join(answers, raw` UNION ALL `) : raw`SELECT WHERE false`;
  const statement = raw<ConcludedRow>`WITH ${raw.join(parts)} ${answer}`.compile(sql);
  const { rows } = await sql.executeQuery(asLast(statement));
  return {
    own: rows.filter((row) => !row.released && row.owner === owner).map(read),
    released: rows.filter(({ released }) => released),
  };
}

const JOB_COLUMNS = raw`job.name, job.key, job.data, job.due_at, job.priority, job.wanted, job.wanted_at, job.owner,
  job.attempts, job.failing_since, job.trace`;

function wantPart(wanted: readonly WantedJob[], now: number): RawBuilder<unknown> {
  const rows = wanted.map(({ dueAt, ...job }) => ({
    ...job,
    justStored: undefined,
    due_at: new Date(dueAt),
  }));
  return raw`
    INSERT INTO jobs AS job (name, key, data, due_at, priority, owner, trace, wanted_at)
    SELECT name, key, data, due_at, priority, owner, trace, ${new Date(now)}::timestamptz
    FROM json_to_recordset(${JSON.stringify(rows)}::json) AS wanted (
      name text, key text, data jsonb, due_at timestamptz, priority smallint, owner text, trace text
    )
    ORDER BY name, key
    ON CONFLICT (name, key) DO UPDATE SET
      wanted = job.wanted + 1,
      wanted_at = excluded.wanted_at,
      due_at = least(job.due_at, excluded.due_at),
      priority = greatest(job.priority, excluded.priority),
      owner = coalesce(job.owner, excluded.owner),
      trace = excluded.trace
    RETURNING ${JOB_COLUMNS}`;
}

function finishedPart(finished: readonly OwnJob[], owner: string): RawBuilder<unknown> {
  return raw`
    SELECT job.name, job.key, job.wanted = done.wanted AS is_over
    FROM jobs AS job
      JOIN json_to_recordset(${keysOf(finished)}::json) AS done (name text, key text, wanted integer)
        ON job.name = done.name AND job.key = done.key
    WHERE job.owner = ${owner}
    ORDER BY job.name, job.key
    FOR UPDATE OF job`;
}

/**
 * Takes due jobs that no process runs: they are new, their process has died, or this process does not know that it owns
 * them.
 *
 * @param own the process, and the jobs it runs
 * @param most the limit; the most urgent come first
 * @param lostBefore jobs that this process owns but does not run are taken if they were due before this
 * @returns the jobs, and when the next one is due in epoch milliseconds
 */
export async function takeDue(
  sql: Sql,
  own: { owner: string; running: readonly JobKey[] },
  { now, most, lostBefore }: { now: number; most: number; lostBefore: number },
): Promise<{ taken: OwnJob[]; nextDue: number | null }> {
  const at = new Date(now);
  const running = own.running.map(({ name, key }) => `${name} ${key}`);
  const { rows } = await raw<{ next_due: Date | null } & { [Column in keyof JobRow]: JobRow[Column] | null }>`
    WITH due AS (
      SELECT name, key FROM jobs
      WHERE due_at <= ${at}::timestamptz AND (
        owner IS NULL
        OR CASE owner WHEN ${own.owner}
           THEN due_at < ${new Date(lostBefore)}::timestamptz AND name || ' ' || key <> ALL(${running}::text[])
           ELSE NOT EXISTS (SELECT FROM processes WHERE id = owner AND leased_until > ${at}::timestamptz) END
      )
      ORDER BY priority DESC, due_at
      LIMIT ${most}
      FOR UPDATE SKIP LOCKED
    ),
    taken AS (
      UPDATE jobs AS job SET owner = ${own.owner} FROM due
      WHERE job.name = due.name AND job.key = due.key
      RETURNING job.*
    )
    SELECT taken.*, next.due_at AS next_due
    FROM (SELECT min(due_at) AS due_at FROM jobs WHERE due_at > ${at}::timestamptz) AS next
      LEFT JOIN taken ON true
    ORDER BY taken.due_at`.execute(sql);
  return {
    taken: rows.flatMap((row) => (isJob(row) ? read(row) : [])),
    nextDue: rows[0]?.next_due?.getTime() ?? null,
  };
}

/** Puts jobs off. One that was requested again meanwhile does not wait, unless it failed. */
export async function putOff(sql: Sql, owner: string, jobs: readonly PutOffJob[]): Promise<void> {
  const rows = jobs.map(({ dueAt, failingSince, ...job }) => ({
    ...job,
    due_at: new Date(dueAt),
    failing_since: failingSince === null ? null : new Date(failingSince),
  }));
  await raw`
    WITH put_off AS (
      SELECT job.name, job.key, later.data, later.attempts, later.failing_since, later.problem,
        CASE WHEN job.wanted = later.wanted OR later.attempts > 0 THEN later.due_at ELSE job.due_at END AS due_at
      FROM jobs AS job
        JOIN json_to_recordset(${JSON.stringify(rows)}::json) AS later (
          name text, key text, data jsonb, wanted integer, due_at timestamptz, attempts integer, failing_since timestamptz, problem text
        ) ON job.name = later.name AND job.key = later.key
      WHERE job.owner = ${owner}
      ORDER BY job.name, job.key
      FOR UPDATE OF job
    )
    UPDATE jobs AS job SET
      owner = NULL, data = put_off.data, due_at = put_off.due_at, attempts = put_off.attempts,
      failing_since = put_off.failing_since, problem = put_off.problem
    FROM put_off WHERE job.name = put_off.name AND job.key = put_off.key`.execute(sql);
}

/** @param now epoch milliseconds */
export async function hastenJobs(sql: Sql, names: readonly string[], now: number): Promise<void> {
  const due_at = new Date(now);
  await sql
    .updateTable('jobs')
    .set({ due_at })
    .where('name', 'in', [...names])
    .where('due_at', '>', due_at)
    .execute();
}

/** Renews the lease of a process. @param until epoch milliseconds */
export async function renewLease(sql: Sql, process: string, until: number): Promise<void> {
  const leased_until = new Date(until);
  await sql
    .insertInto('processes')
    .values({ id: process, leased_until })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ leased_until }))
    .execute();
}

/** The database's clock. Epoch milliseconds. */
export async function databaseTime(sql: Sql): Promise<number> {
  const { rows } = await raw<{ now: Date }>`SELECT clock_timestamp() AS now`.execute(sql);
  const [row] = rows;
  if (!row) throw new RangeError('the database has no time');
  return row.now.getTime();
}

/** Ends the lease of this process, and deletes those that ran out before `before` (epoch milliseconds). */
export async function endLease(sql: Sql, process: string, before: number): Promise<void> {
  await sql
    .deleteFrom('processes')
    .where((where) => where.or([where('id', '=', process), where('leased_until', '<', new Date(before))]))
    .execute();
}

function keysOf(jobs: readonly OwnJob[]): string {
  return JSON.stringify(jobs.map(({ name, key, wanted }) => ({ name, key, wanted })));
}

function isJob(row: { [Column in keyof JobRow]: JobRow[Column] | null }): row is JobRow {
  return row.name !== null;
}

function read({ name, key, data, priority, wanted, attempts, trace, ...row }: JobRow): OwnJob {
  return {
    name,
    key,
    data,
    priority,
    wanted,
    attempts,
    trace,
    dueAt: row.due_at.getTime(),
    wantedAt: row.wanted_at.getTime(),
    failingSince: row.failing_since?.getTime() ?? null,
  };
}
