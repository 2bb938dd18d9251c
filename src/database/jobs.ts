import { createHash, randomUUID } from 'node:crypto';
import type { Transaction } from 'kysely';
import type { Logger } from 'pino';
import { noCheckpoint, type Checkpoint } from './checkpoint.ts';
import { inTime, type Clock } from '../clock.ts';
import { noTracing, type Tracing } from './tracing.ts';
import {
  concludeJobs,
  databaseTime,
  endLease,
  hastenJobs,
  putOff,
  renewLease,
  takeDue,
  type Conclusion,
  type JobData,
  type JobKey,
  type LastWrite,
  type OwnJob,
  type PutOffJob,
  type WantedJob,
} from './jobStore.ts';
import { SharedClock } from './sharedClock.ts';
import { apartFromRequests } from './lanes.ts';
import type { Database } from './open.ts';
import type { Schema } from './schema.ts';

/** What is to be done. `data` is small, and holds ids only: the handler reads the rest when it runs. */
export interface JobRequest {
  name: string;
  data: JobData;
  /**
   * A deadline: epoch milliseconds at which it is due. Without it the job is an effect: it is run at once, in this
   * process, when its transaction has committed. An effect that is wanted while the same one runs is run once more
   * afterwards; never twice at a time, on however many replicas.
   */
  dueAt?: number;
  /** The effect is to wait until then, unless another request wants it sooner. Epoch milliseconds. */
  notBefore?: number;
  /** Higher goes first when there are many; 0 if it is not given. */
  priority?: number;
}

export interface JobHandler {
  /**
   * Runs until it succeeds: a job that fails is tried again for ever, with growing pauses.
   *
   * @param job to be given to `Work.finish` by the transaction that stores what came of it, if there is one
   */
  run(data: JobData, job: OwnJob): Promise<void>;
  /** What is of no use some time after it was wanted is dropped when it fails then: what was accepted must not end in silence. */
  useful?: { forMs: number; over(data: JobData, error: unknown): Promise<void> };
}

/** Sees how jobs fare. Names are those of the code. */
export interface JobObserver {
  /** @param latenessMs how long after it was due */
  started(latenessMs: number): void;
  failed(name: string): void;
  /** It was dropped, because it is of no use any more. */
  dropped(name: string): void;
  /** It fails for minutes: somebody should look. Told again each hour. */
  stuck(name: string, failingForMs: number): void;
}

const unobserved: JobObserver = {
  started: () => undefined,
  failed: () => undefined,
  dropped: () => undefined,
  stuck: () => undefined,
};

/** Thrown by a handler to say when to try again, as often as it likes; whatever else is thrown is a failure. */
export class TryAgainLater extends Error {
  readonly delayMs: number;
  readonly data: JobData | undefined;
  /** @param options.data what the next run is to be given in place of its own */
  constructor(delayMs: number, { data, ...options }: { cause?: unknown; data?: JobData } = {}) {
    super(`try again in ${delayMs} ms`, options);
    this.name = 'TryAgainLater';
    this.delayMs = delayMs;
    this.data = data;
  }
}

/** This process has not been heard of for so long that others may do its work: it must not send anything. */
export class LeaseLost extends TryAgainLater {
  constructor() {
    super(0);
    this.name = 'LeaseLost';
  }
}

/** A job that this process is at. It is so until what became of it is stored. */
interface Running {
  job: OwnJob;
  /** The same one, wanted once more since. */
  again: OwnJob | null;
  /** A transaction has stored that it is done. */
  isFinished: boolean;
  over: Promise<void>;
}

/** A job that lets more urgent ones go first. */
interface Yielding {
  priority: number;
  go: () => void;
}

/** What became of jobs, on its way to the database: what comes while it is stored shares the next statement. */
interface Outcomes {
  done: OwnJob[];
  putOff: PutOffJob[];
}

type Outcome = { done: OwnJob } | { putOff: PutOffJob };

/** What a transaction makes of jobs, and its other last writes. */
interface Wishes extends Pick<Conclusion, 'finished' | 'writes'> {
  wanted: readonly JobRequest[];
}

/** What came of it. */
interface Concluded {
  /** What this process is to do now. */
  effects: readonly OwnJob[];
  finished: readonly OwnJob[];
  /** Finished, and wanted again. */
  released: readonly JobKey[];
}

