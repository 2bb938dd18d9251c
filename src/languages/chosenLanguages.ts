import type { Target } from '../calls/call.ts';
import { personIdOf } from '../calls/callee.ts';
import type { Clock } from '../clock.ts';
import { apartFromRequests } from '../database/lanes.ts';
import type { Database } from '../database/open.ts';
import { newVersion, readSetting } from '../database/settings.ts';
import type { Transact, Work } from '../database/transaction.ts';
import { languagePart } from '../texts/languageFiles.ts';

interface Parts {
  database: Pick<Database, 'sql'>;
  transact: Transact;
  clock: Clock;
}

/** How long until other replicas know a choice, and until a failed reload is retried. Milliseconds. */
const POLL_MS = 5_000;
/** The most choices that are kept in memory: some 20 MB. */
const MOST = 100_000;
/** The setting that changes whenever choices change. */
export const CHANGED = 'languages';

/**
 * The languages that people have chosen with `language …`. They are few and change rarely, so each process has all of
 * them in memory: no message, call or card waits for the database because of them. A person is named by their requester's
 * key, which for a Teams user is the object id; object ids are unique across tenants.
 */
export class ChosenLanguages {
  readonly #parts: Parts;
  #chosen: ReadonlyMap<string, string> = new Map();
  /** The value of the setting that `#chosen` was read for. */
  #version: unknown = null;
  #loading: Promise<void> = Promise.resolve();
  #isStarted = false;
  #timer: unknown = null;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Reads the choices, and reads them again when they change. */
  async start(): Promise<void> {
    this.#isStarted = true;
    await this.#load();
    this.#pollLater();
  }

  stop(): void {
    this.#isStarted = false;
    this.#parts.clock.clearTimeout(this.#timer);
  }

  /**
   * The language for what Ringdown says to somebody: the one that they chose, otherwise the first of `otherwise` that is
   * known. Somebody with the locale en-GB who chooses English keeps en-GB, because times and numbers follow the region.
   *
   * @param person their requester's key; undefined if unknown
   * @param otherwise what their client says, what they wrote last, what a policy says, …, in this order
   * @returns a language tag; undefined if nothing is known, which means English
   */
  of(person: string | undefined, ...otherwise: readonly (string | null | undefined)[]): string | undefined {
    const known = otherwise.find((locale) => locale !== null && locale !== undefined) ?? undefined;
    const chosen = person === undefined ? undefined : this.#chosen.get(person.toLowerCase());
    if (chosen === undefined) return known;
    return known !== undefined && languagePart(known) === languagePart(chosen) ? known : chosen;
  }

  /** The language in which a call speaks to its callee, if they have chosen another than this; null otherwise. */
  ofCallee(target: Target, language: string): string | null {
    const person = personIdOf(target);
    const own = person === null ? undefined : this.of(person, language);
    return own === undefined || own === language ? null : own;
  }

  /**
   * Stores a choice.
   *
   * @param tag null to forget it
   * @param first runs first in the transaction; if it returns false, nothing is stored
   * @returns whether it was stored
   */
  async choose(
    person: string,
    tag: string | null,
    first: (work: Work) => Promise<boolean>,
  ): Promise<boolean> {
    const { transact, clock } = this.#parts;
    const isStored = await transact(async (work) => {
      if (!(await first(work))) return false;
      if (tag === null) {
        await this.forgetIn(work, person);
        return true;
      }
      const row = { person: person.toLowerCase(), language: tag, chosen_at: new Date(clock.now()) };
      await work.sql
        .insertInto('languages')
        .values(row)
        .onConflict((conflict) => conflict.column('person').doUpdateSet(row))
        .execute();
      await announce(work);
      return true;
    });
    if (isStored) await this.#reload();
    return isStored;
  }

  /** Forgets somebody's choice. Call `forgotten` after the commit. */
  async forgetIn(work: Work, person: string): Promise<void> {
    const { numDeletedRows } = await work.sql
      .deleteFrom('languages')
      .where('person', '=', person.toLowerCase())
      .executeTakeFirst();
    if (numDeletedRows > 0n) await announce(work);
  }

  async forgotten(): Promise<void> {
    await this.#reload();
  }

  /** For the export of a person's data. */
  async export(person: string): Promise<string | null> {
    const row = await this.#parts.database.sql
      .selectFrom('languages')
      .select('language')
      .where('person', '=', person.toLowerCase())
      .executeTakeFirst();
    return row?.language ?? null;
  }

  /** Loads follow each other, so that an older one cannot overwrite a newer one. */
  async #load(): Promise<void> {
    const load = async (): Promise<void> => await this.#read();
    this.#loading = this.#loading.then(load, load);
    await this.#loading;
  }

  /**
   * Never throws. While the database is away, which the sweep for jobs reports, the choices read before stay in use, and
   * the next poll tries again.
   */
  async #reload(): Promise<void> {
    await this.#load().catch(() => undefined);
  }

  async #read(): Promise<void> {
    const { sql } = this.#parts.database;
    // The version first: a choice that is stored in between is read once more with the next poll.
    const version = await versionIn(sql);
    const rows = await sql
      .selectFrom('languages')
      .select(['person', 'language'])
      // People of other channels choose their own ids. They cannot push Teams users out.
      .orderBy((order) => order('person', 'like', '%|%'))
      .orderBy('chosen_at', 'desc')
      .limit(MOST)
      .execute();
    this.#version = version;
    this.#chosen = new Map(rows.map(({ person, language }) => [person, language]));
  }

  #pollLater(): void {
    if (!this.#isStarted) return;
    const poll = async (): Promise<void> => await this.#poll();
    this.#timer = this.#parts.clock.setTimeout(() => void apartFromRequests(poll), POLL_MS);
  }

  async #poll(): Promise<void> {
    try {
      if ((await versionIn(this.#parts.database.sql)) !== this.#version) await this.#load();
    } catch {
      // The next poll tries again.
    } finally {
      this.#pollLater();
    }
  }
}

/** Tells the other processes that the choices have changed. */
async function announce({ sql }: Work): Promise<void> {
  await newVersion(CHANGED).execute(sql);
}

async function versionIn(sql: Database['sql']): Promise<unknown> {
  return (await readSetting(sql, CHANGED))?.['version'] ?? null;
}
