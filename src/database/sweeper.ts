import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { apartFromRequests } from './lanes.ts';

interface Parts {
  clock: Clock;
  log: Logger;
  /** How long it may take until a deadline that another process stored is found. */
  pollMs: number;
  /** Looks for due jobs and starts them. */
  sweep: () => Promise<void>;
}

/** Sweeps are rounded up to this, so that deadlines close together share one. Milliseconds. */
const TOGETHER_MS = 100;

/** Sweeps when something is due and at each poll, never twice at a time. */
export class Sweeper {
  readonly #parts: Parts;
  #state: 'new' | 'started' | 'stopped' = 'new';
  #underWay: Promise<void> | null = null;
  #again = false;
  /** The next sweep: its timer, and when it fires. */
  #next: { timer: unknown; at: number } | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The sweep under way; null if there is none. */
  get underWay(): Promise<void> | null {
    return this.#underWay;
  }

  /** Starts with a first sweep, and waits for it. */
  async start(): Promise<void> {
    // It may have been stopped before it was started.
    if (this.#state !== 'new') return;
    this.#state = 'started';
    await this.#sweep();
  }

  /** Starts no more sweeps. */
  stop(): void {
    this.#state = 'stopped';
    this.#cancel();
  }

  now(): void {
    if (this.#state === 'started') void this.#sweep();
  }

  /** Sweeps at this time or before. Epoch milliseconds. */
  by(dueAt: number): void {
    if (this.#state !== 'started') return;
    const { clock } = this.#parts;
    const at = Math.ceil(dueAt / TOGETHER_MS) * TOGETHER_MS;
    if (this.#next && this.#next.at <= at) return;
    this.#cancel();
    const timer = clock.setTimeout(
      () => {
        this.#next = null;
        this.now();
      },
      Math.max(0, at - clock.now()),
    );
    this.#next = { timer, at };
  }

  #cancel(): void {
    if (this.#next) this.#parts.clock.clearTimeout(this.#next.timer);
    this.#next = null;
  }

  /** Never throws. A sweep requested while one is under way follows it. */
  async #sweep(): Promise<void> {
    if (this.#underWay) {
      this.#again = true;
      return await this.#underWay;
    }
    this.#underWay = apartFromRequests(async () => await this.#repeat());
    await this.#underWay;
  }

  async #repeat(): Promise<void> {
    const { clock, log, pollMs, sweep } = this.#parts;
    try {
      do {
        this.#again = false;
        await sweep();
      } while (this.#again && this.#state === 'started');
    } catch (error) {
      log.warn({ err: error }, 'due jobs could not be read');
    } finally {
      this.#underWay = null;
      this.by(clock.now() + pollMs);
    }
  }
}
