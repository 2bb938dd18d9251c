import { sql as raw, type Kysely, type RawBuilder } from 'kysely';
import type { Schema } from '../../database/schema.ts';

type Sql = Kysely<Schema>;

/** A card that somebody is to be shown without their having asked. Each is sent once, until it is wanted anew. */
export interface Delivery {
  cardId: string;
  createdAt: Date;
  sentAt: Date | null;
  /** Why it was not delivered, as was told last. */
  failed: string | null;
  /** In which run of the ladder it was wanted. */
  run: number;
}

interface Key {
  subject: string;
  audience: string;
}

/**
 * Wants a card to be delivered. One that was sent is wanted anew, as another message, in a later run of the ladder, and
 * when it was sent before `old`. One that has not been sent stays as it is.
 */
export async function wantDelivery(
  sql: Sql,
  key: Key,
  fresh: { cardId: string; createdAt: Date; run: number; old: Date | null },
): Promise<void> {
  const { cardId, createdAt, run, old } = fresh;
  const ifSent = <T>(column: string, then: T): RawBuilder<T> =>
    raw<T>`CASE WHEN card_deliveries.sent_at IS NULL THEN card_deliveries.${raw.ref(column)} ELSE ${then} END`;
  await sql
    .insertInto('card_deliveries')
    .values({ ...key, card_id: cardId, created_at: createdAt, run })
    .onConflict((conflict) =>
      conflict
        .columns(['subject', 'audience'])
        .doUpdateSet({
          run,
          card_id: ifSent('card_id', cardId),
          created_at: ifSent('created_at', createdAt),
          failed: ifSent('failed', null),
          sent_at: null,
        })
        .where(raw<boolean>`(card_deliveries.run < ${run} OR card_deliveries.sent_at < ${old})`),
    )
    .execute();
}

export async function loadDelivery(sql: Sql, { subject, audience }: Key): Promise<Delivery | null> {
  const row = await sql
    .selectFrom('card_deliveries')
    .selectAll()
    .where('subject', '=', subject)
    .where('audience', '=', audience)
    .executeTakeFirst();
  if (!row) return null;
  const { card_id: cardId, created_at: createdAt, sent_at: sentAt, failed, run } = row;
  return { cardId, createdAt, sentAt, failed, run };
}

export async function settleDelivery(
  sql: Sql,
  { subject, audience }: Key,
  end: { sentAt: Date } | { failed: string },
): Promise<void> {
  await sql
    .updateTable('card_deliveries')
    .set('sentAt' in end ? { sent_at: end.sentAt, failed: null } : end)
    .where('subject', '=', subject)
    .where('audience', '=', audience)
    .execute();
}
