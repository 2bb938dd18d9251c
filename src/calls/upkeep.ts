import { sql as raw, type RawBuilder } from 'kysely';
import type { Sql } from '../database/schema.ts';

/** An expression: how many open calls there are of each status, as JSON. */
export const openCalls = raw`(SELECT json_object_agg(status, count) FROM
  (SELECT status, count(*) FROM calls WHERE status <> 'ended' GROUP BY status) AS open)`;

/** Deletes up to `most` calls that ended before a time. */
export function oldCalls(before: Date, most: number): RawBuilder<unknown> {
  return raw`DELETE FROM calls WHERE id IN
    (SELECT id FROM calls WHERE status = 'ended' AND ended_at < ${before} LIMIT ${most})`;
}

/** A call that was given up may be found again within this time, and then needs its message. */
const MESSAGE_KEPT_MS = 15 * 60_000;
const AT_ONCE = 500;

/** Deletes the messages of calls that are over. */
export async function dropMessages(sql: Sql, now: number): Promise<void> {
  const before = new Date(now - MESSAGE_KEPT_MS);
  for (;;) {
    const { numAffectedRows } = await raw`UPDATE calls SET purpose = purpose || '{"message": ""}'::jsonb
      WHERE id IN (SELECT id FROM calls WHERE status = 'ended' AND ended_at < ${before}
        AND purpose ->> 'message' <> '' LIMIT ${AT_ONCE})`.execute(sql);
    if (Number(numAffectedRows ?? 0n) < AT_ONCE) return;
  }
}
