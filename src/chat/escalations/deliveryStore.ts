import { sql as raw, type RawBuilder } from 'kysely';
import type { Sql } from '../../database/schema.ts';

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

/** A card that is wanted: one that was sent before `old` is wanted anew. */
export interface WantedDelivery extends Key {
  cardId: string;
  createdAt: Date;
  run: number;
  old: Date | null;
}

/**
 * Wants cards to be delivered, as part of a statement. One that was sent is wanted anew, as another message, in a later run
 * of the ladder, and when it was sent before `old`. One that has not been sent stays as it is.
 */
export function wantingDeliveries(wanted: readonly WantedDelivery[]): RawBuilder<unknown> {
  // The same one may be wanted twice in a transaction.
  const newest = new Map(wanted.map((one) => [`${one.subject} ${one.audience}`, one]));
  const rows = [...newest.values()].map(({ subject, audience, cardId, createdAt, run, old }) => ({
    ...{ subject, audience, card_id: cardId, created_at: createdAt, run, old },
  }));
  const ifSent = (column: string, then: RawBuilder<unknown>): RawBuilder<unknown> =>
    raw`CASE WHEN own.sent_at IS NULL THEN own.${raw.ref(column)} ELSE ${then} END`;
  return raw`
    INSERT INTO card_deliveries AS own (subject, audience, card_id, created_at, run)
    SELECT subject, audience, card_id, created_at, run FROM json_to_recordset(${JSON.stringify(rows)}::json)
      AS wanted (subject text, audience text, card_id text, created_at timestamptz, run integer)
    ORDER BY subject, audience
    ON CONFLICT (subject, audience) DO UPDATE SET
      run = excluded.run,
      card_id = ${ifSent('card_id', raw`excluded.card_id`)},
      created_at = ${ifSent('created_at', raw`excluded.created_at`)},
      failed = ${ifSent('failed', raw`NULL`)},
      sent_at = NULL
    WHERE own.run < excluded.run OR own.sent_at < (
      SELECT old FROM json_to_recordset(${JSON.stringify(rows)}::json)
        AS wanted (subject text, audience text, old timestamptz)
      WHERE wanted.subject = excluded.subject AND wanted.audience = excluded.audience)`;
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
