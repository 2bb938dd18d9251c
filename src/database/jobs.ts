import { randomUUID } from 'node:crypto';
import { sql as raw, type Transaction } from 'kysely';
import { fromKysely, PgBoss, type JobInsert, type JobResult, type JobWithMetadata } from 'pg-boss';
import type { Logger } from 'pino';
import { noCheckpoint, type Checkpoint } from '../checkpoint.ts';
import { inTime, type Clock } from '../clock.ts';
import { noTracing, type Tracing } from '../tracing.ts';
import { apartFromRequests } from './lanes.ts';
import type { Database } from './open.ts';
import type { Schema } from './schema.ts';

/** What is to be done. `data` is small, and holds ids only: the handler reads the rest when it runs. */
export interface JobRequest {
  name: string;
  data: Record<string, string | number>;
  /**
   * A deadline: epoch milliseconds at which it is due. Its handler must be quick (a transaction, no outside service).
   * Without it the job is an effect: it is run at once, in this process, when its transaction has committed.
   */
  dueAt?: number;
  /** Higher goes first when there are many; 0 if it is not given. */
  priority?: number;
}

export interface JobHandler {
  run(data: Record<string, string | number>): Promise<void>;
  /** Every attempt failed: what was accepted must not end in silence. */
  gaveUp?(data: Record<string, string | number>, error: unknown): Promise<void>;
}

/** Sees how jobs fare. Names are those of the code. */
export interface JobObserver {
  /** @param latenessMs how long after it was due */
  started(queue: string, latenessMs: number): void;
  failed(name: string): void;
  gaveUp(name: string): void;
}

const unobserved: JobObserver = {
  started: () => undefined,
  failed: () => undefined,
  gaveUp: () => undefined,
};

/**
 * Thrown by a handler to say when to try again, as often as it likes; anything else that is thrown is retried with
 * growing pauses, and given up in the end.
 */
export class TryAgainLater extends Error {
  readonly delayMs: number;
  constructor(delayMs: number, options?: { cause?: unknown }) {
    super(`try again in ${delayMs} ms`, options);
    this.name = 'TryAgainLater';
    this.delayMs = delayMs;
  }
}

interface JobData {
  name: string;
  data: Record<string, string | number>;
  /** The span in which it was wanted, if traces are on. */
  trace?: string;
}

interface QueuedJob extends JobData {
  id: string;
  priority: number;
}

/** A job of one of the queues that nobody is to fetch yet. */
interface LaterJob {
  queue: string;
  id: string;
  data: JobData;
  priority: number;
  startAfter: Date;
}

/** An effect that lets more urgent ones go first. */
interface Yielding {
  priority: number;
  go: () => void;
}

const EFFECTS = 'effects';
const DEADLINES = 'deadlines';
/** How jobs of both queues are tried again; delays in seconds. */
const RETRIES = { retryLimit: 40, retryDelay: 1, retryBackoff: true, retryDelayMax: 30 };
/** Seconds. */
const DELETED_AFTER = 60;
/** A job may run for so long, in seconds. */
const EXPIRES_IN: Record<string, number> = { [EFFECTS]: 60, [DEADLINES]: 15 };
/** An effect that this process runs at once may be taken over by any process when it has not been heard of so long. */
const LEASE_MS = 5_000;
const RENEW_MS = 1_500;
/** Deadlines that are due together are looked for once: they are this much late at most, in milliseconds. */
const TOGETHER_MS = 100;
/** What is due later is found by the next poll, half a second late at most; as is what another process wants. */
const FORESEEN_MS = 600_000;
/** More effects than this at a time wait in the queue instead, where every process can fetch them. */
const MAX_RUNNING = 200;
/** With more urgent effects than this under way the others wait for them; but not for ever. */
const CROWD = 10;
const YIELD_MS = 2_000;

