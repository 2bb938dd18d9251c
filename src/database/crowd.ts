import { setImmediate } from 'node:timers/promises';
import { inTime, type Clock } from '../clock.ts';

/** Work waits while so much goes on that goes before it. Less is done sooner each; more shares its transactions. */
const CROWD = 20;
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
  inOrder: boolean;
  go: () => void;
}

/**
 * While the processor is busy, the more urgent work goes first, and of equally urgent work, if it is limited, that which
 * came first: if all went on at once, all would be done late. While work waits for services only, nothing waits here.
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

  /**
   * Waits for a turn.
   *
   * @param inOrder equally urgent work that came before goes before it
   */
  async enter(urgency: number, inOrder = false): Promise<Going> {
    let now = urgency;
    await this.#turn(now, inOrder);
    return {
      turnTo: async (next) => {
        this.#leave(now);
        now = next;
        await this.#turn(now, inOrder);
      },
      leave: () => this.#leave(now),
    };
  }

  /** Runs work in its turn, at once if it need not wait. */
  async run(urgency: number, work: () => Promise<void>): Promise<void> {
    const turn = this.#turn(urgency, false);
    if (turn) await turn;
    await work().finally(() => this.#leave(urgency));
  }

  /** The work counts as going on from then on. @returns null if it need not wait */
  #turn(urgency: number, inOrder: boolean): Promise<void> | null {
    if (this.#isCrowded({ urgency, inOrder })) return this.#wait(urgency, inOrder);
    this.#going.push(urgency);
    return null;
  }

  async #wait(urgency: number, inOrder: boolean): Promise<void> {
    const turn = Promise.withResolvers<void>();
    const own = { urgency, inOrder, go: turn.resolve };
    const behind = this.#waiting.findIndex((other) => other.urgency < urgency);
    this.#waiting.splice(behind < 0 ? this.#waiting.length : behind, 0, own);
    void this.#watch();
    await inTime(turn.promise, PATIENCE_MS, () => this.#admit(own), this.#clock);
  }

  #isCrowded({ urgency, inOrder }: Pick<Waiting, 'urgency' | 'inOrder'>): boolean {
    if (this.#going.length < CROWD) return false;
    return this.#going.filter((other) => other > urgency || (inOrder && other === urgency)).length >= CROWD;
  }

  #leave(urgency: number): void {
    this.#going.splice(this.#going.indexOf(urgency), 1);
    const free = (): Waiting | undefined => this.#waiting.find((one) => !this.#isCrowded(one));
    for (let next = free(); next; next = free()) this.#admit(next);
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
