import { AsyncLocalStorage } from 'node:async_hooks';
import { inTime, systemClock, type Clock } from '../clock.ts';
import { PATIENCE_MS, TurnTimeout } from './turns.ts';

/** Somebody's request, as far as it needs the database. */
interface Request {
  /** Requests that came before go first, however far they are. */
  place: number;
  /** It has been served: what it does half is worth more than what others have not begun. */
  served: boolean;
  holding: number;
  /** It was told to come again: the rest of it does not wait anew. */
  gaveUp: TurnTimeout | null;
}

interface Waiting {
  place: number;
  go: () => void;
}

const requests = new AsyncLocalStorage<Request | null>();
let places = 0;

/**
 * A request that has been served once goes before all later ones. Its limit is this many times as long, and is reached only
 * if the database stands still.
 */
const SERVED_PATIENCE = 2;

/** Runs `task` as somebody's request: a crowd of them does not keep the connections from calls that are under way. */
export async function asRequest<T>(task: () => Promise<T>): Promise<T> {
  return await requests.run({ place: places++, served: false, holding: 0, gaveUp: null }, task);
}

/** Runs what goes on by itself when a request is done with. */
export function apartFromRequests<T>(task: () => T): T {
  return requests.run(null, task);
}

/** How many of the connections requests may hold together. Everything else passes by. */
export class RequestLane {
  readonly #patienceMs: number;
  readonly #clock: Pick<Clock, 'setTimeout' | 'clearTimeout'>;
  #free: number;
  /** By their places. */
  readonly #waiting: Waiting[] = [];

  /** @param patienceMs how long a request that has not been served at all waits */
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
   * Waits until the request that this runs in may have a connection.
   *
   * @returns gives it back, to be called once; null for what is no request, or holds one already: it would wait for
   * itself
   * @throws TurnTimeout if its patience was not enough, or twice as much once it has been served; and from then on at once
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
