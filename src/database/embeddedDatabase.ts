import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { protocol, type PGlite } from '@electric-sql/pglite';
import { AbortedTransactionError, type CompiledQuery, type QueryResult } from 'kysely';
import { LRUCache } from 'lru-cache';
import type { Around, Link, Links } from './lazyTransactions.ts';
import { columnsOf, readAnswer, type Answer, type Column } from './wireAnswer.ts';

const { serialize } = protocol;

/** How many recently used statements stay prepared. Each takes some 10 KB. */
const KEPT = 300;
/** How long statements may follow each other before the event loop gets a turn. Milliseconds. */
const AT_A_STRETCH_MS = 10;
/** After these statements a prepared one may no longer fit its tables. */
const CHANGES_TABLES = /\b(?:create|alter|drop|discard)\b/i;

const EXECUTE = serialize.execute({});
const SYNC = serialize.sync();

type Query = Pick<CompiledQuery, 'sql' | 'parameters'>;

interface Prepared {
  name: string;
  parameterTypes: readonly number[];
  columns: readonly Column[];
  changesTables: boolean;
}

/**
 * The statements of an embedded database. Each is parsed and planned once, then bound and executed in one message,
 * together with the BEGIN before it and the COMMIT after it. PGlite's own `query` enters the WebAssembly six times for a
 * statement and parses it each time, which takes four times as long (docs/performance.md). Errors are the database's own
 * and carry no parameters.
 */
export class EmbeddedStatements {
  readonly #pglite: PGlite;
  readonly #known: LRUCache<string, Prepared>;
  /** Messages that close evicted statements. They go with the next statement. */
  #closing: Uint8Array[] = [];
  #nth = 0;
  /** Since when statements have followed each other, by `performance.now()`; null after a turn of the event loop. */
  #since: number | null = null;
  #isOpen = false;

  constructor(pglite: PGlite) {
    this.#pglite = pglite;
    this.#known = new LRUCache({
      max: KEPT,
      dispose: ({ name }) => void this.#closing.push(serialize.close({ type: 'S', name })),
    });
  }

  /** Whether a transaction is open, even one that only a rollback may follow. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Call this only when the answer to the one before is there. */
  async run({ sql, parameters }: Query, { begin, commit }: Around): Promise<QueryResult<unknown>> {
    const now = performance.now();
    if (this.#since === null) this.#startStretch(now);
    else if (now - this.#since > AT_A_STRETCH_MS) await turnOfTheLoop();
    const statement = this.#known.get(sql) ?? (await this.#prepare(sql));
    const parts = begin === null ? [] : await this.#words(begin);
    const values = parameters.map((value, nth) =>
      this.#serialized(value, statement.parameterTypes[nth] ?? 0),
    );
    parts.push(serialize.bind({ statement: statement.name, values }), EXECUTE);
    if (commit) parts.push(...(await this.#words('COMMIT')));
    const { rows, commands } = await this.#send(parts, statement.columns);
    if (statement.changesTables) this.#known.clear();
    const own = commands[begin === null ? 0 : 1];
    if (commit && commands.at(-1)?.name !== 'COMMIT') throw new AbortedTransactionError();
    return { rows, numAffectedRows: BigInt(own?.changedRows ?? 0) };
  }

  /** @throws AbortedTransactionError if a commit commits nothing */
  async end(sql: 'COMMIT' | 'ROLLBACK'): Promise<void> {
    const { commands } = await this.#send(await this.#words(sql), []);
    if (commands[0]?.name !== sql) throw new AbortedTransactionError();
  }

  /**
   * Statements wait for nothing outside the process, so a crowd of them would run without a break, and requests,
   * timers and answers of the service would wait for all of them. This gives the event loop a turn now and then.
   */
  #startStretch(now: number): void {
    this.#since = now;
    setImmediate(() => (this.#since = null));
  }

  /** Messages that execute a statement without parameters. */
  async #words(sql: string): Promise<Uint8Array[]> {
    const { name } = this.#known.get(sql) ?? (await this.#prepare(sql));
    return [serialize.bind({ statement: name }), EXECUTE];
  }

  async #prepare(sql: string): Promise<Prepared> {
    const name = `ringdown_${this.#nth++}`;
    const { parameterTypes, fields } = await this.#send(
      [serialize.parse({ name, text: sql }), serialize.describe({ type: 'S', name })],
      [],
    );
    const statement = {
      name,
      parameterTypes,
      columns: columnsOf(fields, this.#pglite.parsers),
      changesTables: CHANGES_TABLES.test(sql),
    };
    this.#known.set(sql, statement);
    return statement;
  }

  async #send(parts: readonly Uint8Array[], columns: readonly Column[]): Promise<Answer> {
    const chunks: Buffer[] = [];
    const message = Buffer.concat([...this.#closing.splice(0), ...parts, SYNC]);
    // It copies to no file: all file systems of Node have what is written at once.
    await this.#pglite.execProtocolRawStream(message, {
      syncToFs: false,
      // The database writes its next answer to the same memory.
      onRawData: (bytes) => void chunks.push(Buffer.from(bytes)),
    });
    const answer = readAnswer(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks), columns);
    this.#isOpen = answer.isOpen;
    if (answer.error) throw answer.error;
    return answer;
  }

  #serialized(value: unknown, type: number): string | null {
    if (value === null || value === undefined) return null;
    const serializer = this.#pglite.serializers[type];
    if (serializer) return serializer(value);
    if (typeof value === 'bigint') return value.toString();
    return typeof value === 'string' ? value : JSON.stringify(value);
  }
}

/** An embedded database has one connection: transactions and statements have it one after another, in order. */
export class EmbeddedLinks implements Links {
  readonly #pglite: PGlite;
  readonly #link: Link;
  readonly #waiting: (() => void)[] = [];
  #isTaken = false;

  /** @param statements those of `pglite` */
  constructor(pglite: PGlite, statements: EmbeddedStatements) {
    this.#pglite = pglite;
    this.#link = new EmbeddedLink(statements, () => this.#giveBack());
  }

  async connect(): Promise<Link> {
    if (this.#isTaken) await new Promise<void>((resolve) => void this.#waiting.push(resolve));
    this.#isTaken = true;
    if (!this.#pglite.closed) return this.#link;
    this.#giveBack();
    throw new Error('PGlite is closed');
  }

  /** Runs statements in PGlite's own way. */
  async exec(sql: string): Promise<void> {
    const link = await this.connect();
    try {
      await this.#pglite.exec(sql);
    } finally {
      link.release();
    }
  }

  /** Waits for what runs. */
  async close(): Promise<void> {
    if (this.#pglite.closed) return;
    const link = await this.connect();
    try {
      await this.#pglite.close();
    } finally {
      link.release();
    }
  }

  #giveBack(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#isTaken = false;
  }
}

class EmbeddedLink implements Link {
  readonly #statements: EmbeddedStatements;
  readonly release: () => void;

  constructor(statements: EmbeddedStatements, release: () => void) {
    this.#statements = statements;
    this.release = release;
  }

  get isOpen(): boolean {
    return this.#statements.isOpen;
  }

  async send(query: Query, around: Around): Promise<QueryResult<unknown>> {
    return await this.#statements.run(query, around);
  }

  async commit(): Promise<void> {
    await this.#statements.end('COMMIT');
  }

  async rollback(): Promise<void> {
    await this.#statements.end('ROLLBACK');
  }
}
