import type { Kysely } from 'kysely';
import type { Schema } from '../database/schema.ts';

type Sql = Kysely<Schema>;

/** A card that somebody is to be shown without their having asked. Each is sent once. */
export interface Delivery {
  cardId: string;
  createdAt: Date;
  sentAt: Date | null;
  /** Why it was not delivered, as was told last. */
  failed: string | null;
}

interface Key {
  subject: string;
  audience: string;
}

/** Wants a card to be delivered. Not again if it was wanted before. */
export async function wantDelivery(
  sql: Sql,
  key: Key,
  fresh: { cardId: string; createdAt: Date },
): Promise<void> {
  await sql
    .insertInto('card_deliveries')
    .values({ ...key, card_id: fresh.cardId, created_at: fresh.createdAt })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

export async function loadDelivery(sql: Sql, { subject, audience }: Key): Promise<Delivery | null> {
  const row = await sql
    .selectFrom('card_deliveries')
    .selectAll()
    .where('subject', '=', subject)
    .where('audience', '=', audience)
    .executeTakeFirst();
  return row
    ? { cardId: row.card_id, createdAt: row.created_at, sentAt: row.sent_at, failed: row.failed }
    : null;
}

/** @returns false if it was sent, or another process is at it */
export async function leaseDelivery(
  sql: Sql,
  { subject, audience }: Key,
  now: Date,
  until: Date,
): Promise<boolean> {
  const result = await sql
    .updateTable('card_deliveries')
    .set({ lease_until: until })
    .where('subject', '=', subject)
    .where('audience', '=', audience)
    .where('sent_at', 'is', null)
    .where((where) => where.or([where('lease_until', 'is', null), where('lease_until', '<=', now)]))
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function settleDelivery(
  sql: Sql,
  { subject, audience }: Key,
  end: { sentAt: Date } | { failed: string } | 'later',
): Promise<void> {
  await sql
    .updateTable('card_deliveries')
    .set({
      lease_until: null,
      ...(end === 'later' ? {} : 'sentAt' in end ? { sent_at: end.sentAt, failed: null } : end),
    })
    .where('subject', '=', subject)
    .where('audience', '=', audience)
    .execute();
}
