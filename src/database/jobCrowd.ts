import { inTime, type Clock } from '../clock.ts';

interface Yielding {
  urgency: number;
  go: () => void;
}

/** With more urgent jobs than this running, a job yields to them, but not for ever. */
const CROWD = 10;
const YIELD_MS = 2_000;

/** Lets the more urgent jobs go first when many run, so that less urgent ones do not slow them down. */
export class JobCrowd {
  readonly #clock: Clock;
  /** The urgency of each running job that does not yield. */
  readonly #running: number[] = [];
  readonly #yielding = new Set<Yielding>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many jobs are yielding. They hold nothing that others need. */
  get yielding(): number {
    return this.#yielding.size;
  }

  async run(urgency: number, perform: () => Promise<void>): Promise<void> {
    if (this.#isCrowded(urgency)) {
      const turn = Promise.withResolvers<void>();
      const own = { urgency, go: turn.resolve };
      this.#yielding.add(own);
      await inTime(turn.promise, YIELD_MS, () => undefined, this.#clock);
      this.#yielding.delete(own);
    }
    this.#running.push(urgency);
    try {
      await perform();
    } finally {
      this.#running.splice(this.#running.indexOf(urgency), 1);
      for (const one of this.#yielding) if (!this.#isCrowded(one.urgency)) one.go();
    }
  }

  #isCrowded(urgency: number): boolean {
    return this.#running.filter((other) => other > urgency).length > CROWD;
  }
}
