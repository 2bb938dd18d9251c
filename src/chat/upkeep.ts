import { sql as raw, type RawBuilder } from 'kysely';

/** Deletes cards, and what is known of their deliveries, that were made before that, some at a time. */
export function oldCards(before: Date, most: number): RawBuilder<unknown>[] {
  return [
    raw`DELETE FROM cards WHERE id IN (SELECT id FROM cards WHERE created_at < ${before} LIMIT ${most})`,
    raw`DELETE FROM card_deliveries WHERE (subject, audience) IN
      (SELECT subject, audience FROM card_deliveries WHERE created_at < ${before} LIMIT ${most})`,
  ];
}

/** The same of messages that were taken, and of choices that were offered. */
export function oldMessages(before: Date, most: number): RawBuilder<unknown>[] {
  return [
    raw`DELETE FROM chat_activities WHERE key IN (SELECT key FROM chat_activities WHERE at < ${before} LIMIT ${most})`,
    raw`DELETE FROM choices WHERE id IN (SELECT id FROM choices WHERE created_at < ${before} LIMIT ${most})`,
  ];
}
