import { sql as raw, type RawBuilder } from 'kysely';
import type { Sql } from './schema.ts';

/** Where a list stands. Lists are sorted by `createdAt`, then by id, newest first. */
export interface Place {
  createdAt: string;
  id: string;
}

/** A search of a large table, in the order of its index on (created_at, id). */
export interface NewestFirst {
  table: 'calls' | 'escalations';
  /**
   * Conditions that an index answers in the order of time. Rows that meet any of them are candidates; a row must not
   * meet two. TRUE reads the whole table.
   */
  streams: readonly RawBuilder<unknown>[];
  /** Conditions on `candidate` that no index answers: candidates are read until a page is full, up to `mostRead`. */
  filters: readonly RawBuilder<unknown>[];
  /** Only rows older than this. */
  before?: Place | undefined;
  from?: Date | undefined;
  until?: Date | undefined;
  limit: number;
}

export interface FoundRows {
  ids: string[];
  /** Where to go on; null if there is no more. */
  next: Place | null;
  /** The page is not full because the search has read `mostRead` candidates. There may be more before `next`. */
  stopped: boolean;
}

/** At most about 80 ms, in the embedded database with the rows of one person all over a large table. */
const MOST_READ = 3_000;

/** Finds one page of rows. Its cost does not depend on the size of the table or on the depth of the page. */
export async function newestFirst(sql: Sql, search: NewestFirst, mostRead = MOST_READ): Promise<FoundRows> {
  // How many rows fit what is searched decides which index is best: each search has a plan of its own (see pglite.ts).
  const planned = async (trx: Sql): Promise<FoundRows> => {
    await raw`SET LOCAL plan_cache_mode = force_custom_plan`.execute(trx);
    return await find(trx, search, mostRead);
  };
  return sql.isTransaction ? await planned(sql) : await sql.transaction().execute(planned);
}

async function find(sql: Sql, search: NewestFirst, mostRead: number): Promise<FoundRows> {
  const { filters, limit } = search;
  const read = filters.length === 0 ? limit + 1 : mostRead;
  const candidates = candidatesOf(search, read);
  const { rows } = await raw<{ id: string; created_at: Date }>`SELECT id, created_at
    FROM (${candidates}) AS candidate WHERE ${allOf(filters)}
    ORDER BY created_at DESC, id DESC LIMIT ${limit + 1}`.execute(sql);
  const ids = rows.slice(0, limit).map(({ id }) => id);
  if (rows.length > limit) return { ids, next: placeOf(rows[limit - 1]), stopped: false };
  if (filters.length === 0) return { ids, next: null, stopped: false };
  const last = await raw<{ id: string; created_at: Date }>`SELECT id, created_at
    FROM (${candidates}) AS candidate OFFSET ${read - 1}`.execute(sql);
  const next = placeOf(last.rows[0]);
  return { ids, next, stopped: next !== null };
}

function candidatesOf(
  { table, streams, before, from, until }: NewestFirst,
  read: number,
): RawBuilder<unknown> {
  const bounds = [
    ...(before ? [raw`(created_at, id) < (${new Date(before.createdAt)}, ${before.id})`] : []),
    ...(from ? [raw`created_at >= ${from}`] : []),
    ...(until ? [raw`created_at < ${until}`] : []),
  ];
  const newest = raw`ORDER BY created_at DESC, id DESC LIMIT ${read}`;
  const parts = streams.map(
    (stream) => raw`(SELECT * FROM ${raw.table(table)} WHERE ${allOf([stream, ...bounds])} ${newest})`,
  );
  const [only, ...others] = parts;
  if (only && others.length === 0) return only;
  return raw`SELECT * FROM (${raw.join(parts, raw` UNION ALL `)}) AS streams ${newest}`;
}

function allOf(conditions: readonly RawBuilder<unknown>[]): RawBuilder<unknown> {
  return conditions.length === 0
    ? raw`TRUE`
    : raw.join(
        conditions.map((one) => raw`(${one})`),
        raw` AND `,
      );
}

function placeOf(row: { id: string; created_at: Date } | undefined): Place | null {
  return row ? { createdAt: row.created_at.toISOString(), id: row.id } : null;
}

/** A condition: the text contains all words, in any case. */
export function hasWords(text: RawBuilder<unknown>, words: string): RawBuilder<unknown> {
  const each = words.split(/\s+/).filter(Boolean);
  return allOf(each.map((word) => raw`${text} ILIKE ${`%${word.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`}`));
}
