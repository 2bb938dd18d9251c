import type {
  CompiledQuery,
  DatabaseConnection,
  Dialect,
  Driver,
  QueryCompiler,
  QueryResult,
  TransactionSettings,
} from 'kysely';
import { isConflict, isDatabaseAway, isReadOnly } from './away.ts';
import { CommitUnknown } from './transactionErrors.ts';

/** Statements that only a commit may follow. */
const lastOnes = new WeakSet<CompiledQuery>();

type Options = Parameters<Driver['init']>[0];

/** Marks a statement as the last of its transaction. If it is also the first, no BEGIN and COMMIT are sent around it. */
export function asLast<Row>(query: CompiledQuery<Row>): CompiledQuery<Row> {
  lastOnes.add(query);
  return query;
}

/**
 * The same dialect, except that a transaction begins with its first statement: one without statements sends nothing, and
 * one whose only statement is marked with `asLast` sends only that, which is a transaction by itself.
 */
export function withLazyTransactions(dialect: Dialect): Dialect {
  return {
    createAdapter: () => dialect.createAdapter(),
    createDriver: () => new LazyDriver(dialect.createDriver()),
    createIntrospector: (db) => dialect.createIntrospector(db),
    createQueryCompiler: () => dialect.createQueryCompiler(),
  };
}

class LazyDriver implements Driver {
  readonly #driver: Driver;
  readonly #connections = new WeakMap<DatabaseConnection, LazyConnection>();

  constructor(driver: Driver) {
    this.#driver = driver;
  }

  async init(options?: Options): Promise<void> {
    await this.#driver.init(options);
  }

  async acquireConnection(options?: Options): Promise<LazyConnection> {
    const connection = await this.#driver.acquireConnection(options);
    let lazy = this.#connections.get(connection);
    if (!lazy) {
      lazy = new LazyConnection(connection, this.#driver);
      this.#connections.set(connection, lazy);
    }
    return lazy;
  }

  async beginTransaction(connection: LazyConnection, settings: TransactionSettings): Promise<void> {
    connection.settings = settings;
  }

  async commitTransaction(connection: LazyConnection): Promise<void> {
    if (connection.end()) await this.#driver.commitTransaction(connection.inner);
  }

  async rollbackTransaction(connection: LazyConnection): Promise<void> {
    if (connection.end()) await this.#driver.rollbackTransaction(connection.inner);
  }

  async savepoint(
    connection: LazyConnection,
    name: string,
    compileQuery: QueryCompiler['compileQuery'],
  ): Promise<void> {
    await connection.begin();
    await this.#driver.savepoint?.(connection.inner, name, compileQuery);
  }

  async rollbackToSavepoint(
    { inner }: LazyConnection,
    name: string,
    compileQuery: QueryCompiler['compileQuery'],
  ): Promise<void> {
    await this.#driver.rollbackToSavepoint?.(inner, name, compileQuery);
  }

  async releaseSavepoint(
    { inner }: LazyConnection,
    name: string,
    compileQuery: QueryCompiler['compileQuery'],
  ): Promise<void> {
    await this.#driver.releaseSavepoint?.(inner, name, compileQuery);
  }

  async releaseConnection({ inner }: LazyConnection, options?: Options): Promise<void> {
    await this.#driver.releaseConnection(inner, options);
  }

  async destroy(options?: Options): Promise<void> {
    await this.#driver.destroy(options);
  }
}

class LazyConnection implements DatabaseConnection {
  readonly inner: DatabaseConnection;
  readonly #driver: Driver;
  /** Those of a transaction that has no statement yet; otherwise null. */
  settings: TransactionSettings | null = null;

  constructor(inner: DatabaseConnection, driver: Driver) {
    this.inner = inner;
    this.#driver = driver;
  }

  async executeQuery<Row>(query: CompiledQuery, options?: Options): Promise<QueryResult<Row>> {
    if (!this.settings || !lastOnes.has(query)) {
      await this.begin();
      return await this.inner.executeQuery<Row>(query, options);
    }
    try {
      return await this.inner.executeQuery<Row>(query, options);
    } catch (error) {
      // It commits by itself.
      const isUnknown = isDatabaseAway(error) && !isConflict(error) && !isReadOnly(error);
      throw isUnknown ? new CommitUnknown(error) : error;
    }
  }

  async *streamQuery<Row>(
    ...query: Parameters<DatabaseConnection['streamQuery']>
  ): AsyncIterableIterator<QueryResult<Row>> {
    await this.begin();
    yield* this.inner.streamQuery<Row>(...query);
  }

  /** Begins the transaction that waits for its first statement. */
  async begin(): Promise<void> {
    const { settings } = this;
    this.settings = null;
    if (settings) await this.#driver.beginTransaction(this.inner, settings);
  }

  /** Ends the transaction. @returns false if it has not begun, so that there is nothing to commit or to undo */
  end(): boolean {
    const hasBegun = this.settings === null;
    this.settings = null;
    return hasBegun;
  }
}
