import { randomUUID } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { Schema, Sql } from '../database/schema.ts';
import { storableJson } from '../database/storable.ts';
import type { Exchange } from './exchange.ts';

/** Somebody may have at most this many offers that wait for an answer. */
export const MOST_OFFERS = 20;

/** @returns its id */
export async function insertExchange(
  sql: Sql,
  { asker, asked, gives, takes, ...more }: Omit<Exchange, 'id' | 'revision'>,
): Promise<string> {
  const id = `exchange_${randomUUID().replaceAll('-', '')}`;
  await sql
    .insertInto('exchanges')
    .values({
      id,
      policy: more.policy,
      rotation: more.rotation,
      asker: storableJson(asker),
      asked: storableJson(asked),
      time_zone: more.timeZone,
      gives_from: new Date(gives.from),
      gives_until: new Date(gives.to),
      takes_from: takes && new Date(takes.from),
      takes_until: takes && new Date(takes.to),
      state: storableJson(more.state),
      revision: 1,
      created_at: new Date(more.createdAt),
      expires_at: new Date(more.expiresAt),
    })
    .execute();
  return id;
}

export async function loadExchange(sql: Sql, id: string): Promise<Exchange | null> {
  const row = await sql.selectFrom('exchanges').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? exchangeOf(row) : null;
}

/** Locks it until the transaction ends. Lock the covers of its policy before, if they will change. */
export async function lockExchange(sql: Sql, id: string): Promise<Exchange | null> {
  const row = await sql
    .selectFrom('exchanges')
    .selectAll()
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row ? exchangeOf(row) : null;
}

/** The offers of a policy that nobody has answered yet. */
export async function openExchanges(sql: Sql, policy: string, at: number): Promise<Exchange[]> {
  const rows = await sql
    .selectFrom('exchanges')
    .selectAll()
    .where('policy', '=', policy)
    .where('expires_at', '>', new Date(at))
    .orderBy('created_at')
    .execute();
  return rows.map(exchangeOf).filter(({ state }) => state.kind === 'asked');
}

/** Stores a new state. */
export async function saveExchange(
  sql: Sql,
  { id, revision }: Pick<Exchange, 'id' | 'revision'>,
  state: Exchange['state'],
): Promise<void> {
  await sql
    .updateTable('exchanges')
    .set({ state: storableJson(state), revision: revision + 1 })
    .where('id', '=', id)
    .execute();
}

function exchangeOf(row: Selectable<Schema['exchanges']>): Exchange {
  const { takes_from: from, takes_until: until } = row;
  return {
    id: row.id,
    policy: row.policy,
    rotation: row.rotation,
    asker: row.asker,
    asked: row.asked,
    timeZone: row.time_zone,
    gives: { from: row.gives_from.getTime(), to: row.gives_until.getTime() },
    takes: from && until ? { from: from.getTime(), to: until.getTime() } : null,
    state: row.state,
    revision: row.revision,
    createdAt: row.created_at.getTime(),
    expiresAt: row.expires_at.getTime(),
  };
}
