import type { Clock } from '../clock.ts';

/** Smaller differences are network delay. Milliseconds. */
const TOLERANCE_MS = 20;

/**
 * The database's clock, which all replicas share, because they compare leases, deadlines and the pace of calls, and one
 * machine's clock may be wrong. It is this machine's clock plus a measured difference.
 */
export class SharedClock implements Clock {
  readonly #own: Clock;
  #difference = 0;

  constructor(own: Clock) {
    this.#own = own;
  }

  /**
   * @param ask reads the database's clock, epoch milliseconds
   * @throws what `ask` throws
   */
  async alignWith(ask: () => Promise<number>): Promise<void> {
    const sentAt = this.#own.monotonic();
    const told = await ask();
    const tookMs = this.#own.monotonic() - sentAt;
    const difference = told + tookMs / 2 - this.#own.now();
    if (Math.abs(difference - this.#difference) > TOLERANCE_MS + tookMs / 2) this.#difference = difference;
  }

  now(): number {
    return Math.round(this.#own.now() + this.#difference);
  }

  monotonic(): number {
    return this.#own.monotonic();
  }

  setTimeout(fn: () => void, ms: number): unknown {
    return this.#own.setTimeout(fn, ms);
  }

  clearTimeout(timer: unknown): void {
    this.#own.clearTimeout(timer);
  }

  setInterval(fn: () => void, ms: number): unknown {
    return this.#own.setInterval(fn, ms);
  }

  clearInterval(timer: unknown): void {
    this.#own.clearInterval(timer);
  }
}
