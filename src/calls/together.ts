import type { Logger } from 'pino';
import { inTime } from '../clock.ts';
import { isDatabaseAway } from '../database/away.ts';
import { Gathering } from '../database/gathering.ts';

/** How many requests share a transaction at most: each may have half a megabyte. */
const TOGETHER = 50;
/** A transaction that takes longer is waiting for a lock. The next requests do not wait for it. */
const STALLED_MS = 100;

interface Parts<Request, Result> {
  /**
   * Takes all in one transaction, which waits for no lock.
   *
   * @returns the result of each; null for one that must be taken alone
   */
  together: (requests: readonly Request[]) => Promise<(Result | null)[]>;
  alone: (request: Request) => Promise<Result>;
  /** How long a request waits for its turn. Milliseconds. */
  patienceMs?: number | undefined;
  /** For the log: "... could not be taken together". */
  what: string;
  log?: Pick<Logger, 'warn'> | undefined;
  /** A transaction may wait for a lock: the next requests stay behind it, so that no more connections wait. */
  staysBehind?: boolean;
}

interface Waiting<Request, Result> {
  request: Request;
  outcome: PromiseWithResolvers<Result>;
}

/**
 * Batches requests to the database. Requests that arrive while a transaction runs share the next one, even if they
 * concern different calls; a single request costs no more than alone. A request is answered only after its transaction has
 * committed.
 */
export class Together<Request, Result extends object> {
  readonly #parts: Parts<Request, Result>;
  readonly #gathering: Gathering<Waiting<Request, Result>>;

  constructor(parts: Parts<Request, Result>) {
    this.#parts = parts;
    this.#gathering = new Gathering(
      async (waiting) => {
        const taking = this.#take(waiting);
        await (parts.staysBehind ? taking : inTime(taking, STALLED_MS, () => undefined));
      },
      { most: TOGETHER, ...(parts.patienceMs !== undefined && { patienceMs: parts.patienceMs }) },
    );
  }

  /**
   * @throws TurnTimeout if its turn did not come in time; the database's error if it cannot be stored. Then nothing of
   * it is stored
   */
  async take(request: Request): Promise<Result> {
    const outcome = Promise.withResolvers<Result>();
    const [taken] = await Promise.all([outcome.promise, this.#gathering.write({ request, outcome })]);
    return taken;
  }

  /** Never throws: each request has its own outcome. */
  async #take(waiting: readonly Waiting<Request, Result>[]): Promise<void> {
    const alone = waiting.length > 1 ? await this.#together(waiting) : waiting;
    await Promise.all(
      alone.map(async ({ request, outcome }) => {
        await this.#parts.alone(request).then(outcome.resolve, outcome.reject);
      }),
    );
  }

  /** @returns the requests that must be taken alone */
  async #together(
    waiting: readonly Waiting<Request, Result>[],
  ): Promise<readonly Waiting<Request, Result>[]> {
    const { together, what, log } = this.#parts;
    try {
      const outcomes = await together(waiting.map(({ request }) => request));
      return waiting.filter(({ outcome }, nth) => {
        const taken = outcomes[nth] ?? null;
        if (taken !== null) outcome.resolve(taken);
        return taken === null;
      });
    } catch (error) {
      if (!isDatabaseAway(error)) {
        // A request that cannot be stored must not block the others.
        log?.warn({ err: error, requests: waiting.length }, `${what} could not be taken together`);
        return waiting;
      }
      for (const { outcome } of waiting) outcome.reject(error);
      return [];
    }
  }
}
