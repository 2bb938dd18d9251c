import type { LeanPglite } from '../../src/database/pglite.ts';
import { REMEMBER, RESTORE } from './emptied.ts';

/**
 * Embedded databases that are reused, and emptied in between: creating one from its files takes most of a second of
 * CPU time, emptying one some milliseconds.
 */
export class Pglites {
  readonly #make: () => Promise<LeanPglite>;
  readonly #idle: LeanPglite[] = [];

  /** @param make creates a database in its initial state, including rows to restore */
  constructor(make: () => Promise<LeanPglite>) {
    this.#make = make;
  }

  /** @returns a database whose `close` returns it; using it afterwards fails as with a closed one */
  async lend(): Promise<LeanPglite> {
    return new Lent(this.#idle.pop() ?? (await this.#new()), async (pglite) => {
      if (this.#idle.length < IDLE && (await emptied(pglite))) this.#idle.push(pglite);
      else await pglite.close();
    }).handle;
  }

  /** Closes the databases that are not in use. */
  async close(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map(async (pglite) => await pglite.close()));
  }

  async #new(): Promise<LeanPglite> {
    const pglite = await this.#make();
    await pglite.exec(REMEMBER);
    return pglite;
  }
}

/** More would only use memory: tests run one after another, and few open several. */
const IDLE = 3;

const RESET = [
  'CLOSE ALL',
  'SET SESSION AUTHORIZATION DEFAULT',
  'RESET ALL',
  'UNLISTEN *',
  'SELECT pg_advisory_unlock_all()',
];

/** @returns false if that fails, e.g. because of a missing table: then it must not be reused */
async function emptied(pglite: LeanPglite): Promise<boolean> {
  try {
    // DISCARD ALL, but prepared statements stay: to prepare them again for each test takes a tenth of its time.
    for (const statement of ['ROLLBACK', ...RESET, RESTORE]) await pglite.exec(statement);
    return true;
  } catch {
    return false;
  }
}

/** What a borrower gets instead of the database itself. */
class Lent {
  readonly handle: LeanPglite;
  readonly #channels = new Set<string>();
  #inUse = 0;
  #closed = false;

  constructor(pglite: LeanPglite, giveBack: (pglite: LeanPglite) => Promise<void>) {
    const close = async (): Promise<void> => {
      if (this.#closed) return;
      this.#closed = true;
      // A test that was interrupted may still hold its lock.
      if (this.#inUse > 0) return await pglite.close();
      for (const channel of this.#channels) await pglite.unlisten(channel);
      await giveBack(pglite);
    };
    this.handle = new Proxy(pglite, {
      get: (target, name) => {
        if (name === 'close') return close;
        if (name === 'closed') return this.#closed || target.closed;
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          if (this.#closed) throw new Error('PGlite is closed');
          if (name === 'listen') this.#channels.add(String(args[0]));
          const answer: unknown = Reflect.apply(value, target, args);
          if (!(answer instanceof Promise)) return answer;
          this.#inUse++;
          return answer.finally(() => this.#inUse--);
        };
      },
    });
  }
}