/**
 * Jobs of this database, on pg-boss. A job is written in the transaction that wants it, so it exists exactly if that
 * transaction committed, and it is carried out at least once, by any process.
 *
 * Effects do not wait for a poll: after the commit this process runs them itself. The row, not due before a lease has
 * run out, is there in case this process dies; it is deleted when the effect is done.
 */
export class Jobs {
  readonly #boss: PgBoss;
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #checkpoint: Checkpoint;
  readonly #observer: JobObserver;
  readonly #tracing: Tracing;
  readonly #handlers = new Map<string, JobHandler>();
  readonly #running = new Map<string, Promise<void>>();
  /** Those that were fetched from the queues, a batch each. */
  readonly #fetched = new Set<Promise<JobResult[]>>();
  /** Priorities of the running ones that do not yield. */
  readonly #priorities: number[] = [];
  readonly #yielding = new Set<Yielding>();
  readonly #done: string[] = [];
  #flushing: Promise<void> | null = null;
  /** Those of the running ones whose leases are renewed. */
  readonly #leased = new Set<string>();
  /** The timer; null while nothing is leased. */
  #renewal: unknown = null;
  #renewing: Promise<unknown> | null = null;
  /** Of the deadlines that this process wants: the timers, by when they go off. */
  readonly #alarms = new Map<number, unknown>();
  #deadlineWorker: string | null = null;
  #stopping = false;
  /** What this process had not finished is another's now. */
  #handedBack = false;
  /** When the engine last fetched or ran something: readiness means that work moves. Epoch milliseconds. */
  #lastTick = 0;

