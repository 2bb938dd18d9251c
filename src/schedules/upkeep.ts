import { sql as raw, type RawBuilder } from 'kysely';

/** Deletes at most `most` covers of each table that ended before that. */
export function oldCovers(before: Date, most: number): RawBuilder<unknown>[] {
  return [
    raw`DELETE FROM cover_spans WHERE id IN (SELECT id FROM cover_spans WHERE until < ${before} LIMIT ${most})`,
    raw`DELETE FROM covers WHERE policy IN (SELECT policy FROM covers WHERE until < ${before} LIMIT ${most})`,
  ];
}

/** Deletes at most `most` offers to exchange duty that were made before that. */
export function oldExchanges(before: Date, most: number): RawBuilder<unknown> {
  return raw`DELETE FROM exchanges WHERE id IN (SELECT id FROM exchanges WHERE created_at < ${before} LIMIT ${most})`;
}