/** Deadlines that are due together are looked for once: they are this much late at most, in milliseconds. */
const TOGETHER_MS = 100;
/** A process that has not been heard of for so long may be replaced: at least, and in sweeps. */
const LEASE_MS = 6_000;
const LEASE_SWEEPS = 3;
/** Processes that ended without a word are forgotten after this. */
const FORGOTTEN_MS = 3_600_000;
/** More than this at a time wait in the table instead, where every process can take them; not counting those that yield. */
const MAX_RUNNING = 200;
/** A row that says that this process is at it, and it does not know of: its commit was not answered. */
const LOST_MS = 5_000;
/** With more urgent ones than this under way the others wait for them; but not for ever. */
const CROWD = 10;
const YIELD_MS = 2_000;
/** Pauses after failures, in milliseconds: each twice as long as the one before. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** A job of a name that this version of the code does not know. */
const UNKNOWN_PAUSE_MS = 5_000;
/** What fails for so long is told, and again after an hour. */
const STUCK_MS = 5 * 60_000;
const TOLD_AGAIN_MS = 3_600_000;

/**
 * What lies ahead, as rows of the database (jobStore.ts). A job is written in the transaction that wants it, so it exists
 * exactly if that transaction committed, and it is carried out at least once, by any process.
 *
 * Effects do not wait for a sweep: their row says that this process is at them, which runs them after the commit. What a
 * process was at when it died is anybody's when its lease has run out; on an embedded database at the next start.
 */