  constructor(
    database: Database,
    clock: Clock,
    log: Logger,
    checkpoint: Checkpoint = noCheckpoint,
    observer: JobObserver = unobserved,
    tracing: Tracing = noTracing,
  ) {
    this.#tracing = tracing;
    this.#observer = observer;
    this.#database = database;
    this.#checkpoint = checkpoint;
    this.#clock = clock;
    this.#log = log;
    this.#boss = new PgBoss({
      ...database.jobs,
      clock,
      schedule: false,
      registerInstance: false,
      superviseIntervalSeconds: 10,
      monitorIntervalSeconds: 10,
      openTelemetry: { enabled: false },
    });
    // The driver's errors carry the whole client with them.
    this.#boss.on('error', ({ message }) => this.#log.warn({ reason: message }, 'job engine'));
    this.#boss.on('warning', (warning) => this.#log.debug({ warning }, 'job engine'));
  }

  /** Registers what runs jobs of a name. All names are registered before start. */
  handle(name: string, handler: JobHandler): void {
    this.#handlers.set(name, handler);
  }

  async start(): Promise<void> {
    await this.#boss.start();
    for (const [queue, expireInSeconds] of Object.entries(EXPIRES_IN)) {
      const options = { ...RETRIES, deleteAfterSeconds: DELETED_AFTER, expireInSeconds, notify: true };
      await this.#boss.createQueue(queue, options);
    }
    // Nobody else works on an embedded database: what is leased there was left by a process that died.
    if (this.#database.kind === 'pglite') await this.#releaseLeases();
    const polling = {
      pollingIntervalSeconds: this.#database.pollSeconds,
      notifyPollingIntervalSeconds: this.#database.pollSeconds,
      burstWhenBatchFull: true,
    } as const;
    const options = { ...polling, perJobResults: true, includeMetadata: true } as const;
    this.#deadlineWorker = await this.#boss.work<JobData, unknown, typeof options & { batchSize: number }>(
      DEADLINES,
      { ...options, batchSize: 100 },
      async (jobs) => await this.#run(jobs),
    );
    await this.#boss.work<JobData, unknown, typeof options & { batchSize: number; localConcurrency: number }>(
      EFFECTS,
      { ...options, batchSize: 10, localConcurrency: 3 },
      async (jobs) => await this.#run(jobs),
    );
    this.#lastTick = this.#clock.now();
  }

  /**
   * Writes jobs in the caller's transaction.
   *
   * @returns the effects among them, to be handed to `runNow` after the commit
   */
  async enqueue(trx: Transaction<Schema>, requests: JobRequest[]): Promise<QueuedJob[]> {
    const direct = !this.#stopping && this.#running.size < MAX_RUNNING;
    const effects: QueuedJob[] = [];
    /** For any process to fetch, which the engine tells them. */
    const open: JobInsert<JobData>[] = [];
    const later: LaterJob[] = [];
    const trace = this.#tracing.here();
    for (const { name, data, dueAt, priority = 0 } of requests) {
      const what: JobData = trace ? { name, data, trace } : { name, data };
      const id = randomUUID();
      if (dueAt !== undefined) {
        later.push({ queue: DEADLINES, id, data: what, priority, startAfter: new Date(dueAt) });
        this.#lookAt(dueAt);
      } else if (direct) {
        const startAfter = new Date(this.#clock.now() + LEASE_MS);
        later.push({ queue: EFFECTS, id, data: what, priority, startAfter });
        effects.push({ id, priority, ...what });
      } else open.push({ id, data: what, priority });
    }
    if (open.length > 0) await this.#boss.insert(EFFECTS, open, { db: fromKysely(trx) });
    if (later.length > 0) await insertLater(trx, later);
    return effects;
  }

  /** Looks for deadlines when one is due, without waiting for the next poll. */
  #lookAt(dueAt: number): void {
    const at = Math.ceil(dueAt / TOGETHER_MS) * TOGETHER_MS;
    const wait = at - this.#clock.now();
    if (this.#stopping || wait > FORESEEN_MS || this.#alarms.has(at)) return;
    const look = (): void => {
      this.#alarms.delete(at);
      if (this.#deadlineWorker !== null) this.#boss.notifyWorker(this.#deadlineWorker);
    };
    this.#alarms.set(at, this.#clock.setTimeout(look, Math.max(0, wait)));
  }

  /** Runs effects whose transaction has committed. Does not wait for them. */
  runNow(jobs: QueuedJob[]): void {
    if (this.#handedBack) return;
    apartFromRequests(() => {
      for (const job of jobs) this.#running.set(job.id, this.#runDirectly(job));
    });
  }

  /** Resolves when no job is being run by this process. Those that lie ahead do not count. */
  async idle(): Promise<void> {
    while (this.busy) await Promise.all([...this.#running.values(), ...this.#fetched, this.#flushing]);
  }

  get busy(): boolean {
    return this.#running.size > 0 || this.#fetched.size > 0 || this.#flushing !== null;
  }

  /** Epoch milliseconds at which the engine last looked for work with success, or began some. */
  get lastTick(): number {
    return Math.max(
      this.#lastTick,
      ...this.#boss.getWipData().map(({ lastFetchedOn }) => lastFetchedOn ?? 0),
    );
  }

  /** Ends: what runs is waited for, at most `graceMs`, and what is left is handed back for another process. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    for (const timer of this.#alarms.values()) this.#clock.clearTimeout(timer);
    this.#alarms.clear();
    // First of all nothing more is fetched, so that what is handed back does not come to this process again.
    await Promise.all(
      [EFFECTS, DEADLINES].map(async (queue) => await this.#boss.offWork(queue, { wait: false })),
    );
    await inTime(this.idle(), graceMs, () => undefined);
    this.#handedBack = true;
    this.#leased.clear();
    this.#clock.clearInterval(this.#renewal);
    await this.#renewing;
    await this.#startAfter([...this.#running.keys()], this.#clock.now()).catch(() => undefined);
    await this.#boss.stop({ graceful: true, timeout: Math.max(1_000, graceMs / 2), close: true });
  }

  async #runDirectly(job: QueuedJob): Promise<void> {
    this.#lease(job.id);
    try {
      await this.#inOrder(job.priority, async () => await this.#perform(job));
      this.#unlease(job.id);
      this.#done.push(job.id);
      this.#flushing ??= this.#flush();
    } catch (error) {
      this.#unlease(job.id);
      if (error instanceof TryAgainLater) {
        if (!this.#handedBack) {
          await this.#startAfter([job.id], this.#clock.now() + error.delayMs).catch(() => undefined);
        }
      } else {
        this.#observer.failed(job.name);
        this.#log.warn({ err: error, job: job.name, ...job.data }, 'a job failed; it is tried again');
      }
    } finally {
      this.#running.delete(job.id);
    }
  }

  /** In a crowd the more urgent go first: what they do is not slowed down by what can wait. */
  async #inOrder(priority: number, perform: () => Promise<void>): Promise<void> {
    if (this.#isCrowded(priority)) {
      const turn = Promise.withResolvers<void>();
      const own = { priority, go: turn.resolve };
      this.#yielding.add(own);
      await inTime(turn.promise, YIELD_MS, () => undefined, this.#clock);
      this.#yielding.delete(own);
      // It is another process's now.
      if (this.#handedBack) throw new TryAgainLater(0);
    }
    this.#priorities.push(priority);
    try {
      await perform();
    } finally {
      this.#priorities.splice(this.#priorities.indexOf(priority), 1);
      for (const one of this.#yielding) if (!this.#isCrowded(one.priority)) one.go();
    }
  }

  #isCrowded(priority: number): boolean {
    return this.#priorities.filter((other) => other > priority).length > CROWD;
  }

  #lease(id: string): void {
    this.#leased.add(id);
    this.#renewal ??= this.#clock.setInterval(() => {
      this.#renewing ??= this.#renewLeases().finally(() => (this.#renewing = null));
    }, RENEW_MS);
  }

  #unlease(id: string): void {
    this.#leased.delete(id);
    if (this.#leased.size > 0) return;
    this.#clock.clearInterval(this.#renewal);
    this.#renewal = null;
  }

  /** All of them in one statement. One that could not be renewed runs out, and is then another's too. */
  async #renewLeases(): Promise<void> {
    await this.#startAfter([...this.#leased], this.#clock.now() + LEASE_MS).catch(() => undefined);
  }

  async #perform({ name, data, trace }: JobData): Promise<void> {
    const handler = this.#handlers.get(name);
    // A newer version of the code may have written it: another process knows it.
    if (!handler) throw new TryAgainLater(5_000);
    this.#lastTick = this.#clock.now();
    this.#checkpoint(`before job ${name}`);
    // Jobs that the code begins by itself, without anybody's wish, have no trace.
    if (trace) {
      const attributes = { callId: data['callId'], escalationId: data['escalationId'] };
      await this.#tracing.span(
        `job ${name}`,
        { from: trace, attributes },
        async () => await handler.run(data),
      );
    } else await handler.run(data);
    this.#checkpoint(`after job ${name}`);
  }

  /** Deletes what is done, all that has gathered in one statement. Lost deletions only repeat an idempotent effect. */
  async #flush(): Promise<void> {
    try {
      while (this.#done.length > 0) {
        const ids = this.#done.splice(0);
        await this.#delete(ids).catch((error: unknown) => {
          this.#log.debug({ err: error }, 'done jobs could not be deleted');
        });
      }
    } finally {
      this.#flushing = null;
    }
  }

  async #delete(ids: readonly string[]): Promise<void> {
    await raw`DELETE FROM pgboss.job WHERE name = ${EFFECTS} AND id = ANY(${[...ids]}::uuid[])`.execute(
      this.#database.sql,
    );
  }

  async #releaseLeases(): Promise<void> {
    const now = new Date(this.#clock.now());
    await raw`UPDATE pgboss.job SET start_after = ${now} WHERE name = ${EFFECTS} AND state < 'active' AND start_after > ${now}`.execute(
      this.#database.sql,
    );
  }

  /** The engine's own way to change a job goes through all that wait, which takes the longer the more there are. */
  async #startAfter(ids: readonly string[], at: number): Promise<void> {
    await raw`UPDATE pgboss.job SET start_after = ${new Date(at)} WHERE name = ${EFFECTS} AND id = ANY(${[...ids]}::uuid[]) AND state < 'active'`.execute(
      this.#database.sql,
    );
  }

  async #run(jobs: JobWithMetadata<JobData>[]): Promise<JobResult[]> {
    const batch = this.#batch(jobs);
    this.#fetched.add(batch);
    try {
      return await batch;
    } finally {
      this.#fetched.delete(batch);
    }
  }

  async #batch(jobs: JobWithMetadata<JobData>[]): Promise<JobResult[]> {
    this.#lastTick = this.#clock.now();
    return await Promise.all(
      jobs.map(async (job): Promise<JobResult> => {
        // Fetched from the queue while still run directly here: that run will delete it.
        if (this.#running.has(job.id)) return { id: job.id, status: 'failed' };
        this.#observer.started(job.name, Math.max(0, this.#clock.now() - job.startAfter.getTime()));
        try {
          await this.#perform(job.data);
          return { id: job.id, status: 'completed' };
        } catch (error) {
          if (error instanceof TryAgainLater && (await this.#postponed(job, error.delayMs))) {
            return { id: job.id, status: 'completed' };
          }
          await this.#failed(job, error);
          return { id: job.id, status: 'failed' };
        }
      }),
    );
  }

  /** The engine's own retries know no time and end some day: the job is written anew in place of this one. */
  async #postponed(job: JobWithMetadata<JobData>, delayMs: number): Promise<boolean> {
    const { name: queue, data, priority } = job;
    const startAfter = new Date(this.#clock.now() + delayMs);
    try {
      await this.#boss.insert(queue, [{ id: randomUUID(), data, priority, startAfter }]);
      return true;
    } catch (error) {
      this.#log.warn({ err: error, job: data.name, ...data.data }, 'a job could not be postponed');
      return false;
    }
  }

  async #failed(job: JobWithMetadata<JobData>, error: unknown): Promise<void> {
    const last = job.retryCount >= job.retryLimit;
    this.#log[last ? 'error' : 'warn'](
      { err: error, job: job.data.name, ...job.data.data, last },
      'a job failed',
    );
    this.#observer.failed(job.data.name);
    if (!last) return;
    this.#observer.gaveUp(job.data.name);
    await this.#handlers
      .get(job.data.name)
      ?.gaveUp?.(job.data.data, error)
      .catch((cause: unknown) =>
        this.#log.error({ err: cause, job: job.data.name }, 'giving up a job failed'),
      );
  }
}

