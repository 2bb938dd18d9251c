import type pg from 'pg';

/** Limits how often all connections are dropped while a server stays read-only. */
const PAUSE_MS = 1_000;

/**
 * The connections of a pool that are still good. After a failover the same address leads to the new primary, but old
 * connections lead to the old server for ever: once a server is found silent or read-only, they are dropped.
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
      // A silent server would not answer a goodbye.
      stream.destroy();
      client.release(true);
    }
  }

  /** Drops all connections opened so far. */
  renew(): void {
    const now = performance.now();
    if (now - this.#freshSince >= PAUSE_MS) this.#freshSince = now;
  }
}
