import { randomUUID } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { Target } from '../../calls/call.ts';
import type { Schema, Sql } from '../../database/schema.ts';
import { storableJson } from '../../database/storable.ts';
import type { NotCallable } from '../../directory/directory.ts';

/** A person to call, a call to end, an escalation, or a rotation. */
export type ChoiceOption =
  /** `notCallable`: why this person cannot be called, as known when they were offered. */
  | { target: Target; callId?: string; notCallable?: NotCallable }
  /** `revision`: the revision that was offered. */
  | { escalationId: string; name: string; revision?: number }
  | { rotation: string; name: string };

export interface Choice {
  id: string;
  askerKey: string;
  conversationKey: string;
  what: Schema['choices']['what'];
  options: ChoiceOption[];
  /** The message to speak; null to connect instead. */
  message: string | null;
  createdAt: Date;
  /** The number of the chosen option, from 1. */
  chosen: number | null;
}

export async function insertChoice(sql: Sql, choice: Omit<Choice, 'id' | 'chosen'>): Promise<string> {
  const id = `choice_${randomUUID().replaceAll('-', '')}`;
  await sql
    .insertInto('choices')
    .values({
      id,
      asker_key: choice.askerKey,
      conversation_key: choice.conversationKey,
      what: choice.what,
      candidates: JSON.stringify(choice.options),
      message: choice.message,
      created_at: choice.createdAt,
    })
    .execute();
  return id;
}

/** Loads a choice and locks it until the transaction ends. */
export async function lockChoice(sql: Sql, id: string): Promise<Choice | null> {
  const row = await sql.selectFrom('choices').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
  return row ? readChoice(row) : null;
}

export async function loadChoice(sql: Sql, id: string): Promise<Choice | null> {
  const row = await sql.selectFrom('choices').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? readChoice(row) : null;
}

/** The last question to this person in this conversation. */
export async function latestChoice(
  sql: Sql,
  askerKey: string,
  conversationKey: string,
): Promise<Choice | null> {
  const row = await sql
    .selectFrom('choices')
    .selectAll()
    .where('asker_key', '=', askerKey)
    .where('conversation_key', '=', conversationKey)
    .orderBy('created_at', 'desc')
    .executeTakeFirst();
  return row ? readChoice(row) : null;
}

export async function markChosen(sql: Sql, id: string, number: number): Promise<void> {
  await sql
    .updateTable('choices')
    .set({ chosen: String(number) })
    .where('id', '=', id)
    .execute();
}

/** Adds a person who was not among the options, and marks them as chosen. */
export async function markOtherChosen(sql: Sql, { id, options }: Choice, target: Target): Promise<void> {
  await sql
    .updateTable('choices')
    .set({ candidates: storableJson([...options, { target }]), chosen: String(options.length + 1) })
    .where('id', '=', id)
    .execute();
}

function readChoice(row: Selectable<Schema['choices']>): Choice {
  return {
    id: row.id,
    askerKey: row.asker_key,
    conversationKey: row.conversation_key,
    what: row.what,
    options: row.candidates,
    message: row.message,
    createdAt: row.created_at,
    chosen: row.chosen === null ? null : Number(row.chosen),
  };
}
