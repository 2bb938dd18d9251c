import { sql as raw } from 'kysely';
import { GroupCommit } from '../../database/groupCommit.ts';
import type { Sql } from '../../database/schema.ts';
import { storableJson } from '../../database/storable.ts';
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
const SEEN_AGAIN = '1 hour';

/** Stores where to write to people. Those who write at the same time share a statement. */
export class PersonalChats {
  readonly #storing: GroupCommit<Seen, true>;

  constructor(sql: Sql) {
    this.#storing = new GroupCommit({
      commit: async (seen) => {
        await storeChats(sql, seen);
        return seen.map(() => true);
      },
      what: 'where people can be written to',
    });
  }

  /** @throws the database's error */
  async remember(chat: PersonalChat, seenAt: Date): Promise<void> {
    await this.#storing.take({ chat, seenAt });
  }
}

interface Seen {
  chat: PersonalChat;
  seenAt: Date;
}

async function storeChats(sql: Sql, seen: readonly Seen[]): Promise<void> {
  const rows = seen.map(({ chat, seenAt }) => ({
    object_id: chat.objectId,
    tenant_id: chat.tenantId,
    place: chat.place,
    conversation_key: chat.conversationKey,
    locale: chat.locale,
    seen_at: seenAt,
  }));
  // One statement cannot store the same chat twice: the last one counts.
  const newest = [...new Map(rows.map((row) => [row.object_id, row])).values()];
  await raw`
    INSERT INTO conversations AS known (object_id, tenant_id, place, conversation_key, locale, seen_at)
    SELECT object_id, tenant_id, place, conversation_key, locale, seen_at
    FROM json_to_recordset(${storableJson(newest)}::json) AS row (
      object_id text, tenant_id text, place jsonb, conversation_key text, locale text, seen_at timestamptz
    )
    ORDER BY object_id
    ON CONFLICT (object_id) DO UPDATE SET
      tenant_id = excluded.tenant_id,
      place = excluded.place,
      conversation_key = excluded.conversation_key,
      locale = coalesce(excluded.locale, known.locale),
      seen_at = excluded.seen_at
    WHERE known.place <> excluded.place
      OR known.locale IS DISTINCT FROM excluded.locale
      OR known.seen_at < excluded.seen_at - ${SEEN_AGAIN}::interval`.execute(sql);
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
