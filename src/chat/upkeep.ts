import { sql as raw, type RawBuilder } from 'kysely';

/** Deletes up to `most` cards and up to `most` deliveries that were created before this date. */
export function oldCards(before: Date, most: number): RawBuilder<unknown>[] {
  return [
    raw`DELETE FROM cards WHERE id IN (SELECT id FROM cards WHERE created_at < ${before} LIMIT ${most})`,
    raw`DELETE FROM card_deliveries WHERE (subject, audience) IN
      (SELECT subject, audience FROM card_deliveries WHERE created_at < ${before} LIMIT ${most})`,
  ];
}

/** Deletes up to `most` processed activities and up to `most` choices from before this date. */
export function oldMessages(before: Date, most: number): RawBuilder<unknown>[] {
  return [
    raw`DELETE FROM chat_activities WHERE key IN (SELECT key FROM chat_activities WHERE at < ${before} LIMIT ${most})`,
    raw`DELETE FROM choices WHERE id IN (SELECT id FROM choices WHERE created_at < ${before} LIMIT ${most})`,
  ];
}
