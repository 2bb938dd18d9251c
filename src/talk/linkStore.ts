import { createHash, randomBytes } from 'node:crypto';
import { sql as raw, type RawBuilder, type Selectable } from 'kysely';
import { idsEndedBefore, runningIdsAskedForBy } from '../calls/callQueries.ts';
import type { Schema, Sql } from '../database/schema.ts';
import { LastRows, type Work } from '../database/transaction.ts';

export interface TalkLink {
  hash: string;
  callId: string;
  expiresAt: number;
  used: boolean;
  sessionHash: string | null;
}

/** 256 random bits, as they appear in the URL. */
export function newLink(): string {
  return randomBytes(32).toString('base64url');
}

export function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

const replacedLinks = new LastRows<string>(
  'old_links',
  (callIds) => raw`DELETE FROM talk_links WHERE call_id = ANY(${callIds}::text[]) AND used_at IS NULL`,
);
const newLinks = new LastRows<{ hash: string; call_id: string; created_at: Date; expires_at: Date }>(
  'links',
  (rows) => raw`INSERT INTO talk_links (hash, call_id, created_at, expires_at)
    SELECT hash, call_id, created_at, expires_at
    FROM json_populate_recordset(NULL::talk_links, ${JSON.stringify(rows)}::json)`,
);

/** Stores a link and deletes the call's unused older ones. */
export function insertLink(
  work: Work,
  {
    link,
    callId,
    createdAt,
    expiresAt,
  }: { link: string; callId: string; createdAt: number; expiresAt: number },
): void {
  const row = {
    hash: hashOf(link),
    call_id: callId,
    created_at: new Date(createdAt),
    expires_at: new Date(expiresAt),
  };
  replacedLinks.add(work, [callId]);
  newLinks.add(work, [row]);
}

export async function findLink(sql: Sql, link: string): Promise<TalkLink | null> {
  const row = await sql
    .selectFrom('talk_links')
    .selectAll()
    .where('hash', '=', hashOf(link))
    .executeTakeFirst();
  return row ? read(row) : null;
}

/** Finds a link and locks it until the transaction ends. */
export async function lockLink(sql: Sql, link: string): Promise<TalkLink | null> {
  const row = await sql
    .selectFrom('talk_links')
    .selectAll()
    .where('hash', '=', hashOf(link))
    .forUpdate()
    .executeTakeFirst();
  return row ? read(row) : null;
}

export async function useLink(sql: Sql, hash: string, session: string, at: number): Promise<void> {
  await sql
    .updateTable('talk_links')
    .set({ used_at: new Date(at), session_hash: hashOf(session) })
    .where('hash', '=', hash)
    .execute();
}

/** The link that this session started with. */
export async function findSession(sql: Sql, session: string): Promise<TalkLink | null> {
  const row = await sql
    .selectFrom('talk_links')
    .selectAll()
    .where('session_hash', '=', hashOf(session))
    .executeTakeFirst();
  return row ? read(row) : null;
}

/** Locks this link of a call, or any if `link` is null, until the transaction ends. @returns false if there is none */
export async function lockLinkOf(sql: Sql, callId: string, link: string | null): Promise<boolean> {
  let select = sql.selectFrom('talk_links').select('hash').where('call_id', '=', callId);
  if (link !== null) select = select.where('hash', '=', hashOf(link));
  return (await select.forUpdate().executeTakeFirst()) !== undefined;
}

/** Deletes the links and sessions of a person's running calls. */
export async function deleteLinksOf(sql: Sql, person: string): Promise<void> {
  await sql
    .deleteFrom('talk_links')
    .where(raw<boolean>`call_id IN ${runningIdsAskedForBy(person)}`)
    .execute();
}

/** Deletes up to `most` links of calls that ended before this date. */
export function oldLinks(before: Date, most: number): RawBuilder<unknown> {
  return raw`DELETE FROM talk_links WHERE hash IN
    (SELECT hash FROM talk_links WHERE call_id IN ${idsEndedBefore(before)} LIMIT ${most})`;
}

function read(row: Selectable<Schema['talk_links']>): TalkLink {
  return {
    hash: row.hash,
    callId: row.call_id,
    expiresAt: row.expires_at.getTime(),
    used: row.used_at !== null,
    sessionHash: row.session_hash,
  };
}
