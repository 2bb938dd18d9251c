import type { Sql } from '../database/schema.ts';
import { storableJson } from '../database/storable.ts';
import type { Work } from '../database/transaction.ts';
import { anyContains, orNone, type Leaving } from '../privacy/person.ts';

export async function exportPerson(sql: Sql, key: string): Promise<{ conversation: object | null }> {
  const conversation = await sql
    .selectFrom('conversations')
    .select(['place', 'locale', 'seen_at'])
    .where('object_id', '=', key)
    .executeTakeFirst();
  return { conversation: conversation ?? null };
}

/**
 * Deletes the cards in the person's own chat, anonymises other people's cards, and updates those in place.
 *
 * @returns how many cards and conversations were deleted
 */
export async function forgetPerson(
  work: Work,
  { key, calls, escalations, without }: Leaving,
): Promise<{ cards: number; conversations: number }> {
  const { sql } = work;
  const chat = await sql
    .deleteFrom('conversations')
    .where('object_id', '=', key)
    .returning('conversation_key')
    .execute();
  const own = await sql
    .deleteFrom('cards')
    .where((where) =>
      where.or([
        where('conversation_key', 'in', orNone(chat.map((one) => one.conversation_key))),
        anyContains(key, 'audience', 'conversation'),
      ]),
    )
    .executeTakeFirst();
  const subjects = [...calls.map((id) => `call:${id}`), ...escalations.map((id) => `escalation:${id}`)];
  const left = await sql
    .selectFrom('cards')
    .select(['id', 'conversation'])
    .where('subject', 'in', orNone(subjects))
    .execute();
  for (const card of left) {
    await sql
      .updateTable('cards')
      .set({ conversation: storableJson(without(card.conversation)) })
      .where('id', '=', card.id)
      .execute();
  }
  await sql.deleteFrom('card_deliveries').where(anyContains(key, 'audience')).execute();
  await sql
    .deleteFrom('choices')
    .where((where) => where.or([where('asker_key', '=', key), anyContains(key, 'candidates', 'message')]))
    .execute();
  for (const subject of subjects) work.enqueue({ name: 'card.show', data: { subject } });
  return { cards: Number(own.numDeletedRows), conversations: chat.length };
}
