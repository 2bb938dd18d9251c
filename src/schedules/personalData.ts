import type { Selectable } from 'kysely';
import type { Schema, Sql } from '../database/schema.ts';
import { anyContains } from '../privacy/person.ts';

/** The covers of a person. @param key the person's, as JSON contains it */
export async function coversOf(sql: Sql, key: string): Promise<Selectable<Schema['all_covers']>[]> {
  return await sql.selectFrom('all_covers').selectAll().where(anyContains(key, 'person')).execute();
}

/** Deletes the covers of a person. @returns how many */
export async function forgetCovers(sql: Sql, key: string): Promise<number> {
  const inChat = await sql.deleteFrom('covers').where(anyContains(key, 'person')).executeTakeFirst();
  const others = await sql.deleteFrom('cover_spans').where(anyContains(key, 'person')).executeTakeFirst();
  return Number(inChat.numDeletedRows + others.numDeletedRows);
}