/**
 * Jobs of both queues in one statement. The engine's own takes one queue at a time and reads its row each time: twice as
 * long (docs/performance.md). That these are as its own is held to by a test.
 */
async function insertLater(sql: Transaction<Schema>, jobs: readonly LaterJob[]): Promise<void> {
  const rows = jobs.map(({ queue, id, data, priority, startAfter }) => ({
    ...{ name: queue, id, data, priority },
    start_after: startAfter,
    expire_seconds: EXPIRES_IN[queue],
  }));
  const { retryLimit, retryDelay, retryBackoff, retryDelayMax } = RETRIES;
  await raw`
    INSERT INTO pgboss.job (
      id, name, data, priority, start_after, keep_until, expire_seconds,
      retry_limit, retry_delay, retry_backoff, retry_delay_max, deletion_seconds, policy
    )
    SELECT
      id, name, data, priority, start_after, start_after + interval '14 days', expire_seconds,
      ${raw.lit(retryLimit)}, ${raw.lit(retryDelay)}, ${raw.lit(retryBackoff)}, ${raw.lit(retryDelayMax)},
      ${raw.lit(DELETED_AFTER)}, 'standard'
    FROM json_to_recordset(${JSON.stringify(rows)}::json) AS jobs (
      id uuid, name text, data jsonb, priority integer, start_after timestamptz, expire_seconds integer
    )`.execute(sql);
}
