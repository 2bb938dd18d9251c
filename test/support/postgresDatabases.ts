import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { REMEMBER, RESTORE } from './emptied.ts';
import { createDatabase, dropDatabase } from './postgresServer.ts';
import { TEMPLATE } from './tables.ts';

/**
 * PostgreSQL databases with all tables, which are reused and emptied between tests: copying and dropping one takes
 * ten times as long.
 */
export class PostgresDatabases {
  readonly #server: () => Promise<string>;
  readonly #idle: string[] = [];

  constructor(server: () => Promise<string>) {
    this.#server = server;
  }

  /** @returns the URL of a database for exclusive use */
  async lend(): Promise<string> {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    const url = await createDatabase(await this.#server(), `test_${randomUUID()}`, TEMPLATE);
    await onDatabase(url, async (client) => void (await client.query(REMEMBER)));
    return url;
  }

  /** Ends the connections that a test has left, such as those of a killed process, and empties the tables. */
  async giveBack(url: string): Promise<void> {
    const emptied = onDatabase(url, async (client) => {
      await client.query(
        'SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      );
      await client.query(RESTORE);
    });
    // Do not reuse one that a test has made read-only or broken.
    if (
      await emptied.then(
        () => true,
        () => false,
      )
    )
      this.#idle.push(url);
    else await dropDatabase(await this.#server(), new URL(url).pathname.slice(1));
  }
}

async function onDatabase<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
