import { setImmediate } from 'node:timers/promises';
import { inTime, type Clock } from '../clock.ts';

/**
 * So much work of an urgency goes on at once, counting what is more urgent, while the processor is busy. Fewer are done
 * sooner each; more share their transactions (docs/performance.md).
 */
const AT_ONCE = 20;
/** After a turn of the event loop that was longer than this, work waits for the processor, not for a service. */
const BUSY_MS = 1;
/** Nobody waits longer. */
const PATIENCE_MS = 2_000;

/** Work that goes on. */
export interface Going {
  /** Goes on as less urgent work, in its turn. */
  turnTo: (urgency: number) => Promise<void>;
  /** Call this at the end. */
  leave: () => void;
}

interface Waiting {
  urgency: number;
  go: () => void;
}

/**
 * While the processor is busy, the more urgent work goes first, and of equally urgent work that which came first: if all
 * went on at once, all would be done late. While work waits for services only, nothing waits here.
 */
export class Crowd {
  readonly #clock: Clock;
  readonly #turnOfLoop: () => Promise<number>;
  /** The urgency of all that goes on. */
  readonly #going: number[] = [];
  /** The most urgent first, then in the order of arrival. */
  readonly #waiting: Waiting[] = [];
  #isWatching = false;

  /** @param turnOfLoop waits for a turn of the event loop, and tells how long it took in milliseconds */
  constructor(clock: Clock, turnOfLoop = measuredTurn) {
    this.#clock = clock;
    this.#turnOfLoop = turnOfLoop;
  }

  /** How much work waits that is less urgent than this. It holds nothing that others need. */
  waitingBelow(urgency: number): number {
    return this.#waiting.filter((one) => one.urgency < urgency).length;
  }

  async enter(urgency: number): Promise<Going> {
    let now = urgency;
    await this.#turn(now);
    return {
      turnTo: async (next) => {
        this.#leave(now);
        now = next;
        await this.#turn(now);
      },
      leave: () => this.#leave(now),
    };
  }

  /** Waits for a turn, and counts it as going on. */
  async #turn(urgency: number): Promise<void> {
    if (this.#isCrowded(urgency)) {
      const turn = Promise.withResolvers<void>();
      const own = { urgency, go: turn.resolve };
      const behind = this.#waiting.findIndex((other) => other.urgency < urgency);
      this.#waiting.splice(behind < 0 ? this.#waiting.length : behind, 0, own);
      void this.#watch();
      await inTime(turn.promise, PATIENCE_MS, () => this.#admit(own), this.#clock);
    } else this.#going.push(urgency);
  }

  #isCrowded(urgency: number): boolean {
    return this.#going.length >= AT_ONCE && this.#going.filter((other) => other >= urgency).length >= AT_ONCE;
  }

  #leave(urgency: number): void {
    this.#going.splice(this.#going.indexOf(urgency), 1);
    const [next] = this.#waiting;
    if (next && !this.#isCrowded(next.urgency)) this.#admit(next);
  }

  #admit(one: Waiting): void {
    const at = this.#waiting.indexOf(one);
    if (at < 0) return;
    this.#waiting.splice(at, 1);
    this.#going.push(one.urgency);
    one.go();
  }

  /** Lets one more go on after each short turn of the event loop. */
  async #watch(): Promise<void> {
    if (this.#isWatching) return;
    this.#isWatching = true;
    // The present turn has begun some time ago.
    await this.#turnOfLoop();
    while (this.#waiting.length > 0) {
      const took = await this.#turnOfLoop();
      const [next] = this.#waiting;
      if (next && took < BUSY_MS) this.#admit(next);
    }
    this.#isWatching = false;
  }
}

async function measuredTurn(): Promise<number> {
  const begin = performance.now();
  await setImmediate();
  return performance.now() - begin;
}
