import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { Logger } from 'pino';
import { noCheckpoint, type Checkpoint } from './checkpoint.ts';
import { inTime, type Clock } from '../clock.ts';
import { Crowd } from './crowd.ts';
import { JobFailures, UNKNOWN_PAUSE_MS } from './jobFailures.ts';
import { unobserved, type JobHandler, type JobObserver, type RegisteredHandler } from './jobHandler.ts';
import { CARDS, payloadReader, idsOf, type JobName } from './jobKinds.ts';
import { idOf, keyOf, wantedBy, type JobRequest } from './jobRequests.ts';
import { JobResults, type JobResult } from './jobResults.ts';
import {
  concludeJobs,
  hastenJobs,
  takeDue,
  type Conclusion,
  type JobData,
  type JobKey,
  type LastWrite,
  type OwnJob,
} from './jobStore.ts';
import { apartFromRequests } from './lanes.ts';
import type { Database } from './open.ts';
import { ProcessLease } from './processLease.ts';
import type { Schema } from './schema.ts';
import { Sweeper } from './sweeper.ts';
import { noTracing, type Tracing } from './tracing.ts';
import { LeaseLost, TryAgainLater } from './tryAgain.ts';

/** A job that this process runs. It stays one until its result is stored. */
interface Running {
  job: OwnJob;
  /** The same job, requested again since. */
  again: OwnJob | null;
  /** A transaction has stored that it is done. */
  isFinished: boolean;
  over: Promise<void>;
}

/** What a transaction changes about jobs, and its other last writes. */
interface Wishes extends Pick<Conclusion, 'finished' | 'writes'> {
  wanted: readonly JobRequest[];
  dropped: readonly JobRequest[];
}

/** The result of a transaction's changes. */
interface Concluded {
  /** Effects for this process to run now. */
  effects: readonly OwnJob[];
  finished: readonly OwnJob[];
  /** Finished, but requested again meanwhile. */
  released: readonly JobKey[];
}

/** Beyond this many, jobs wait in the table, where any process can take them. Cards that wait for others do not count. */
const MAX_RUNNING = 200;
/** A row that names this process as owner of a job it does not run is free after this: its commit was not confirmed. */
const LOST_MS = 5_000;

/**
 * Runs the jobs that are stored in the database (jobStore.ts). The transaction that requests a job also writes it, so
 * the job exists exactly if that transaction committed. Some process runs it at least once.
 *
 * Effects do not wait for a sweep: their row names this process as the owner, which runs them after the commit. If
 * the owner dies, another process takes its jobs when its lease has run out. With an embedded database the next start
 * takes them.
 */
export class Jobs {
  /** Identifies this process. New at each start. */
  readonly id = randomUUID();
  /** Work that is no job may take its turn among them. */
  readonly crowd: Crowd;
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #checkpoint: Checkpoint;
  readonly #observer: JobObserver;
  readonly #tracing: Tracing;
  readonly #lease: ProcessLease;
  /** In the run of a job: tells whether another process may have taken over since it began. */
  readonly #leaseOfRun = new AsyncLocalStorage<() => boolean>();
  readonly #failures: JobFailures;
  readonly #results: JobResults;
  readonly #sweeper: Sweeper;
  readonly #handlers = new Map<string, RegisteredHandler>();
  readonly #running = new Map<string, Running>();
  /** Jobs that are done but were requested again before that was stored. Their rows have no owner. */
  readonly #released = new Set<string>();
  /** How many cards wait for more urgent work. They hold nothing that others need. */
  #yielding = 0;
  /** There may be more due jobs than could be taken. */
  #isBehind = false;
  #stopping = false;
  /** When the engine last looked for work successfully or began some. Epoch milliseconds. */
  #lastTick = 0;

