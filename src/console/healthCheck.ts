import { timeNow, type Clock } from '../clock.ts';
import type { Finding } from '../operations/doctor/findings.ts';

interface Parts {
  clock: Clock;
  /** Runs the doctor. */
  examine: () => Promise<Finding[]>;
}

/** The doctor asks every service that Ringdown needs, and creates an identity: not more often than this. */
const FRESH_MS = 30_000;

/** Runs the doctor in this process: one at a time, and not too often. */
export class HealthCheck {
  readonly #parts: Parts;
  #last: { findings: readonly Finding[]; at: string } | null = null;
  #running: Promise<void> | null = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** What the doctor found last; null if it has not run in this process. `at` is ISO 8601. */
  get last(): { findings: readonly Finding[]; at: string } | null {
    return this.#last;
  }

  /** Resolves when there are findings that are fresh. Concurrent callers share one run. */
  async run(): Promise<void> {
    const { clock } = this.#parts;
    if (this.#last && clock.now() - Date.parse(this.#last.at) < FRESH_MS) return;
    this.#running ??= this.#examine().finally(() => {
      this.#running = null;
    });
    await this.#running;
  }

  async #examine(): Promise<void> {
    const { clock, examine } = this.#parts;
    this.#last = { findings: await examine(), at: timeNow(clock) };
  }
}
