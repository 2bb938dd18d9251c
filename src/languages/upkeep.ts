import { sql as raw, type RawBuilder } from 'kysely';

/** Deletes up to `most` choices of people outside Teams from before this date: their ids are rarely seen again. */
export function oldLanguages(before: Date, most: number): RawBuilder<unknown> {
  return raw`DELETE FROM languages WHERE person IN
    (SELECT person FROM languages WHERE person LIKE '%|%' AND chosen_at < ${before} LIMIT ${most})`;
}
