import { AbortedTransactionError, type CompiledQuery, type QueryResult } from 'kysely';
import pg from 'pg';
import { orCommitUnknown } from './away.ts';
import type { Around, Link } from './lazyTransactions.ts';

/** Commands whose answer says how many rows they changed. */
const CHANGES = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE']);

/** A statement that is on its way. */
interface Sent {
  answer: Promise<pg.QueryResult>;
  /** It could not be sent: a value does not fit. */
  isRefused: () => boolean;
}

/** A connection to a PostgreSQL server. What goes together leaves in one write, as each costs a system call. */
export class ServerLink implements Link {
  readonly #client: pg.PoolClient;
  #isOpen = false;
  #isBroken = false;

  constructor(client: pg.PoolClient) {
    this.#client = client;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  async send(
    query: Pick<CompiledQuery, 'sql' | 'parameters'>,
    { begin, commit }: Around,
  ): Promise<QueryResult<unknown>> {
    const { stream } = this.#client.connection;
    let statement: Sent;
    let end: Promise<PromiseSettledResult<void>[]> | null = null;
    stream.cork();
    try {
      if (begin !== null) this.#isOpen = true;
      statement = this.#ask(query, begin);
      // Without the statement the server would commit what came before it.
      if (commit && stream.writable && !statement.isRefused()) end = Promise.allSettled([this.commit()]);
    } finally {
      stream.uncork();
    }
    const [answered] = await Promise.allSettled([statement.answer]);
    const [ended] = (await end) ?? [];
    if (answered.status === 'rejected') {
      // An answer to COMMIT says that the server undid the transaction because of this error.
      const isUndone = ended?.status === 'rejected' && ended.reason instanceof AbortedTransactionError;
      throw end === null || isUndone ? answered.reason : orCommitUnknown(answered.reason);
    }
    if (ended?.status === 'rejected') throw orCommitUnknown(ended.reason);
    return resultOf(answered.value);
  }

  async commit(): Promise<void> {
    this.#isOpen = false;
    const { command } = await this.#ask({ sql: 'COMMIT', parameters: [] }, null).answer;
    // The answer if an earlier statement has failed.
    if (command !== 'COMMIT') throw new AbortedTransactionError();
  }

  async rollback(): Promise<void> {
    this.#isOpen = false;
    await this.#ask({ sql: 'ROLLBACK', parameters: [] }, null).answer.catch(() => (this.#isBroken = true));
  }

  release(): void {
    this.#client.release(this.#isBroken || this.#isOpen);
  }

  #ask({ sql, parameters }: Pick<CompiledQuery, 'sql' | 'parameters'>, begin: string | null): Sent {
    const { promise: answer, resolve, reject } = Promise.withResolvers<pg.QueryResult>();
    let isRefused = false;
    const query = new pg.Query(
      { text: sql, values: [...parameters], ...(begin !== null && EXTENDED) },
      (error, result) => {
        if (error) {
          isRefused = true;
          // Otherwise it tells of the socket that read the answer.
          Error.captureStackTrace(error);
          reject(error);
        } else resolve(lastOf(result));
      },
    );
    if (begin !== null) sendBefore(query, begin);
    this.#client.query(query);
    return { answer, isRefused: () => isRefused };
  }
}

/** As messages that end with a Sync, also without values. Without such an option the driver would send a simple query. */
const EXTENDED = { queryMode: 'extended' };

/**
 * Sends `begin` before the statement and without a Sync of its own: if it fails, the server skips the statement, which
 * would otherwise be a transaction by itself.
 */
function sendBefore(query: pg.Query, begin: string): void {
  const submit = query.submit.bind(query);
  query.submit = (connection) => {
    connection.parse({ name: '', text: begin, types: [] }, true);
    connection.bind({}, true);
    connection.execute({}, true);
    return submit(connection);
  };
}

/** The driver gives a list if there is more than one. */
function lastOf(results: pg.QueryResult | pg.QueryResult[]): pg.QueryResult {
  const last = Array.isArray(results) ? results.at(-1) : results;
  if (!last) throw new RangeError('the server answered nothing');
  return last;
}

function resultOf({ command, rowCount, rows }: pg.QueryResult): QueryResult<unknown> {
  return CHANGES.has(command) ? { rows, numAffectedRows: BigInt(rowCount ?? 0) } : { rows };
}
