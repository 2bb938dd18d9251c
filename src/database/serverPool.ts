import pg from 'pg';
import { isPoolerRefusal } from './away.ts';
import { PATIENCE_MS } from './turns.ts';

/** How long a PostgreSQL server may take, in milliseconds. docs/database.md says why so long. */
export interface TimeLimits {
  /** A statement: then the server ends it. */
  statement: number;
  /** The answer to a statement: then the connection is given up. Longer than `statement`, so the server is silent. */
  answer: number;
  /** A lock that others hold: then the server ends the transaction, and it is retried. More than its `deadlock_timeout`. */
  lock: number;
  /** The next statement of a transaction: then the server ends the session, because others may wait for its locks. */
  pause: number;
  /** A new connection. */
  connect: number;
  /** Others who want the same: then a request is told to come again, while that is still quick. */
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

/** Without it the operating system notices after two hours that the other machine is gone. */
const KEEPALIVE_MS = 10_000;

/** The limits that the server itself keeps, in each session; null where a pooler refuses them. */
export type Session = Required<
  Pick<pg.PoolConfig, 'statement_timeout' | 'lock_timeout' | 'idle_in_transaction_session_timeout'>
> | null;

/** Opens with the limits that the server keeps, and again without them if a pooler refuses them. */
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
  /** Asked for the password of each new connection, in place of one in `url`. */
  password?: (() => Promise<string>) | undefined;
  limits: TimeLimits;
  session: Session;
  /** So many connections at most. */
  max: number;
  name: string;
  /** How long one waits for a connection of the pool that is free, in milliseconds; that of `limits` if not given. */
  patience?: number;
}

/** A pool of connections to a PostgreSQL server. One whose answer did not come in time is closed and never used again. */
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
    // With it pg closes a connection whose answer did not come in time. Without it the next query waits for that answer.
    pipeline: true,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEPALIVE_MS,
    connectionTimeoutMillis: patience,
    // The pool has one limit for both: to wait for a connection that is free, and to make one.
    Client: class extends pg.Client {
      constructor(config?: pg.ClientConfig) {
        super({ ...config, connectionTimeoutMillis: limits.connect });
        // The driver asks a function, but takes an address without a password for one with an empty password.
        if (password) Object.defineProperty(this, 'password', { value: password, writable: true });
      }
    },
  });
  // An idle connection that the server drops is not a fault of ours; the next query opens a new one.
  pool.on('error', () => undefined);
  // Nor is one that breaks within a transaction, between two queries: the next query fails. Nobody else listens there,
  // and an error without a listener ends the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