  constructor(
    database: Database,
    clock: Clock,
    log: Logger,
    checkpoint: Checkpoint = noCheckpoint,
    observer: JobObserver = unobserved,
    tracing: Tracing = noTracing,
    crowd = new Crowd(clock),
  ) {
    this.#tracing = tracing;
    this.#observer = observer;
    this.#database = database;
    this.#checkpoint = checkpoint;
    this.#clock = clock;
    this.#lease = new ProcessLease(database, clock, this.id);
    this.crowd = crowd;
    this.#sweeper = new Sweeper({
      clock,
      log,
      pollMs: database.pollSeconds * 1_000,
      sweep: async () => await this.#take(),
    });
    this.#failures = new JobFailures({ clock, log, observer });
    this.#results = new JobResults({
      database,
      clock,
      log,
      owner: this.id,
      isOver: () => this.#lease.ended,
      released: (keys) => this.#release(keys),
      dueAt: (dueAt) => this.#sweeper.by(dueAt),
    });
  }

  /** Registers the handler of a kind. All handlers are registered before start. */
  handle<Name extends JobName>(name: Name, handler: JobHandler<Name>): void {
    const read = payloadReader(name);
    const { useful } = handler;
    this.#handlers.set(name, {
      run: async (job) => await handler.run(read(job.data), job),
      ...(useful && {
        useful: {
          forMs: useful.forMs,
          over: async (data: JobData, error: unknown) => await useful.over(read(data), error),
        },
      }),
    });
  }

  async start(): Promise<void> {
    // Without a lease it must not start, whereas a sweep that fails is repeated.
    await this.#lease.renew();
    await this.#sweeper.start();
  }

  /**
   * Ends the caller's transaction: stores the requested jobs, removes the finished ones and makes the last writes.
   *
   * @returns pass it to `concluded` after the commit
   */
  async conclude(
    trx: Transaction<Schema>,
    { wanted: requests, dropped, finished, writes }: Wishes,
  ): Promise<Concluded> {
    const now = this.#clock.now();
    const direct = this.runsNow;
    const trace = this.#tracing.here() ?? null;
    const wanted = wantedBy(requests, { now, trace, owner: direct ? this.id : null });
    if (!direct && wanted.size > 0) this.#isBehind = true;
    // A job that the transaction requests again must not be removed by the same statement.
    const isOver = (job: JobKey): boolean => !wanted.has(idOf(job));
    const over = finished.filter(isOver);
    const outcome = await concludeJobs(
      trx,
      { wanted: [...wanted.values()], dropped: dropped.map(keyOf).filter(isOver), finished: over, writes },
      { owner: this.id, now },
    );
    // In the order of the requests.
    const order = [...wanted.keys()];
    const effects = outcome.own
      .toSorted((one, other) => order.indexOf(idOf(one)) - order.indexOf(idOf(other)))
      .map((job) => ({ ...job, justStored: wanted.get(idOf(job))?.justStored }));
    return { effects, finished: over, released: outcome.released };
  }

  /**
   * A transaction has committed: starts its effects without waiting for them.
   *
   * @param wanted all its requests: their deadlines do not wait for the next sweep
   */
  concluded({ effects, finished, released }: Concluded, wanted: readonly JobRequest[]): void {
    this.#release(released);
    for (const job of finished) {
      const running = this.#running.get(idOf(job));
      if (running?.job.wanted === job.wanted) running.isFinished = true;
    }
    this.#run(effects);
    for (const { dueAt, notBefore } of wanted) {
      const at = dueAt ?? notBefore;
      if (at !== undefined) this.#sweeper.by(at);
    }
  }

  /** Finishes a job and stores its result in one statement. */
  async finish(job: OwnJob, write: LastWrite): Promise<void> {
    const { released } = await concludeJobs(
      this.#database.sql,
      { wanted: [], finished: [job], writes: [write] },
      { owner: this.id, now: this.#clock.now() },
    );
    this.concluded({ effects: [], finished: [job], released }, []);
  }

  /** Makes the waiting jobs of these kinds due now, for instance after a restart when their reason to wait is gone. */
  async hasten(names: readonly JobName[]): Promise<void> {
    await hastenJobs(this.#database.sql, names, this.#clock.now());
  }

  /** Resolves when this process runs no job. Jobs due later do not count. */
  async idle(): Promise<void> {
    while (this.busy) {
      await Promise.all([...Array.from(this.#running.values(), ({ over }) => over), this.#sweeper.underWay]);
    }
  }

  /** Whether this process starts the effects of a transaction as soon as it has committed. */
  get runsNow(): boolean {
    return !this.#stopping && this.#room > 0;
  }

  get #room(): number {
    return MAX_RUNNING - (this.#running.size - this.#yielding);
  }

  get busy(): boolean {
    return this.#running.size > 0 || this.#sweeper.underWay !== null;
  }

  /** When the engine last looked for work successfully or began some. Epoch milliseconds. */
  get lastTick(): number {
    return this.#lastTick;
  }

  /**
   * Call this before sending anything that two processes must not both send.
   *
   * @throws LeaseLost if another process may have taken over
   */
  assertLease(): void {
    if (this.isTakenOver) throw new LeaseLost();
  }

  /**
   * Whether this process stood still for so long that another one may have taken over: the job in which this is asked, if
   * there is one, even if this process has renewed its lease since.
   */
  get isTakenOver(): boolean {
    return this.#lease.isLost || (this.#leaseOfRun.getStore()?.() ?? false);
  }

  /** Waits at most `graceMs` for the running jobs, then hands the rest over to other processes. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    this.#sweeper.stop();
    await inTime(this.idle(), graceMs, () => undefined);
    await this.#lease.end();
  }

  #run(jobs: readonly OwnJob[]): void {
    if (this.#lease.ended) return;
    apartFromRequests(() => {
      for (const job of jobs.toSorted((one, other) => other.priority - one.priority)) {
        const id = idOf(job);
        const known = this.#running.get(id);
        if (known) known.again = job;
        else {
          const running: Running = { job, again: null, isFinished: false, over: Promise.resolve() };
          this.#running.set(id, running);
          running.over = this.#carryOut(running);
        }
      }
    });
  }

  /** Never throws. */
  async #carryOut(running: Running): Promise<void> {
    const { job } = running;
    const id = idOf(job);
    const ended = await this.#resultOf(job);
    // The transaction that finished it has removed its row: a failure after that does not matter.
    const result: JobResult = running.isFinished ? { done: job } : ended;
    if (!running.isFinished) await this.#results.store(result);
    this.#running.delete(id);
    const isReleased = this.#released.delete(id);
    const isDue = 'putOff' in result && result.putOff.dueAt <= this.#clock.now();
    // Its row was removed before it was requested again: this process owns the new row.
    if ('done' in result && running.again && !isReleased) this.#run([running.again]);
    else if (isReleased || running.again || isDue || this.#isBehind) this.#sweeper.now();
  }

  async #resultOf(job: OwnJob): Promise<JobResult> {
    try {
      await this.#performInTurn(job);
      return { done: job };
    } catch (error) {
      if (!(error instanceof TryAgainLater))
        return await this.#failures.after(job, error, this.#handlers.get(job.name)?.useful);
      const dueAt = this.#clock.now() + error.delayMs;
      return { putOff: { ...job, dueAt, attempts: 0, failingSince: null, problem: null } };
    }
  }

  async #performInTurn(job: OwnJob): Promise<void> {
    const yielding = job.priority <= CARDS ? 1 : 0;
    this.#yielding += yielding;
    await this.crowd.run(job.priority, async () => {
      this.#yielding -= yielding;
      await this.#perform(job);
    });
  }

  async #perform(job: OwnJob): Promise<void> {
    const { name, trace } = job;
    const handler = this.#handlers.get(name);
    // A newer version of the code may have written it: a process of that version will run it.
    if (!handler) throw new TryAgainLater(UNKNOWN_PAUSE_MS);
    if (this.#lease.isLost) throw new LeaseLost();
    this.#lastTick = this.#clock.now();
    this.#checkpoint(`before job ${name}`);
    const run = async (): Promise<void> =>
      await this.#leaseOfRun.run(this.#lease.watch(), async () => await handler.run(job));
    // Jobs that no request led to have no trace.
    if (trace) {
      const around = { from: trace, attributes: idsOf(job) };
      await this.#tracing.span(`job ${name}`, around, run);
    } else await run();
    this.#checkpoint(`after job ${name}`);
  }

  #release(keys: readonly JobKey[]): void {
    for (const key of keys) this.#released.add(idOf(key));
  }

  /** Renews the lease, and takes as many due jobs as there is room for. */
  async #take(): Promise<void> {
    await this.#lease.renew();
    const now = this.#clock.now();
    const most = this.#room;
    this.#isBehind = most <= 0;
    if (this.#isBehind) return;
    const own = { owner: this.id, running: Array.from(this.#running.values(), ({ job }) => job) };
    const { taken, nextDue } = await takeDue(this.#database.sql, own, {
      now,
      most,
      lostBefore: now - LOST_MS,
    });
    this.#lastTick = this.#clock.now();
    this.#isBehind = taken.length >= most;
    for (const { dueAt } of taken) this.#observer.started(Math.max(0, now - dueAt));
    this.#run(taken);
    if (nextDue !== null) this.#sweeper.by(nextDue);
  }
}
