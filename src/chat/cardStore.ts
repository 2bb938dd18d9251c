import { randomUUID } from 'node:crypto';
import { sql as raw, type Kysely, type RawBuilder, type Selectable } from 'kysely';
import * as z from 'zod';
import type { Target } from '../calls/call.ts';
import type { Schema } from '../database/schema.ts';
import type { NotCallable } from '../directory/directory.ts';
import { storableJson } from '../database/storable.ts';

type Sql = Kysely<Schema>;

/** The turn that asked for the card sends it itself; only when it died is the card sent by a job. */
export const TURN_GRACE_MS = 10_000;
/** In place of a shown state: the turn has left the card to the job, for a time that the chat service has said. */
export const LEFT = 'left';

/** Priority of jobs that bring cards up to date: calls go first. */
export const CARDS_LAST = -1;

const account = z.object({ id: z.string(), name: z.string().optional() });

/** How to come back to a conversation: what the SDK calls a conversation reference, as little of it as is needed. */
export const placeSchema = z.object({
  channelId: z.string(),
  serviceUrl: z.string(),
  conversation: z.object({
    id: z.string(),
    tenantId: z.string().optional(),
    conversationType: z.string().optional(),
    isGroup: z.boolean().optional(),
  }),
  bot: account,
  user: account,
  /** Others than the asker see it too. */
  shared: z.boolean(),
});
export type Place = z.infer<typeof placeSchema>;

/** A message of ours that shows a call or an escalation, and is kept up to date. */
export interface Card {
  id: string;
  /** `call:<id>` or `escalation:<id>` */
  subject: string;
  place: Place;
  conversationKey: string;
  locale: string | undefined;
  /** The message; null while it has not been sent, empty if the channel did not say which one it is. */
  activityId: string | null;
  shownRevision: number;
  shownState: string | null;
  createdAt: Date;
  /** Whom it was sent to without their having asked (see escalationCards.ts); null for a card of a turn. */
  audience: string | null;
  /** Of an escalation: its revision as last shown, which an acknowledgement on the card covers. */
  covers: number | null;
  /** When another message took its place. */
  continuedAt: Date | null;
}

/** What a card shows. */
export interface ShownOnCard {
  activityId: string;
  revision: number;
  state: string;
  /** Only if people surely see it. */
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

/** The same as part of a statement. */
export function addingCard(card: NewCard): RawBuilder<unknown> {
  const row = rowOf(card);
  const columns = raw.raw(Object.keys(row).join(', '));
  return raw`INSERT INTO cards (${columns}) VALUES (${raw.join(Object.values(row))})`;
}

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

/**
 * The turn has sent the card.
 *
 * @returns false if it was given up meanwhile and another message was sent in its place
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

/** The turn that made the card could not send it: from `at` on the job does, which otherwise leaves a turn its time. */
export async function leaveToJob(sql: Sql, id: string, at: Date): Promise<void> {
  await sql
    .updateTable('cards')
    .set({ created_at: new Date(at.getTime() - TURN_GRACE_MS), shown_state: LEFT })
    .where('id', '=', id)
    .where('activity_id', 'is', null)
    .execute();
}

/** What is shown now, as part of a statement. A revision never goes back. */
export function rememberingShown(id: string, shown: ShownOnCard): RawBuilder<unknown> {
  const covers = shown.covers === undefined ? raw`covers` : raw`${shown.covers}::integer`;
  return raw`UPDATE cards SET activity_id = ${shown.activityId}, shown_state = ${shown.state}, covers = ${covers},
    shown_revision = greatest(shown_revision, ${shown.revision}) WHERE id = ${id}`;
}

/** Another message has taken the place of the cards of this audience; in a channel also of one that was asked for. */
export async function continueElsewhere(
  sql: Sql,
  {
    id,
    subject,
    audience,
    conversationKey,
  }: Pick<Card, 'id' | 'subject' | 'conversationKey'> & { audience: string },
  at: Date,
): Promise<void> {
  await sql
    .updateTable('cards')
    .set({ continued_at: at })
    .where('subject', '=', subject)
    .where('id', '<>', id)
    .where('continued_at', 'is', null)
    .where((is) =>
      is.or([
        is('audience', '=', audience),
        ...(audience === 'channel'
          ? [is.and([is('audience', 'is', null), is('conversation_key', '=', conversationKey)])]
          : []),
      ]),
    )
    .execute();
}

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

/** Somebody to call or a call to end; or an alert that is meant. */
export type ChoiceOption =
  /** `notCallable`: why this person cannot be called, as far as it was known when they were offered. */
  | { target: Target; callId?: string; notCallable?: NotCallable }
  /** `revision`: as it was offered. */
  | { escalationId: string; name: string; revision?: number };

export interface Choice {
  id: string;
  askerKey: string;
  conversationKey: string;
  what: Schema['choices']['what'];
  options: ChoiceOption[];
  /** To be spoken; null for a call that connects. */
  message: string | null;
  createdAt: Date;
  /** The one that was taken: its number, from 1. */
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

/** Loads a choice; within a transaction nobody else chooses until it ends. */
export async function lockChoice(sql: Sql, id: string): Promise<Choice | null> {
  const row = await sql.selectFrom('choices').selectAll().where('id', '=', id).forUpdate().executeTakeFirst();
  return row ? readChoice(row) : null;
}

export async function loadChoice(sql: Sql, id: string): Promise<Choice | null> {
  const row = await sql.selectFrom('choices').selectAll().where('id', '=', id).executeTakeFirst();
  return row ? readChoice(row) : null;
}

/** What this person was last asked in this conversation. */
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

/** Somebody was picked who is not among those that were offered: they are now, and are chosen. */
export async function markOtherChosen(sql: Sql, { id, options }: Choice, target: Target): Promise<void> {
  await sql
    .updateTable('choices')
    .set({ candidates: storableJson([...options, { target }]), chosen: String(options.length + 1) })
    .where('id', '=', id)
    .execute();
}

function read(row: Selectable<Schema['cards']>): Card {
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