export class Jobs {
  /** Of this process, new at each start. */
  readonly id = randomUUID();
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #checkpoint: Checkpoint;
  readonly #observer: JobObserver;
  readonly #tracing: Tracing;
  readonly #handlers = new Map<string, JobHandler>();
  readonly #running = new Map<string, Running>();
  /** Priorities of the running ones that do not yield. */
  readonly #priorities: number[] = [];
  readonly #yielding = new Set<Yielding>();
  #outcomes: Outcomes = { done: [], putOff: [] };
  #storing: Promise<void> | null = null;
  /** Of what is done: what was wanted once more before that was stored. It is nobody's. */
  readonly #released = new Set<string>();
  #sweeping: Promise<void> | null = null;
  #sweepAgain = false;
  /** There may be more than could be taken. */
  #isBehind = false;
  /** The next sweep: its timer, and when it goes off. */
  #next: { timer: unknown; at: number } | null = null;
  /** Until when this process may act, by its monotonic clock; null if nobody else can be at the database. */
  #leasedUntil: number | null = null;
  readonly #told = new Map<string, number>();
  #isStarted = false;
  #stopping = false;
  /** What this process had not finished is another's now. */
  #handedBack = false;
  /** When the engine last looked for work with success, or began some. Epoch milliseconds. */
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
  }

  /** Registers what runs jobs of a name. All names are registered before start. */
  handle(name: string, handler: JobHandler): void {
    this.#handlers.set(name, handler);
  }

  async start(): Promise<void> {
    await this.#renew();
    this.#isStarted = true;
    await this.#sweep();
  }

  /**
   * Ends the caller's transaction: wants jobs, removes those that are done with, and writes what is left to write.
   *
   * @returns to be handed to `concluded` after the commit
   */
  async conclude(
    trx: Transaction<Schema>,
    { wanted: requests, finished, writes }: Wishes,
  ): Promise<Concluded> {
    const now = this.#clock.now();
    const direct = this.runsNow;
    const trace = this.#tracing.here() ?? null;
    const wanted = new Map<string, WantedJob>();
    for (const { name, data, dueAt, notBefore, priority = 0 } of requests) {
      const key = keyOf(data, dueAt);
      const at = dueAt ?? notBefore;
      const owner = at === undefined && direct ? this.id : null;
      const id = `${name} ${key}`;
      const known = wanted.get(id);
      if (known && (known.owner !== null || (owner === null && known.dueAt <= (at ?? now)))) continue;
      wanted.set(id, { name, key, data, dueAt: at ?? now, priority, owner, trace });
    }
    if (!direct && wanted.size > 0) this.#isBehind = true;
    // What is wanted again by its own end is removed, if at all, in a statement of its own.
    const over = finished.filter((job) => !wanted.has(idOf(job)));
    const outcome = await concludeJobs(
      trx,
      { wanted: [...wanted.values()], finished: over, writes },
      { owner: this.id, now },
    );
    // In the order in which they were wanted.
    const order = [...wanted.keys()];
    const effects = outcome.own.toSorted(
      (one, other) => order.indexOf(idOf(one)) - order.indexOf(idOf(other)),
    );
    return { effects, finished: over, released: outcome.released };
  }

  /**
   * A transaction has committed: runs its effects, and does not wait for them.
   *
   * @param wanted all that it wanted: its deadlines do not wait for the next sweep
   */
  concluded({ effects, finished, released }: Concluded, wanted: readonly JobRequest[]): void {
    for (const key of released) this.#released.add(idOf(key));
    for (const job of finished) {
      const running = this.#running.get(idOf(job));
      if (running?.job.wanted === job.wanted) running.isFinished = true;
    }
    this.#run(effects);
    for (const { dueAt, notBefore } of wanted) {
      const at = dueAt ?? notBefore;
      if (at !== undefined) this.#sweepBy(at);
    }
  }

  /** Ends a job with what came of it, in one statement. */
  async finish(job: OwnJob, write: LastWrite): Promise<void> {
    const { released } = await concludeJobs(
      this.#database.sql,
      { wanted: [], finished: [job], writes: [write] },
      { owner: this.id, now: this.#clock.now() },
    );
    this.concluded({ effects: [], finished: [job], released }, []);
  }

  /** Makes the waiting jobs of these names due now: for a start, when what they waited for is over. */
  async hasten(names: readonly string[]): Promise<void> {
    await hastenJobs(this.#database.sql, names, this.#clock.now());
  }

  /** Resolves when no job is being run by this process. Those that lie ahead do not count. */
  async idle(): Promise<void> {
    while (this.busy) {
      await Promise.all([...Array.from(this.#running.values(), ({ over }) => over), this.#sweeping]);
    }
  }

  /** Whether this process begins the effects of a transaction as soon as it has committed. */
  get runsNow(): boolean {
    return !this.#stopping && this.#room > 0;
  }

  /** Those that let others go first are in nobody's way. */
  get #room(): number {
    return MAX_RUNNING - (this.#running.size - this.#yielding.size);
  }

  get busy(): boolean {
    return this.#running.size > 0 || this.#sweeping !== null;
  }

  /** Epoch milliseconds at which the engine last looked for work with success, or began some. */
  get lastTick(): number {
    return this.#lastTick;
  }

  /**
   * To be called before anything is sent that must not be sent by two.
   *
   * @throws LeaseLost if this process has stood still for so long that another one may have taken over
   */
  assertLease(): void {
    if (this.#handedBack) throw new LeaseLost();
    if (this.#leasedUntil !== null && this.#clock.monotonic() >= this.#leasedUntil) throw new LeaseLost();
  }

  /** Ends: what runs is waited for, at most `graceMs`, and what is left is handed back for another process. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    this.#cancelSweep();
    await inTime(this.idle(), graceMs, () => undefined);
    this.#cancelSweep();
    this.#handedBack = true;
    await endLease(this.#database.sql, this.id, this.#clock.now() - FORGOTTEN_MS).catch(() => undefined);
  }

  #run(jobs: readonly OwnJob[]): void {
    if (this.#handedBack) return;
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
    const ended = await this.#outcomeOf(job);
    // Its row is gone: should it have failed after that, it is over all the same.
    const outcome: Outcome = running.isFinished ? { done: job } : ended;
    if (!running.isFinished) {
      if ('done' in outcome) this.#outcomes.done.push(outcome.done);
      else this.#outcomes.putOff.push(outcome.putOff);
      await this.#store();
    }
    this.#running.delete(id);
    const isReleased = this.#released.delete(id);
    const isDue = 'putOff' in outcome && outcome.putOff.dueAt <= this.#clock.now();
    // Its row was removed before it was wanted anew: that one is this process's own.
    if ('done' in outcome && running.again && !isReleased) this.#run([running.again]);
    else if (isReleased || running.again || isDue || this.#isBehind) this.#want();
  }

  async #outcomeOf(job: OwnJob): Promise<Outcome> {
    try {
      await this.#inOrder(job.priority, async () => await this.#perform(job));
      return { done: job };
    } catch (error) {
      if (!(error instanceof TryAgainLater)) return await this.#failed(job, error);
      const dueAt = this.#clock.now() + error.delayMs;
      const { data = job.data } = error;
      return { putOff: { ...job, data, dueAt, attempts: 0, failingSince: null, problem: null } };
    }
  }

  async #failed(job: OwnJob, error: unknown): Promise<Outcome> {
    const { name, data } = job;
    const now = this.#clock.now();
    this.#log.warn({ err: error, job: name, ...data }, 'a job failed; it is tried again');
    this.#observer.failed(name);
    const useful = this.#handlers.get(name)?.useful;
    if (useful && now - job.wantedAt >= useful.forMs) {
      try {
        await useful.over(data, error);
        this.#observer.dropped(name);
        return { done: job };
      } catch (cause) {
        this.#log.error({ err: cause, job: name }, 'a job could not be dropped');
      }
    }
    const failingSince = job.failingSince ?? now;
    this.#tellStuck(name, now - failingSince, now);
    const dueAt = now + pauseAfter(job.attempts);
    const problem = problemOf(error);
    return { putOff: { ...job, dueAt, attempts: job.attempts + 1, failingSince, problem } };
  }

  #tellStuck(name: string, failingForMs: number, now: number): void {
    if (failingForMs < STUCK_MS || now - (this.#told.get(name) ?? -Infinity) < TOLD_AGAIN_MS) return;
    this.#told.set(name, now);
    this.#log.error(
      { job: name, failingForSeconds: Math.round(failingForMs / 1000) },
      'a job fails again and again',
    );
    this.#observer.stuck(name, failingForMs);
  }

  /** In a crowd the more urgent go first: what they do is not slowed down by what can wait. */
  async #inOrder(priority: number, perform: () => Promise<void>): Promise<void> {
    if (this.#isCrowded(priority)) {
      const turn = Promise.withResolvers<void>();
      const own = { priority, go: turn.resolve };
      this.#yielding.add(own);
      await inTime(turn.promise, YIELD_MS, () => undefined, this.#clock);
      this.#yielding.delete(own);
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

  async #perform(job: OwnJob): Promise<void> {
    const { name, data, trace } = job;
    const handler = this.#handlers.get(name);
    // A newer version of the code may have written it: another process knows it.
    if (!handler) throw new TryAgainLater(UNKNOWN_PAUSE_MS);
    this.assertLease();
    this.#lastTick = this.#clock.now();
    this.#checkpoint(`before job ${name}`);
    // Jobs that the code begins by itself, without anybody's wish, have no trace.
    if (trace) {
      const attributes = { callId: data['callId'], escalationId: data['escalationId'] };
      const around = { from: trace, attributes };
      await this.#tracing.span(`job ${name}`, around, async () => await handler.run(data, job));
    } else await handler.run(data, job);
    this.#checkpoint(`after job ${name}`);
  }

  /** Resolves when all that has become of jobs so far is stored. */
  async #store(): Promise<void> {
    // It may have begun before what is to be stored was there; the next one has it, whoever begins that.
    await this.#storing;
    this.#storing ??= this.#storeAll().finally(() => (this.#storing = null));
    await this.#storing;
  }

  /** Again and again while the database is away: until it is stored no other process is to think that nobody is at it. */
  async #storeAll(): Promise<void> {
    while (!this.#handedBack) {
      const { done, putOff: later } = this.#outcomes;
      if (done.length + later.length === 0) return;
      this.#outcomes = { done: [], putOff: [] };
      try {
        if (done.length > 0) {
          const { released } = await concludeJobs(
            this.#database.sql,
            { wanted: [], finished: done, writes: [] },
            { owner: this.id, now: this.#clock.now() },
          );
          for (const key of released) this.#released.add(idOf(key));
        }
        if (later.length > 0) {
          await putOff(this.#database.sql, this.id, later);
          for (const { dueAt } of later) this.#sweepBy(dueAt);
        }
        return;
      } catch (error) {
        this.#log.debug({ err: error }, 'what became of jobs could not be stored');
        this.#outcomes = {
          // Removed once more they are not there, and that is all.
          done: [...done, ...this.#outcomes.done],
          putOff: [...later, ...this.#outcomes.putOff],
        };
        await new Promise<void>((resolve) => this.#clock.setTimeout(resolve, this.#pollMs));
      }
    }
  }

  get #pollMs(): number {
    return this.#database.pollSeconds * 1_000;
  }

  /** Looks for what is due, now. */
  #want(): void {
    if (!this.#isStarted || this.#stopping) return;
    void this.#sweep();
  }

  /** Looks for what is due at this time, or before. Epoch milliseconds. */
  #sweepBy(dueAt: number): void {
    if (!this.#isStarted || this.#stopping) return;
    const at = Math.ceil(dueAt / TOGETHER_MS) * TOGETHER_MS;
    if (this.#next && this.#next.at <= at) return;
    this.#cancelSweep();
    const timer = this.#clock.setTimeout(
      () => {
        this.#next = null;
        this.#want();
      },
      Math.max(0, at - this.#clock.now()),
    );
    this.#next = { timer, at };
  }

  #cancelSweep(): void {
    if (this.#next) this.#clock.clearTimeout(this.#next.timer);
    this.#next = null;
  }

  /** Never throws. What wants a sweep while one is under way gets another one. */
  async #sweep(): Promise<void> {
    if (this.#sweeping) {
      this.#sweepAgain = true;
      return await this.#sweeping;
    }
    this.#sweeping = apartFromRequests(async () => await this.#sweepAll());
    await this.#sweeping;
  }

  async #sweepAll(): Promise<void> {
    try {
      do {
        this.#sweepAgain = false;
        await this.#renew();
        await this.#take();
      } while (this.#sweepAgain && !this.#stopping);
    } catch (error) {
      this.#log.warn({ err: error }, 'the jobs that are due could not be read');
    } finally {
      this.#sweeping = null;
      this.#sweepBy(this.#clock.now() + this.#pollMs);
    }
  }

  async #take(): Promise<void> {
    const now = this.#clock.now();
    const most = this.#room;
    this.#isBehind = most <= 0;
    if (this.#isBehind) return;
    const own = { owner: this.id, running: Array.from(this.#running.values(), ({ job }) => job) };
    const { taken, nextDue } = await takeDue(this.#database.sql, own, {
      ...{ now, most },
      lostBefore: now - LOST_MS,
    });
    this.#lastTick = this.#clock.now();
    this.#isBehind = taken.length >= most;
    for (const { dueAt } of taken) this.#observer.started(Math.max(0, now - dueAt));
    this.#run(taken);
    if (nextDue !== null) this.#sweepBy(nextDue);
  }

  /** Says that this process is alive, early enough. Nobody else can be at an embedded database. */
  async #renew(): Promise<void> {
    if (this.#database.kind === 'pglite' || this.#handedBack) return;
    const now = this.#clock.monotonic();
    const lease = Math.max(LEASE_MS, LEASE_SWEEPS * this.#pollMs);
    if (this.#leasedUntil !== null && this.#leasedUntil - now > (lease * 2) / 3) return;
    if (this.#clock instanceof SharedClock) {
      await this.#clock.alignWith(async () => await databaseTime(this.#database.sql));
    }
    await renewLease(this.#database.sql, this.id, this.#clock.now() + lease);
    this.#leasedUntil = now + lease;
  }
}

function idOf({ name, key }: JobKey): string {
  return `${name} ${key}`;
}

/** Longer ones would make the index large. */
const LONGEST_KEY = 200;

/** The same for the same data; a deadline is another one at another time. */
function keyOf(data: JobData, dueAt: number | undefined): string {
  const entries = Object.entries(data).toSorted(([one], [other]) => (one < other ? -1 : 1));
  const text = JSON.stringify(dueAt === undefined ? entries : [...entries, dueAt]);
  return text.length <= LONGEST_KEY ? text : createHash('sha256').update(text).digest('base64url');
}

/** @param attempts how many have failed before. Milliseconds */
function pauseAfter(attempts: number): number {
  const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempts, 10));
  // Not all that failed together come again together.
  return Math.round(pause * (0.9 + Math.random() * 0.2));
}

/** Never a message: some repeat what was sent. */
function problemOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error ? `${error.name} ${String(error.code)}` : error.name;
}
