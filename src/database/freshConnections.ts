import type pg from 'pg';

/** Every connection to a server that refuses to write would be given up at once: no more often than this. */
const PAUSE_MS = 1_000;

/**
 * Connections of a pool, but for those that are closed, and those that were made before a server was found to be silent
 * or to take no writes. They would lead there for ever, though after a failover the same address leads to the new primary.
 */
export class FreshConnections {
  readonly #pool: pg.Pool;
  readonly #made = new WeakMap<pg.PoolClient, number>();
  #freshSince = 0;

  constructor(pool: pg.Pool) {
    this.#pool = pool;
    pool.on('connect', (client) => this.#made.set(client, performance.now()));
  }

  async connect(): Promise<pg.PoolClient> {
    for (;;) {
      const client = await this.#pool.connect();
      const { stream } = client.connection;
      if (!stream.destroyed && (this.#made.get(client) ?? 0) >= this.#freshSince) return client;
      // A silent server would not answer a farewell.
      stream.destroy();
      client.release(true);
    }
  }

  /** Those of now are not used again. */
  renew(): void {
    const now = performance.now();
    if (now - this.#freshSince >= PAUSE_MS) this.#freshSince = now;
  }
}
