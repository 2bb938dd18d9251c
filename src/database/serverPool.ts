import pg from 'pg';
import { isPoolerRefusal } from './away.ts';
import { PATIENCE_MS } from './transactionErrors.ts';

/** How long a PostgreSQL server may take, in milliseconds. docs/database.md gives the reasons. */
export interface TimeLimits {
  /** For a statement: then the server cancels it. */
  statement: number;
  /**
   * For the answer to a statement: then the connection is dropped. Longer than `statement`, so the server must be
   * silent.
   */
  answer: number;
  /**
   * For a lock: then the server rolls the transaction back, and it is retried. Longer than the server's
   * `deadlock_timeout`.
   */
  lock: number;
  /** Between statements of a transaction: then the server ends the session, as others may wait for its locks. */
  pause: number;
  /** For a new connection. */
  connect: number;
  /** For its turn: then a request is told to retry, while that is still quick. */
  turn: number;
}

export const TIME_LIMITS: TimeLimits = {
  statement: 10_000,
  answer: 11_000,
  lock: 2_000,
  pause: 5_000,
  connect: 5_000,
  turn: PATIENCE_MS,
};

/** Without keep-alive the operating system takes two hours to notice that the other machine is gone. */
const KEEPALIVE_MS = 10_000;

/** The limits that the server enforces in each session; null where a pooler refuses them. */
export type Session = Required<
  Pick<pg.PoolConfig, 'statement_timeout' | 'lock_timeout' | 'idle_in_transaction_session_timeout'>
> | null;

/** Opens with the limits that the server enforces, and again without them if a pooler refuses them. */
export async function withSession<T>(
  { statement, lock, pause }: TimeLimits,
  open: (session: Session) => Promise<T>,
): Promise<T> {
  try {
    return await open({
      statement_timeout: statement,
      lock_timeout: lock,
      idle_in_transaction_session_timeout: pause,
    });
  } catch (error) {
    if (!isPoolerRefusal(error)) throw error;
    return await open(null);
  }
}

interface PoolParts {
  url: string;
  /** Returns the password for each new connection, in place of one in `url`. */
  password?: (() => Promise<string>) | undefined;
  limits: TimeLimits;
  session: Session;
  /** The largest number of connections. */
  max: number;
  name: string;
  /** How long to wait for a free connection of the pool, in milliseconds. Default: that of `limits`. */
  patience?: number;
}

/** A pool of connections to a PostgreSQL server. A connection whose answer is late is closed and never used again. */
export function serverPool({
  url,
  password,
  limits,
  session,
  max,
  name,
  patience = limits.connect,
}: PoolParts): pg.Pool {
  const pool = new pg.Pool({
    ...session,
    connectionString: url,
    max,
    application_name: name,
    query_timeout: limits.answer,
    // With this pg closes a connection whose answer is late. Without it the next query waits for that answer.
    pipeline: true,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEPALIVE_MS,
    connectionTimeoutMillis: patience,
    // The pool has one limit for both: waiting for a free connection and opening one.
    Client: class extends pg.Client {
      constructor(config?: pg.ClientConfig) {
        super({ ...config, connectionTimeoutMillis: limits.connect });
        // The driver accepts a function, but reads an address without a password as one with an empty password.
        if (password)
          Object.defineProperty(this, 'password', { value: asked(password, this), writable: true });
      }
    },
  });
  // When the server drops an idle connection, the next query opens a new one.
  pool.on('error', () => undefined);
  // When one breaks between two queries of a transaction, the next query fails. An error without a listener would end
  // the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/** The driver leaves a connection open if there is no password for it, and the server waits a minute for one. */
function asked(password: () => Promise<string>, client: pg.Client): () => Promise<string> {
  return async () => {
    try {
      return await password();
    } catch (error) {
      setImmediate(() => void client.end().catch(() => undefined));
      throw error;
    }
  };
}
