import { sql as raw, type RawBuilder, type Selectable } from 'kysely';
import type { Schema, Sql } from '../database/schema.ts';
import { storable, storableJson } from '../database/storable.ts';
import type { Validators } from './ical/fetchCalendar.ts';

/** What is known of a calendar, without the copy itself. Times are epoch milliseconds. */
export interface CalendarState extends Validators {
  source: string;
  /** 0: there is no copy. */
  version: number;
  asOf: number | null;
  failingSince: number | null;
  problem: string | null;
  /** What operators were told. */
  told: readonly string[];
  checkedAt: number | null;
}

const columns = [
  'source',
  'version',
  'etag',
  'last_modified',
  'as_of',
  'failing_since',
  'problem',
  'told',
  'checked_at',
] as const;

/**
 * Claims a calendar, so that one process fetches it. Nothing has to be given back: a process that dies is followed by
 * another after the pause.
 *
 * @param now epoch milliseconds
 * @param pause how long ago it was tried last, at least: with a copy, and without. Milliseconds
 * @returns null if another process has just tried
 */
export async function claimCalendar(
  sql: Sql,
  source: string,
  now: number,
  pause: { withCopy: number; without: number },
): Promise<CalendarState | null> {
  const row = await sql
    .insertInto('calendars')
    .values({ source, tried_at: new Date(now), told: '[]' })
    .onConflict((conflict) =>
      conflict
        .column('source')
        .doUpdateSet({ tried_at: new Date(now) })
        .where(
          'calendars.tried_at',
          '<=',
          raw<Date>`CASE WHEN calendars.text IS NULL THEN ${new Date(now - pause.without)}::timestamptz
            ELSE ${new Date(now - pause.withCopy)}::timestamptz END`,
        ),
    )
    .returning(columns)
    .executeTakeFirst();
  return row ? stateOf(row) : null;
}

/**
 * The source has answered.
 *
 * @param text the copy; null if the source says that it has not changed
 * @param now epoch milliseconds
 * @returns the version of the copy
 */
export async function keepCalendar(
  sql: Sql,
  source: string,
  copy: ({ text: string } & Validators) | null,
  now: number,
): Promise<number> {
  const { version } = await sql
    .updateTable('calendars')
    .set({ as_of: new Date(now), failing_since: null, problem: null })
    .$if(copy !== null, (update) => {
      const text = storable(copy?.text ?? '');
      return update.set({
        version: raw<number>`CASE WHEN text IS DISTINCT FROM ${text} THEN version + 1 ELSE version END`,
        text,
        etag: copy?.etag ?? null,
        last_modified: copy?.lastModified ?? null,
      });
    })
    .where('source', '=', source)
    .returning('version')
    .executeTakeFirstOrThrow();
  return version;
}

/** The source did not answer, or with something else. The copy stays. @param now epoch milliseconds */
export async function noteFailure(sql: Sql, source: string, problem: string, now: number): Promise<void> {
  await sql
    .updateTable('calendars')
    .set({ problem, failing_since: raw<Date>`coalesce(failing_since, ${new Date(now)}::timestamptz)` })
    .where('source', '=', source)
    .execute();
}

/** @param checkedAt epoch milliseconds; null if its people were not looked up */
export async function noteTold(
  sql: Sql,
  source: string,
  told: readonly string[],
  checkedAt: number | null,
): Promise<void> {
  await sql
    .updateTable('calendars')
    .set({ told: storableJson(told) })
    .$if(checkedAt !== null, (update) => update.set({ checked_at: new Date(checkedAt ?? 0) }))
    .where('source', '=', source)
    .execute();
}

export async function calendarStates(sql: Sql, sources: readonly string[]): Promise<CalendarState[]> {
  const rows = await sql
    .selectFrom('calendars')
    .select(columns)
    .where('source', 'in', [...sources])
    .execute();
  return rows.map(stateOf);
}

export async function calendarCopy(
  sql: Sql,
  source: string,
): Promise<{ text: string; version: number } | null> {
  const row = await sql
    .selectFrom('calendars')
    .select(['text', 'version'])
    .where('source', '=', source)
    .executeTakeFirst();
  return row && row.text !== null ? { text: row.text, version: row.version } : null;
}

/** Deletes at most `most` calendars that nobody has wanted since. */
export function oldCalendars(before: Date, most: number): RawBuilder<unknown> {
  return raw`DELETE FROM calendars WHERE source IN
    (SELECT source FROM calendars WHERE tried_at < ${before} LIMIT ${most})`;
}

type Row = Pick<Selectable<Schema['calendars']>, (typeof columns)[number]>;

function stateOf({ source, version, etag, told, problem, ...row }: Row): CalendarState {
  return {
    source,
    version,
    etag,
    lastModified: row.last_modified,
    asOf: row.as_of?.getTime() ?? null,
    failingSince: row.failing_since?.getTime() ?? null,
    problem,
    told,
    checkedAt: row.checked_at?.getTime() ?? null,
  };
}
