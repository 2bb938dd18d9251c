import { sql as raw, type RawBuilder } from 'kysely';
import * as z from 'zod';

/** A card that somebody gets unasked. It is sent once, unless it is requested again. */
export interface Delivery {
  cardId: string;
  createdAt: Date;
  sentAt: Date | null;
  /** Why it was not delivered, as last recorded. */
  failed: string | null;
  /** The run of the ladder in which it was requested. */
  run: number;
}

interface Key {
  subject: string;
  audience: string;
}

/** A requested card. If it was sent before `old`, it is sent again. */
export interface WantedDelivery extends Key {
  cardId: string;
  createdAt: Date;
  run: number;
  old: Date | null;
}

/**
 * Requests cards, as part of a statement. A card that was sent is requested again, as a new message, in a later run of
 * the ladder or if it was sent before `old`. A card that has not been sent yet stays as it is.
 */
export function wantingDeliveries(wanted: readonly WantedDelivery[]): RawBuilder<unknown> {
  // A transaction may request the same card twice.
  const newest = new Map(wanted.map((one) => [`${one.subject} ${one.audience}`, one]));
  const rows = [...newest.values()].map(({ subject, audience, cardId, createdAt, run, old }) => ({
    subject,
    audience,
    card_id: cardId,
    created_at: createdAt,
    run,
    old,
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

/** A requested card as an expression: pass its value to `deliveryIn`. */
export function deliveryQuestion({ subject, audience }: Key): RawBuilder<unknown> {
  return raw`(SELECT row_to_json(own) FROM card_deliveries AS own
    WHERE subject = ${subject} AND audience = ${audience})`;
}

const deliveryRow = z
  .object({
    card_id: z.string(),
    created_at: z.coerce.date(),
    sent_at: z.coerce.date().nullable(),
    failed: z.string().nullable(),
    run: z.number(),
  })
  .nullable();

export function deliveryIn(answer: unknown): Delivery | null {
  const row = deliveryRow.parse(answer);
  if (!row) return null;
  const { card_id: cardId, created_at: createdAt, sent_at: sentAt, failed, run } = row;
  return { cardId, createdAt, sentAt, failed, run };
}

/** Records what became of a card, as part of a statement. */
export function settlingDelivery(
  { subject, audience }: Key,
  end: { sentAt: Date } | { failed: string },
): RawBuilder<unknown> {
  const [sentAt, failed] = 'sentAt' in end ? [end.sentAt, null] : [raw`sent_at`, end.failed];
  return raw`UPDATE card_deliveries SET sent_at = ${sentAt}, failed = ${failed}
    WHERE subject = ${subject} AND audience = ${audience}`;
}
