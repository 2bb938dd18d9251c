import { randomUUID } from 'node:crypto';
import { sql as raw, type RawBuilder } from 'kysely';
import * as z from 'zod';
import type { Sql } from '../../database/schema.ts';
import { storableJson } from '../../database/storable.ts';
import { LastRows } from '../../database/transaction.ts';
import { placeSchema, type Place } from '../connector/place.ts';

/** How long the turn that created a card has to send it. If the turn dies, a job sends the card afterwards. */
export const TURN_GRACE_MS = 10_000;
/** In place of a shown state: the turn has left the card to the job, because the chat service asked to wait. */
export const LEFT = 'left';

/** One of our messages that shows a call or an escalation and is kept up to date. */
export interface Card {
  id: string;
  /** `call:<id>` or `escalation:<id>` */
  subject: string;
  place: Place;
  conversationKey: string;
  locale: string | undefined;
  /** The id of the message; null if it was not sent yet, empty if the channel returned no id. */
  activityId: string | null;
  shownRevision: number;
  shownState: string | null;
  createdAt: Date;
  /** Who got the card unasked (see escalationCards.ts); null for a card from a turn. */
  audience: string | null;
  /** The last shown revision of the escalation, which an acknowledgement on the card covers. */
  covers: number | null;
  /** When another message replaced it. */
  continuedAt: Date | null;
}

/** What a card shows. */
export interface ShownOnCard {
  activityId: string;
  revision: number;
  state: string;
  /** Set only if people certainly see the card. */
  covers?: number | undefined;
}

export function newCardId(): string {
  return `card_${randomUUID().replaceAll('-', '')}`;
}

interface NewCard extends Pick<
  Card,
  'id' | 'subject' | 'place' | 'conversationKey' | 'locale' | 'activityId' | 'createdAt'
> {
  audience?: string;
  shown?: ShownOnCard;
}

export async function insertCard(sql: Sql, card: NewCard): Promise<void> {
  await sql.insertInto('cards').values(rowOf(card)).execute();
}

/** Cards that are stored with the last statement of a transaction. */
export const newCards = new LastRows<NewCard>('cards', (cards) => {
  const rows = cards.map((card) => ({ ...rowOf(card), conversation: card.place }));
  const columns = raw.raw(Object.keys(rows[0] ?? {}).join(', '));
  return raw`INSERT INTO cards (${columns})
    SELECT ${columns} FROM json_populate_recordset(NULL::cards, ${storableJson(rows)}::json)`;
});

function rowOf(card: NewCard) {
  return {
    id: card.id,
    subject: card.subject,
    conversation: JSON.stringify(card.place),
    conversation_key: card.conversationKey,
    locale: card.locale ?? null,
    activity_id: card.shown?.activityId ?? card.activityId,
    created_at: card.createdAt,
    shown_revision: card.shown?.revision ?? 0,
    shown_state: card.shown?.state ?? null,
    audience: card.audience ?? null,
    covers: card.shown?.covers ?? null,
  };
}

export async function loadCard(sql: Sql, id: string): Promise<Card | null> {
  const row = await sql.selectFrom('cards').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? read(row) : null;
}

export async function cardsOf(sql: Sql, subject: string): Promise<Card[]> {
  const rows = await sql
    .selectFrom('cards')
    .selectAll()
    .where('subject', '=', subject)
    .orderBy('created_at')
    .execute();
  return rows.map(read);
}

/** The cards of a subject as an expression: pass its value to `cardsIn`. */
export function cardsQuestion(subject: string): RawBuilder<unknown> {
  return raw`(SELECT json_agg(card ORDER BY created_at) FROM cards AS card WHERE subject = ${subject})`;
}

export function cardsIn(answer: unknown): Card[] {
  return cardRows.parse(answer)?.map(read) ?? [];
}

/**
 * Records that the turn has sent the card.
 *
 * @returns false if the job sent another message in the meantime
 */
export async function rememberSent(sql: Sql, id: string, shown: ShownOnCard): Promise<boolean> {
  const result = await sql
    .updateTable('cards')
    .set({
      activity_id: shown.activityId,
      shown_revision: shown.revision,
      shown_state: shown.state,
      covers: shown.covers ?? null,
    })
    .where('id', '=', id)
    .where('activity_id', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Leaves a card that the turn could not send to the job, which sends it from `at` on. */
export async function leaveToJob(sql: Sql, id: string, at: Date): Promise<void> {
  await sql
    .updateTable('cards')
    .set({ created_at: new Date(at.getTime() - TURN_GRACE_MS), shown_state: LEFT })
    .where('id', '=', id)
    .where('activity_id', 'is', null)
    .execute();
}

/** Records what is shown now, as part of a statement. The revision never decreases. */
export function rememberingShown(id: string, shown: ShownOnCard): RawBuilder<unknown> {
  const covers = shown.covers === undefined ? raw`covers` : raw`${shown.covers}::integer`;
  return raw`UPDATE cards SET activity_id = ${shown.activityId}, shown_state = ${shown.state}, covers = ${covers},
    shown_revision = greatest(shown_revision, ${shown.revision}) WHERE id = ${id}`;
}

/**
 * What the card shows is not certain any more: it is to be shown once more.
 *
 * @param activityId the message that was sent last, if it is known
 */
export async function doubtShown(sql: Sql, id: string, activityId: string | undefined): Promise<void> {
  await sql
    .updateTable('cards')
    .set({ shown_revision: 0, ...(activityId && { activity_id: activityId }) })
    .where('id', '=', id)
    .execute();
}

/** Marks the older cards of this audience as replaced by another message, as part of a statement; in a channel also a card from a turn. */
export function continuingElsewhere(
  {
    id,
    subject,
    audience,
    conversationKey,
  }: Pick<Card, 'id' | 'subject' | 'conversationKey'> & { audience: string },
  at: Date,
): RawBuilder<unknown> {
  const fromTurn = audience === 'channel' ? conversationKey : null;
  return raw`UPDATE cards SET continued_at = ${at}
    WHERE subject = ${subject} AND id <> ${id} AND continued_at IS NULL
      AND (audience = ${audience} OR (audience IS NULL AND conversation_key = ${fromTurn}))`;
}

const text = z.string().nullable();
/** A row, as the driver returns it or as JSON. */
const cardRow = z.object({
  id: z.string(),
  subject: z.string(),
  conversation: z.unknown(),
  conversation_key: z.string(),
  locale: text,
  activity_id: text,
  shown_revision: z.number(),
  shown_state: text,
  created_at: z.coerce.date(),
  audience: text,
  covers: z.number().nullable(),
  continued_at: z.coerce.date().nullable(),
});
const cardRows = z.array(cardRow).nullable();

function read(row: z.infer<typeof cardRow>): Card {
  return {
    id: row.id,
    subject: row.subject,
    place: placeSchema.parse(row.conversation),
    conversationKey: row.conversation_key,
    locale: row.locale ?? undefined,
    activityId: row.activity_id,
    shownRevision: row.shown_revision,
    shownState: row.shown_state,
    createdAt: row.created_at,
    audience: row.audience,
    covers: row.covers,
    continuedAt: row.continued_at,
  };
}
