import { sql as raw, type RawBuilder } from 'kysely';
import { CHANGED } from './chosenLanguages.ts';

/**
 * Deletes up to `most` choices of people outside Teams from before this date: their ids are rarely seen again. All processes
 * then read the choices again.
 */
export function oldLanguages(before: Date, most: number): RawBuilder<unknown> {
  return raw`WITH old AS
      (SELECT person FROM languages WHERE person LIKE '%|%' AND chosen_at < ${before} LIMIT ${most}),
    announced AS
      (INSERT INTO settings (name, value)
        SELECT ${raw.lit(CHANGED)}, jsonb_build_object('version', gen_random_uuid())
        WHERE EXISTS (SELECT FROM old)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value)
    DELETE FROM languages WHERE person IN (SELECT person FROM old)`;
}
