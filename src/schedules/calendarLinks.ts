import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { sql as raw, type RawBuilder } from 'kysely';
import type { Clock } from '../clock.ts';
import type { Sql } from '../database/schema.ts';
import type { Transact, Work } from '../database/transaction.ts';

/** A secret address of calendars, as its owner sees it later. Times are epoch milliseconds. */
export interface CalendarLink {
  id: string;
  createdAt: number;
  /** When a calendar last got an answer; null if none has. */
  fetchedAt: number | null;
}

/** A new link. Only now its secret is known. */
export interface NewCalendarLink {
  secret: string;
  /** How many other links of the owner work. */
  others: number;
  /** Whether the one that was used longest ago ended, because there were too many. */
  replaced: boolean;
}

/** A person can have at most this many. */
export const MOST_CALENDAR_LINKS = 5;

/** When somebody last fetched a link is stored at most this often. Milliseconds. */
const NOTED_EACH_MS = 60_000;

interface Parts {
  sql: Sql;
  transact: Transact;
  clock: Pick<Clock, 'now'>;
}

/** The links to calendars. People are named by object id, in lower case. */
export class CalendarLinks {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Makes a link.
   *
   * @param first runs first in the transaction; if it returns false, no link is made
   */
  async make(
    person: string,
    first: (work: Work) => Promise<boolean> = async () => await Promise.resolve(true),
  ): Promise<NewCalendarLink | null> {
    const { transact, clock } = this.#parts;
    // Hexadecimal: in clients that read Markdown, the `_` of base64url would spoil the address.
    const secret = randomBytes(32).toString('hex');
    return await transact(async (work) => {
      if (!(await first(work))) return null;
      const { sql } = work;
      // One after another, so that two requests at once do not leave one link too many.
      await raw`SELECT pg_advisory_xact_lock(hashtextextended(${`calendar links ${person}`}, 7466))`.execute(
        sql,
      );
      const kept = await sql
        .selectFrom('calendar_links')
        .select(['id', 'created_at', 'fetched_at'])
        .where('person', '=', person)
        .execute();
      const usedAt = ({ created_at, fetched_at }: (typeof kept)[number]) =>
        (fetched_at ?? created_at).getTime();
      const ending = kept
        .toSorted((one, other) => usedAt(other) - usedAt(one))
        .slice(MOST_CALENDAR_LINKS - 1)
        .map(({ id }) => id);
      if (ending.length > 0) await sql.deleteFrom('calendar_links').where('id', 'in', ending).execute();
      await sql
        .insertInto('calendar_links')
        .values({
          id: randomUUID(),
          hash: hashOf(secret),
          person,
          created_at: new Date(clock.now()),
          fetched_at: null,
        })
        .execute();
      return { secret, others: kept.length - ending.length, replaced: ending.length > 0 };
    });
  }

  /** The newest first. */
  async list(person: string): Promise<CalendarLink[]> {
    return await linksOf(this.#parts.sql, person);
  }

  /** Ends one link of a person. @returns whether there was one */
  async revoke(person: string, id: string): Promise<boolean> {
    const { numDeletedRows } = await this.#parts.sql
      .deleteFrom('calendar_links')
      .where('person', '=', person)
      .where('id', '=', id)
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }

  /** Ends all links of a person. @returns how many */
  async revokeAll(person: string): Promise<number> {
    return await this.#parts.transact(async (work) => await deleteLinksOf(work.sql, person));
  }

  /** Whose link this is; null if it is unknown or has ended. Any text takes the same work. */
  async ownerOf(secret: string): Promise<{ id: string; person: string; createdAt: number } | null> {
    const row = await this.#parts.sql
      .selectFrom('calendar_links')
      .select(['id', 'person', 'created_at'])
      .where('hash', '=', hashOf(secret))
      .executeTakeFirst();
    return row ? { id: row.id, person: row.person, createdAt: row.created_at.getTime() } : null;
  }

  /** A calendar got an answer. */
  async fetched(id: string): Promise<void> {
    const { sql, clock } = this.#parts;
    const now = clock.now();
    await sql
      .updateTable('calendar_links')
      .set({ fetched_at: new Date(now) })
      .where('id', '=', id)
      .where((where) =>
        where.or([where('fetched_at', 'is', null), where('fetched_at', '<=', new Date(now - NOTED_EACH_MS))]),
      )
      .execute();
  }
}

export async function linksOf(sql: Sql, person: string): Promise<CalendarLink[]> {
  const rows = await sql
    .selectFrom('calendar_links')
    .select(['id', 'created_at', 'fetched_at'])
    .where('person', '=', person)
    .orderBy('created_at', 'desc')
    .orderBy('id')
    .execute();
  return rows.map(({ id, created_at, fetched_at }) => ({
    id,
    createdAt: created_at.getTime(),
    fetchedAt: fetched_at?.getTime() ?? null,
  }));
}

/** @returns how many links of the person were deleted */
export async function deleteLinksOf(sql: Sql, person: string): Promise<number> {
  const { numDeletedRows } = await sql
    .deleteFrom('calendar_links')
    .where('person', '=', person)
    .executeTakeFirst();
  return Number(numDeletedRows);
}

/** Deletes at most `most` links that nobody made or fetched since then, such as those of people who left. */
export function unusedCalendarLinks(before: Date, most: number): RawBuilder<unknown> {
  return raw`DELETE FROM calendar_links WHERE id IN
    (SELECT id FROM calendar_links WHERE coalesce(fetched_at, created_at) < ${before} LIMIT ${most})`;
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
