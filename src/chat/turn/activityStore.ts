import { sql as raw, type RawBuilder } from 'kysely';
import type { Sql } from '../../database/schema.ts';

/** @returns false if this activity was taken before: it is a redelivery. One that is `refusing` was not taken. */
export async function takeActivity(
  sql: Sql,
  key: string,
  at: Date,
  { nothingDone = false }: { nothingDone?: boolean } = {},
): Promise<boolean> {
  return await claimActivity(sql, { key, at, refusing: false, nothing_done: nothingDone });
}

export async function isTaken(sql: Sql, key: string): Promise<boolean> {
  const query = sql.selectFrom('chat_activities').select('key').where('key', '=', key);
  return (await query.executeTakeFirst()) !== undefined;
}

/** Whether nothing came of a message so far. */
export async function isOpenToEdits(sql: Sql, key: string): Promise<boolean> {
  const query = sql.selectFrom('chat_activities').select('key').where('key', '=', key);
  return (await query.where('nothing_done', '=', true).executeTakeFirst()) !== undefined;
}

/** Lets one edit of a message act, of which nothing came so far. @returns false if something did */
export async function takeEdit(sql: Sql, key: string): Promise<boolean> {
  const query = sql.updateTable('chat_activities').set({ nothing_done: false }).where('key', '=', key);
  const { numUpdatedRows } = await query.where('nothing_done', '=', true).executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Nothing came of the edit either. */
export async function undoEdit(sql: Sql, key: string): Promise<void> {
  await sql.updateTable('chat_activities').set({ nothing_done: true }).where('key', '=', key).execute();
}

/** Takes it, also where it was taken before `since`. @returns false if it was taken since then */
export async function takeActivityAgain(sql: Sql, key: string, at: Date, since: Date): Promise<boolean> {
  const result = await sql
    .insertInto('chat_activities')
    .values({ key, at })
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet({ at }).where('chat_activities.at', '<', since),
    )
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

/**
 * What became of this activity, as an expression: null if it was not taken; else whether it was refused. A refusal that
 * somebody is about to tell, or died before, holds.
 */
export function activityQuestion(key: string): RawBuilder<unknown> {
  return raw`(SELECT refusing FROM chat_activities WHERE key = ${key})`;
}

/** Takes this activity for what it asks for, as part of a statement. If it was taken meanwhile that is a conflict. */
export function takingActivity(key: string, at: Date): RawBuilder<unknown> {
  return raw`INSERT INTO chat_activities (key, at) VALUES (${key}, ${at})`;
}

/**
 * Takes this activity as refused: from now on nothing is granted for it. To be told, and then `toldRefusal`.
 *
 * @returns false if it was taken before, or its refusal was told
 */
export async function refuseActivity(sql: Sql, key: string, at: Date): Promise<boolean> {
  return await claimActivity(sql, { key, at, refusing: true, nothing_done: true });
}

/** Where it stands already it is claimed only from a refusal that has not been told. */
async function claimActivity(
  sql: Sql,
  activity: { key: string; at: Date; refusing: boolean; nothing_done: boolean },
): Promise<boolean> {
  const { key: _, ...now } = activity;
  const result = await sql
    .insertInto('chat_activities')
    .values(activity)
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet(now).where('chat_activities.refusing', '=', true),
    )
    .executeTakeFirst();
  return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
}

export async function toldRefusal(sql: Sql, key: string): Promise<void> {
  await sql.updateTable('chat_activities').set({ refusing: false }).where('key', '=', key).execute();
}

export async function forgetActivity(sql: Sql, key: string): Promise<void> {
  await sql.deleteFrom('chat_activities').where('key', '=', key).execute();
}
