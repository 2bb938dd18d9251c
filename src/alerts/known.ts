import { sql as raw } from 'kysely';
import type { Sql } from '../database/schema.ts';

export interface Reader {
  /** Entra object id; undefined if no channel vouches for the person. */
  objectId: string | undefined;
  /** Where they write. They see the cards there too. */
  conversationKey?: string;
}

/** The newest revision of an escalation that a person read and heard; null for none. */
export interface Known {
  /** On a card that was sent to them, or is in their chat or where they write. */
  read: number | null;
  /** On the phone. */
  heard: number | null;
}

/** What a person has seen and heard of an escalation. Their acknowledgement covers no more than that. */
export async function knownTo(sql: Sql, escalationId: string, reader: Reader): Promise<Known> {
  const person = reader.objectId?.toLowerCase() ?? null;
  const callee = person === null ? null : `teamsUser:${person}`;
  const { rows } = await raw<Known>`SELECT
    (SELECT max(covers) FROM cards WHERE subject = ${`escalation:${escalationId}`} AND (
      conversation_key = ${reader.conversationKey ?? null}
      OR audience = ${callee}
      OR audience LIKE 'told:%:' || ${callee}::text
      OR conversation_key = (SELECT conversation_key FROM conversations WHERE object_id = ${person})
    )) AS read,
    (SELECT max(revision) FROM spoken_alerts
      WHERE escalation_id = ${escalationId} AND callee_id = ${person}) AS heard`.execute(sql);
  return rows[0] ?? { read: null, heard: null };
}
