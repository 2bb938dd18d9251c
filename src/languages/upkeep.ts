import { sql as raw, type RawBuilder } from 'kysely';
import { newVersion } from '../database/settings.ts';
import { CHANGED } from './chosenLanguages.ts';

/**
 * Deletes up to `most` choices of people outside Teams from before this date: their ids are rarely seen again. All processes
 * then read the choices again.
 */
export function oldLanguages(before: Date, most: number): RawBuilder<unknown> {
  return raw`WITH old AS
      (SELECT person FROM languages WHERE person LIKE '%|%' AND chosen_at < ${before} LIMIT ${most}),
    announced AS (${newVersion(CHANGED, raw`EXISTS (SELECT FROM old)`)})
    DELETE FROM languages WHERE person IN (SELECT person FROM old)`;
}
