import { sql as raw, type RawBuilder } from 'kysely';
import type { Sql } from '../../database/schema.ts';
import { storableJson } from '../../database/storable.ts';
import { LastRows } from '../../database/transaction.ts';

/** @returns false if this activity was taken before, so it is a redelivery. One that is `refusing` was not taken. */
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

/** Whether a message has had no effect so far. */
export async function isOpenToEdits(sql: Sql, key: string): Promise<boolean> {
  const query = sql.selectFrom('chat_activities').select('key').where('key', '=', key);
  return (await query.where('nothing_done', '=', true).executeTakeFirst()) !== undefined;
}

/** Lets one edit act if its message has had no effect so far. @returns false if it has */
export async function takeEdit(sql: Sql, key: string): Promise<boolean> {
  const query = sql.updateTable('chat_activities').set({ nothing_done: false }).where('key', '=', key);
  const { numUpdatedRows } = await query.where('nothing_done', '=', true).executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Records that the edit had no effect either. */
export async function undoEdit(sql: Sql, key: string): Promise<void> {
  await sql.updateTable('chat_activities').set({ nothing_done: true }).where('key', '=', key).execute();
}

/** Takes an activity unless it was already taken after `since`. @returns false if it was */
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
 * The state of activities as an SQL expression, by their keys: undefined if one was not taken, otherwise whether it is
 * being refused. A refusal counts even if the process has not sent it yet, or died before it could.
 */
export function activitiesQuestion(keys: readonly string[]): RawBuilder<unknown> {
  return raw`(SELECT json_object_agg(key, refusing) FROM chat_activities WHERE key = ANY(${[...keys]}::text[]))`;
}

/** Activities that are taken with the last statement of a transaction. One taken by another meanwhile is a conflict. */
export const takenActivities = new LastRows<{ key: string; at: Date }>(
  'taken',
  (rows) => raw`INSERT INTO chat_activities (key, at)
    SELECT key, at FROM json_to_recordset(${storableJson(rows)}::json) AS row (key text, at timestamptz)`,
);

/**
 * Marks this activity as refused: nothing will be granted for it. Then send the refusal and call `toldRefusal`.
 *
 * @returns false if it was taken before, or its refusal was sent
 */
export async function refuseActivity(sql: Sql, key: string, at: Date): Promise<boolean> {
  return await claimActivity(sql, { key, at, refusing: true, nothing_done: true });
}

/** Inserts the row, or takes over one whose refusal was not sent yet. */
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
