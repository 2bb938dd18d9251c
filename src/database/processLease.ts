import type { Clock } from '../clock.ts';
import { databaseTime, endLease, renewLease } from './jobStore.ts';
import type { Database } from './open.ts';
import { SharedClock } from './sharedClock.ts';

/**
 * Another process may take over the jobs of one that has not renewed its lease for this long, or for this many polls.
 */
const LEASE_MS = 6_000;
const LEASE_POLLS = 3;
/** Rows of processes that ended without ending their lease are deleted after this. */
const FORGOTTEN_MS = 3_600_000;

/**
 * This process's lease: as long as it lasts, no other process touches its jobs. An embedded database has one process
 * only and needs no lease.
 */
export class ProcessLease {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #id: string;
  /** When the lease ends, by the monotonic clock; null before the first renewal and on an embedded database. */
  #until: number | null = null;
  #ended = false;
  /** How often it was renewed only after its end. */
  #losses = 0;

  constructor(database: Database, clock: Clock, id: string) {
    this.#database = database;
    this.#clock = clock;
    this.#id = id;
  }

  /** Whether this process has given the lease back. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether another process may have taken over. */
  get isLost(): boolean {
    return this.#ended || this.#ranOut;
  }

  /** @returns a function that tells whether another process may have taken over since */
  watch(): () => boolean {
    const before = this.#losses;
    return () => this.isLost || this.#losses !== before;
  }

  /** Renews the lease when a third of it has passed. */
  async renew(): Promise<void> {
    if (this.#database.kind === 'pglite' || this.#ended) return;
    const now = this.#clock.monotonic();
    const lease = Math.max(LEASE_MS, LEASE_POLLS * this.#database.pollSeconds * 1_000);
    if (this.#until !== null && this.#until - now > (lease * 2) / 3) return;
    if (this.#clock instanceof SharedClock) {
      await this.#clock.alignWith(async () => await databaseTime(this.#database.sql));
    }
    await renewLease(this.#database.sql, this.#id, this.#clock.now() + lease);
    if (this.#ranOut) this.#losses += 1;
    this.#until = now + lease;
  }

  get #ranOut(): boolean {
    return this.#until !== null && this.#clock.monotonic() >= this.#until;
  }

  /** Gives the lease back, with all jobs. If the database does not answer, the lease runs out. */
  async end(): Promise<void> {
    this.#ended = true;
    await endLease(this.#database.sql, this.#id, this.#clock.now() - FORGOTTEN_MS).catch(() => undefined);
  }
}
