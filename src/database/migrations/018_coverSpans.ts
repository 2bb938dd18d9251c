import type { Migration } from '../migrate.ts';

/**
 * Several covers for each policy, also ones that begin later. The version before keeps one for each policy, in `covers`,
 * and its `INSERT … ON CONFLICT (policy)` needs that table as it is. So covers that were taken in chat stay there, where
 * both versions read and write them. `cover_spans` has all others, and `all_covers` shows both.
 */
export const coverSpans: Migration = {
  version: 18,
  statements: [
    `ALTER TABLE covers ADD COLUMN id text NOT NULL DEFAULT gen_random_uuid()::text`,
    `CREATE TABLE cover_spans (
      id text PRIMARY KEY,
      policy text NOT NULL,
      person jsonb NOT NULL,
      starts_at timestamptz NOT NULL,
      until timestamptz NOT NULL,
      taken_at timestamptz NOT NULL
    )`,
    `CREATE INDEX cover_spans_policy ON cover_spans (policy, until)`,
    `CREATE VIEW all_covers AS
      SELECT id, policy, person, starts_at, until, taken_at FROM cover_spans
      UNION ALL
      SELECT id, policy, person, created_at, until, created_at FROM covers`,
  ],
};
