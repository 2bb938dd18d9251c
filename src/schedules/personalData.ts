import type { Selectable } from 'kysely';
import type { Schema, Sql } from '../database/schema.ts';
import { storableJson } from '../database/storable.ts';
import { FORGOTTEN, FORGOTTEN_NAME } from '../privacy/anonymise.ts';
import { anyContains } from '../privacy/person.ts';
import { isSettled, type Exchange } from './exchange.ts';

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

/** The offers to exchange duty that a person made or got. */
export async function exchangesOf(sql: Sql, key: string): Promise<Selectable<Schema['exchanges']>[]> {
  return await sql
    .selectFrom('exchanges')
    .selectAll()
    .where(anyContains(key, 'asker', 'asked'))
    .orderBy('created_at')
    .execute();
}

/**
 * Removes a person from the offers to exchange duty. Those that wait for an answer end.
 *
 * @param at epoch milliseconds
 * @returns the ids of the offers
 */
export async function forgetExchanges(sql: Sql, key: string, at: number): Promise<string[]> {
  const rows = await sql
    .selectFrom('exchanges')
    .select(['id', 'asker', 'asked', 'state', 'revision'])
    .where(anyContains(key, 'asker', 'asked'))
    .orderBy('id')
    .forUpdate()
    .execute();
  const without = (person: Exchange['asker']): Exchange['asker'] =>
    person.id.toLowerCase() === key.toLowerCase()
      ? { kind: person.kind, id: FORGOTTEN, displayName: FORGOTTEN_NAME }
      : person;
  for (const { id, asker, asked, state, revision } of rows) {
    const ended: Exchange['state'] = { kind: state.kind === 'proposed' ? 'notAsked' : 'withdrawn', at };
    await sql
      .updateTable('exchanges')
      .set({
        asker: storableJson(without(asker)),
        asked: storableJson(without(asked)),
        state: storableJson(isSettled(state) ? state : ended),
        revision: revision + 1,
      })
      .where('id', '=', id)
      .execute();
  }
  return rows.map(({ id }) => id);
}
