import { AsyncLocalStorage } from 'node:async_hooks';
import { inTime, systemClock, type Clock } from '../clock.ts';
import { PATIENCE_MS, TurnTimeout } from './transactionErrors.ts';

/** The database share of an incoming request. */
interface Request {
  /** Earlier requests go first. */
  place: number;
  /** It has had a connection once: finishing it is worth more than starting another. */
  served: boolean;
  holding: number;
  /** It timed out once: its later queries fail at once. */
  gaveUp: TurnTimeout | null;
}

interface Waiting {
  place: number;
  go: () => void;
}

const requests = new AsyncLocalStorage<Request | null>();
let places = 0;

/**
 * A request that has had a connection once waits this many times as long. It reaches that limit only if the database
 * stands still.
 */
const SERVED_PATIENCE = 2;

/** Runs `task` as an incoming request: many of them cannot take the connections away from calls in progress. */
export async function asRequest<T>(task: () => Promise<T>): Promise<T> {
  return await requests.run({ place: places++, served: false, holding: 0, gaveUp: null }, task);
}

/** Runs what continues on its own after a request. */
export function apartFromRequests<T>(task: () => T): T {
  return requests.run(null, task);
}

/**
 * Limits how many connections requests hold together. Everything else is not limited. Sharing transactions
 * (groupCommit.ts) does not replace it: most requests also read, each by itself.
 */
export class RequestLane {
  readonly #patienceMs: number;
  readonly #clock: Pick<Clock, 'setTimeout' | 'clearTimeout'>;
  #free: number;
  /** Ordered by place. */
  readonly #waiting: Waiting[] = [];

  /** @param patienceMs how long a request waits for its first connection */
  constructor(
    connections: number,
    patienceMs = PATIENCE_MS,
    clock: Pick<Clock, 'setTimeout' | 'clearTimeout'> = systemClock,
  ) {
    this.#free = connections;
    this.#patienceMs = patienceMs;
    this.#clock = clock;
  }

  /**
   * Waits until the current request may have a connection.
   *
   * @returns a function to call once to give it back; null outside a request, or if the request holds one already (it
   * would wait for itself)
   * @throws TurnTimeout after `patienceMs`, or twice that once it has had a connection; from then on at once
   */
  async enter(): Promise<(() => void) | null> {
    const request = requests.getStore();
    if (!request || request.holding > 0) return null;
    if (request.gaveUp) throw request.gaveUp;
    if (this.#free > 0) this.#free -= 1;
    else await this.#wait(request);
    request.served = true;
    request.holding += 1;
    return () => {
      request.holding -= 1;
      const [next] = this.#waiting.splice(0, 1);
      if (next) next.go();
      else this.#free += 1;
    };
  }

  async #wait(request: Request): Promise<void> {
    const { place, served } = request;
    const { promise: turn, resolve: go } = Promise.withResolvers<void>();
    const own = { place, go };
    const behind = this.#waiting.findIndex((other) => other.place > place);
    this.#waiting.splice(behind < 0 ? this.#waiting.length : behind, 0, own);
    const patience = served ? SERVED_PATIENCE * this.#patienceMs : this.#patienceMs;
    await inTime(
      turn,
      patience,
      () => {
        this.#waiting.splice(this.#waiting.indexOf(own), 1);
        request.gaveUp = new TurnTimeout(patience);
        throw request.gaveUp;
      },
      this.#clock,
    );
  }
}
