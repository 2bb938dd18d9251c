import { setImmediate } from 'node:timers/promises';
import type { Logger } from 'pino';
import { inTime, systemClock, type Clock } from '../clock.ts';
import { RingdownError } from '../errors.ts';
import { isDatabaseAway } from './away.ts';
import { apartFromRequests, asRequest } from './lanes.ts';
import { Contended, PATIENCE_MS, TurnTimeout } from './transactionErrors.ts';

/** How many requests share a transaction at most: each may have half a megabyte. */
const MAX_BATCH = 50;
/** A transaction that takes longer is waiting for a lock. The next requests do not wait for it. */
const STALLED_MS = 100;

interface Parts<Request, Result> {
  /**
   * Carries out all in one transaction, or none.
   *
   * @param waits for locks that others hold; otherwise what needs such a lock is left out
   * @returns the result of each; null for one that must be taken alone, which never happens to one alone that `waits`
   */
  commit: (requests: readonly Request[], waits: boolean) => Promise<readonly (Result | null)[]>;
  /** For the log: "... could not be taken as a batch". */
  what: string;
  log?: Pick<Logger, 'warn'> | undefined;
  /** How long a request waits for its transaction to start. Milliseconds. */
  patienceMs?: number | undefined;
  /** Each has a transaction of its own, and so a trace of its own. */
  apart?: boolean | undefined;
  /**
   * They come from outside, and share the connections that requests may hold (lanes.ts). Otherwise they are work under
   * way.
   */
  asRequests?: boolean;
  /** One transaction at a time, however long it takes. */
  inOrder?: boolean;
  /**
   * Names what a request waits for if somebody else has its lock; null if nobody else waits for that. Requests that
   * wait for the same share a transaction, one at a time: so a crowd holds one connection, and makes nobody else late.
   * If not given, each waits by itself.
   */
  waitsFor?: (request: Request) => string | null;
  clock?: Pick<Clock, 'setTimeout' | 'clearTimeout'>;
}

interface Waiting<Request, Result> {
  request: Request;
  outcome: PromiseWithResolvers<Result>;
  timer: unknown;
}

/**
 * Batches requests to the database: those that arrive while a transaction runs share the next one. A transaction of
 * many costs little more than one of a single request, so nobody waits long in a crowd; and a crowd waits in memory,
 * where it holds no connection. A request is answered only after its transaction has committed.
 */
export class GroupCommit<Request, Result extends object | true> {
  readonly #parts: Parts<Request, Result>;
  readonly #waiting = new Set<Waiting<Request, Result>>();
  /** Those that wait for a lock, by what they wait for. */
  readonly #behind = new Map<string, GroupCommit<Request, Result>>();
  readonly #over: () => void;
  #isRunning = false;

  /** @param over called whenever nothing waits any more */
  constructor(parts: Parts<Request, Result>, over = (): void => undefined) {
    this.#parts = parts;
    this.#over = over;
  }

  /**
   * @throws TurnTimeout if its transaction did not start in time; what `commit` throws for it. Then nothing of it is
   * stored
   */
  async take(request: Request): Promise<Result> {
    const { apart, patienceMs = PATIENCE_MS, clock = systemClock } = this.#parts;
    if (apart) return await this.#alone(request);
    const outcome = Promise.withResolvers<Result>();
    const giveUp = (): void => {
      this.#waiting.delete(own);
      outcome.reject(new TurnTimeout(patienceMs));
    };
    const own: Waiting<Request, Result> = { request, outcome, timer: clock.setTimeout(giveUp, patienceMs) };
    this.#waiting.add(own);
    if (!this.#isRunning) void this.#run();
    return await outcome.promise;
  }

  async #run(): Promise<void> {
    const { inOrder, clock = systemClock } = this.#parts;
    this.#isRunning = true;
    while (this.#waiting.size > 0) {
      await this.#allHere();
      const batch = [...this.#waiting].slice(0, MAX_BATCH);
      for (const one of batch) {
        this.#waiting.delete(one);
        clock.clearTimeout(one.timer);
      }
      const taken = this.#take(batch);
      await (inOrder ? taken : inTime(taken, STALLED_MS, () => undefined, clock));
    }
    this.#isRunning = false;
    this.#over();
  }

  /**
   * The embedded database blocks the process during a statement, so a crowd is read one by one. Wait as long as each
   * turn of the event loop brings more.
   */
  async #allHere(): Promise<void> {
    let here: number;
    do {
      here = this.#waiting.size;
      await setImmediate();
    } while (this.#waiting.size > here && this.#waiting.size < MAX_BATCH);
  }

  /** Never throws: each request has its own outcome. */
  async #take(batch: readonly Waiting<Request, Result>[]): Promise<void> {
    const left = batch.length > 1 ? await this.#asBatch(batch) : batch;
    await Promise.all(
      left.map(
        async ({ request, outcome }) => await this.#byItself(request).then(outcome.resolve, outcome.reject),
      ),
    );
  }

  /** @returns those that must be taken alone */
  async #asBatch(batch: readonly Waiting<Request, Result>[]): Promise<readonly Waiting<Request, Result>[]> {
    const { what, log, inOrder } = this.#parts;
    try {
      const results = await this.#commit(
        batch.map(({ request }) => request),
        false,
      );
      return batch.filter(({ outcome }, nth) => {
        const result = results[nth] ?? null;
        if (result !== null) outcome.resolve(result);
        return result === null;
      });
    } catch (error) {
      // One that cannot be stored, or that waits for another transaction, must not stop the others.
      if (!isDatabaseAway(error) || (error instanceof Contended && !inOrder)) {
        log?.warn({ err: error, requests: batch.length }, `${what} could not be taken as a batch`);
        return batch;
      }
      for (const { outcome } of batch) outcome.reject(error);
      return [];
    }
  }

  async #byItself(request: Request): Promise<Result> {
    const { waitsFor } = this.#parts;
    const key = waitsFor?.(request) ?? null;
    if (key === null) return await this.#alone(request);
    const ahead = this.#behind.get(key);
    if (ahead) {
      // Those ahead may wait for another lock, so this one may be free.
      const [result] = await this.#commit([request], false);
      if (result) return result;
    }
    return await (this.#behind.get(key) ?? this.#waitingFor(key)).take(request);
  }

  #waitingFor(key: string): GroupCommit<Request, Result> {
    const { waitsFor: _, commit, ...parts } = this.#parts;
    const group = new GroupCommit<Request, Result>(
      { ...parts, commit: async (all) => await commit(all, true), inOrder: true },
      () => this.#behind.delete(key),
    );
    this.#behind.set(key, group);
    return group;
  }

  async #alone(request: Request): Promise<Result> {
    const [result] = await this.#commit([request], true);
    if (result) return result;
    throw new RingdownError('internal', { detail: `${this.#parts.what}: one was not taken` });
  }

  async #commit(requests: readonly Request[], waits: boolean): Promise<readonly (Result | null)[]> {
    const { asRequests, commit } = this.#parts;
    const run = async (): Promise<readonly (Result | null)[]> => await commit(requests, waits);
    return await (asRequests ? asRequest(run) : apartFromRequests(run));
  }
}
