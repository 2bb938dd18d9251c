import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import {
  parse,
  protocol,
  type PGlite,
  type QueryOptions,
  type Results,
  type Transaction,
} from '@electric-sql/pglite';
import { LRUCache } from 'lru-cache';

const { serialize } = protocol;

/** How many recently used statements stay prepared. Each takes some 10 KB. */
const KEPT = 300;
/** How long statements may follow each other before the event loop gets a turn. Milliseconds. */
const AT_A_STRETCH_MS = 10;
/** After these statements a prepared one may no longer fit its tables. */
const CHANGES_TABLES = /\b(?:create|alter|drop|discard)\b/i;

type Messages = Parameters<typeof parse.parseResults>[0];

interface Prepared {
  name: string;
  parameterTypes: number[];
  /** The columns of the result; missing if it has no rows. */
  row: Messages;
  changesTables: boolean;
}

/**
 * The embedded database with prepared statements: each is parsed and planned once, then bound and executed in one
 * message. The driver's own `query` enters the WebAssembly six times per statement and parses it each time, which
 * takes four times as long (docs/performance.md). Nothing else changes. Errors are the database's own and carry no
 * parameters.
 */
export function prepared(pglite: PGlite): PGlite {
  const statements = new Statements(pglite);
  const query = async (text: string, parameters?: unknown[], options?: QueryOptions): Promise<Results> => {
    await pglite.waitReady;
    if (pglite.closed) throw new Error('PGlite is closed');
    // The only way to wait for an open transaction without opening one.
    // oxlint-disable-next-line no-underscore-dangle
    return await pglite._runExclusiveTransaction(async () => await statements.run(text, parameters, options));
  };
  const exec: PGlite['exec'] = async (text, options) => {
    const results = await pglite.exec(text, options);
    statements.afterwards(text);
    return results;
  };
  const within = (transaction: Transaction): Transaction =>
    replaced(transaction, {
      query: async (text: string, parameters?: unknown[], options?: QueryOptions): Promise<Results> => {
        if (transaction.closed) throw new Error('Transaction is closed');
        return await statements.run(text, parameters, options);
      },
      exec: async (text: string, options?: QueryOptions): Promise<Results[]> => {
        const results = await transaction.exec(text, options);
        statements.afterwards(text);
        return results;
      },
    });
  const transaction = async <T>(change: (transaction: Transaction) => Promise<T>): Promise<T> =>
    await pglite.transaction(async (inner) => await change(within(inner)));
  return replaced(pglite, { query, exec, transaction });
}

/** The same object with some functions replaced. */
function replaced<T extends object>(target: T, functions: Readonly<Record<string | symbol, unknown>>): T {
  return new Proxy(target, {
    get: (_, name) => {
      if (name in functions) return functions[name];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

class Statements {
  readonly #pglite: PGlite;
  readonly #known: LRUCache<string, Prepared>;
  /** Messages that close evicted statements. They go with the next statement. */
  #closing: Uint8Array[] = [];
  #nth = 0;
  /** Since when statements have followed each other, by `performance.now()`; null after a turn of the event loop. */
  #since: number | null = null;

  constructor(pglite: PGlite) {
    this.#pglite = pglite;
    this.#known = new LRUCache({
      max: KEPT,
      dispose: ({ name }) => void this.#closing.push(serialize.close({ type: 'S', name })),
    });
  }

  async run(text: string, parameters: unknown[] = [], options: QueryOptions = {}): Promise<Results> {
    return await this.#pglite.runExclusive(async () => {
      await this.#others();
      const { name, parameterTypes, row, changesTables } =
        this.#known.get(text) ?? (await this.#prepare(text));
      const values = parameters.map((value, nth) => this.#serialized(value, parameterTypes[nth] ?? 0));
      const messages = await this.#send(
        serialize.bind({ statement: name, values }),
        serialize.execute({}),
        serialize.sync(),
      );
      if (changesTables) this.#known.clear();
      if (!this.#pglite.isInTransaction()) await this.#pglite.syncToFs();
      const [results] = parse.parseResults([...row, ...messages], this.#pglite.parsers, options);
      return results ?? { rows: [], fields: [], affectedRows: 0 };
    });
  }

  /**
   * Statements wait for nothing outside the process, so a crowd of them would run without a break, and requests,
   * timers and answers of the service would wait for all of them. This gives the event loop a turn now and then.
   */
  async #others(): Promise<void> {
    const now = performance.now();
    if (this.#since === null) {
      this.#since = now;
      setImmediate(() => (this.#since = null));
    } else if (now - this.#since > AT_A_STRETCH_MS) await turnOfTheLoop();
  }

  /** Call this when `text` has run in another way. */
  afterwards(text: string): void {
    if (CHANGES_TABLES.test(text)) this.#known.clear();
  }

  async #prepare(text: string): Promise<Prepared> {
    const name = `ringdown_${this.#nth++}`;
    const messages = await this.#send(
      serialize.parse({ name, text }),
      serialize.describe({ type: 'S', name }),
      serialize.sync(),
    );
    const statement = {
      name,
      parameterTypes: parse.parseDescribeStatementResults(messages),
      row: messages.filter((message) => message.name === 'rowDescription'),
      changesTables: CHANGES_TABLES.test(text),
    };
    this.#known.set(text, statement);
    return statement;
  }

  async #send(...parts: Uint8Array[]): Promise<Messages> {
    const message = Buffer.concat([...this.#closing.splice(0), ...parts]);
    return await this.#pglite.execProtocolStream(message, { syncToFs: false });
  }

  #serialized(value: unknown, type: number): string | null {
    if (value === null || value === undefined) return null;
    const serializer = this.#pglite.serializers[type];
    if (serializer) return serializer(value);
    if (typeof value === 'bigint') return value.toString();
    return typeof value === 'string' ? value : JSON.stringify(value);
  }
}
