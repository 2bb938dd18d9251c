import { sql as raw } from 'kysely';
import type { Sql } from '../../database/schema.ts';
import { placeSchema, type Place } from './place.ts';

/** The personal chat with somebody. */
export interface PersonalChat {
  /** Entra object id, in lower case. */
  objectId: string;
  tenantId: string | null;
  place: Place;
  conversationKey: string;
  locale: string | null;
}

/** An unchanged chat is stored again at most this often. */
const SEEN_AGAIN_MS = 3_600_000;

/** Stores where to write to somebody. */
export async function rememberChat(sql: Sql, chat: PersonalChat, seenAt: Date): Promise<void> {
  const row = {
    object_id: chat.objectId,
    tenant_id: chat.tenantId,
    place: JSON.stringify(chat.place),
    conversation_key: chat.conversationKey,
    locale: chat.locale,
    seen_at: seenAt,
  };
  await sql
    .insertInto('conversations')
    .values(row)
    .onConflict((conflict) =>
      conflict
        .column('object_id')
        .doUpdateSet({ ...row, locale: raw<string | null>`coalesce(excluded.locale, conversations.locale)` })
        .where((where) =>
          where.or([
            raw<boolean>`conversations.place <> excluded.place`,
            raw<boolean>`conversations.locale IS DISTINCT FROM excluded.locale`,
            where('conversations.seen_at', '<', new Date(seenAt.getTime() - SEEN_AGAIN_MS)),
          ]),
        ),
    )
    .execute();
}

export async function chatWith(sql: Sql, objectId: string): Promise<PersonalChat | null> {
  const row = await sql
    .selectFrom('conversations')
    .selectAll()
    .where('object_id', '=', objectId.toLowerCase())
    .executeTakeFirst();
  return row
    ? {
        objectId: row.object_id,
        tenantId: row.tenant_id,
        place: placeSchema.parse(row.place),
        conversationKey: row.conversation_key,
        locale: row.locale,
      }
    : null;
}

/** Called when the chat no longer exists or the bot may not write in it. */
export async function forgetChat(sql: Sql, objectId: string): Promise<void> {
  await sql.deleteFrom('conversations').where('object_id', '=', objectId.toLowerCase()).execute();
}

/** The most recent chat of a tenant: it tells the tenant's service URL and the bot's id there. */
export async function newestChat(sql: Sql, tenantId: string): Promise<Place | null> {
  const row = await sql
    .selectFrom('conversations')
    .select('place')
    .where('tenant_id', '=', tenantId)
    .orderBy('seen_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ? placeSchema.parse(row.place) : null;
}
