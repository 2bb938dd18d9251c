import {
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  type TransactionSettings,
} from 'kysely';
import { orCommitUnknown } from './away.ts';

/** Statements that only a commit may follow. */
const lastOnes = new WeakSet<CompiledQuery>();

/** Marks a statement as the last of its transaction. If it is also the first, no BEGIN and COMMIT are sent around it. */
export function asLast<Row>(query: CompiledQuery<Row>): CompiledQuery<Row> {
  lastOnes.add(query);
  return query;
}

/** What goes to the database together with a statement. */
export interface Around {
  /** Sent before it; it does not run if this fails. Null for nothing. */
  begin: string | null;
  /** Sent after it; its transaction is rolled back if either fails. */
  commit: boolean;
}

/** A connection, which belongs to one transaction or statement until it is released. */
export interface Link {
  /** Whether a transaction must be rolled back before something else is sent. */
  readonly isOpen: boolean;
  /** @throws the database's error; CommitUnknown if it went away during the commit; AbortedTransactionError */
  send(query: Pick<CompiledQuery, 'sql' | 'parameters'>, around: Around): Promise<QueryResult<unknown>>;
  /** @throws AbortedTransactionError if nothing was committed; the database's error */
  commit(): Promise<void>;
  /** Never throws: a connection that cannot roll back is not used again, so the database does. */
  rollback(): Promise<void>;
  release(): void;
}

export interface Links {
  /** Waits for a connection. */
  connect(): Promise<Link>;
  close(): Promise<void>;
}

/**
 * PostgreSQL's dialect, except that a transaction begins together with its first statement, and commits together with
 * the one marked with `asLast`: neither waits for an answer of its own. A transaction without statements sends nothing,
 * and one whose only statement is marked sends only that, which is a transaction by itself.
 */
export function withLazyTransactions(links: Links): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new LazyDriver(links),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
}

class LazyDriver implements Driver {
  readonly #links: Links;

  constructor(links: Links) {
    this.#links = links;
  }

  async init(): Promise<void> {
    // Connections are opened when they are needed.
  }

  async acquireConnection(): Promise<LazyConnection> {
    return new LazyConnection(await this.#links.connect());
  }

  async beginTransaction(connection: LazyConnection, settings: TransactionSettings): Promise<void> {
    connection.begin(settings);
  }

  async commitTransaction(connection: LazyConnection): Promise<void> {
    if (connection.end()) await connection.link.commit();
  }

  async rollbackTransaction(connection: LazyConnection): Promise<void> {
    connection.end();
    if (connection.link.isOpen) await connection.link.rollback();
  }

  async releaseConnection({ link }: LazyConnection): Promise<void> {
    link.release();
  }

  async destroy(): Promise<void> {
    await this.#links.close();
  }
}

/** `waiting`: it has no statement yet. `over`: it has had its last one. */
type Stage = { kind: 'none' } | { kind: 'begun' } | { kind: 'over' } | { kind: 'waiting'; around: Around };

const NONE = { kind: 'none' } as const;
const BEGUN = { kind: 'begun' } as const;
const OVER = { kind: 'over' } as const;
const ALONE: Around = { begin: null, commit: false };
const LAST: Around = { begin: null, commit: true };

class LazyConnection implements DatabaseConnection {
  readonly link: Link;
  #stage: Stage = NONE;

  constructor(link: Link) {
    this.link = link;
  }

  async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>>;
  async executeQuery(query: CompiledQuery): Promise<QueryResult<unknown>> {
    const stage = this.#stage;
    if (stage.kind === 'none') return await this.link.send(query, ALONE);
    if (stage.kind === 'over') throw new RangeError('a statement follows the last one of its transaction');
    if (!lastOnes.has(query)) {
      this.#stage = BEGUN;
      return await this.link.send(query, stage.kind === 'waiting' ? stage.around : ALONE);
    }
    this.#stage = OVER;
    if (stage.kind === 'begun') return await this.link.send(query, LAST);
    try {
      return await this.link.send(query, ALONE);
    } catch (error) {
      // It commits by itself.
      throw orCommitUnknown(error);
    }
  }

  // oxlint-disable-next-line require-yield
  async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
    throw new RangeError('streaming is not supported');
  }

  /** The transaction waits for its first statement. */
  begin(settings: TransactionSettings): void {
    this.#stage = { kind: 'waiting', around: { begin: beginOf(settings), commit: false } };
  }

  /** Ends the transaction. @returns whether it still has to be committed */
  end(): boolean {
    const hasBegun = this.#stage.kind === 'begun';
    this.#stage = NONE;
    return hasBegun;
  }
}

function beginOf({ isolationLevel, accessMode }: TransactionSettings): string {
  return ['BEGIN', isolationLevel && `ISOLATION LEVEL ${isolationLevel}`, accessMode]
    .filter(Boolean)
    .join(' ');
}
