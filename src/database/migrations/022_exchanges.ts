import type { Migration } from '../migrate.ts';

/**
 * Offers to exchange duty, and covers of a single rotation. The version before takes such a cover for one of all
 * rotations of the policy, as all its own covers are.
 */
export const exchanges: Migration = {
  version: 22,
  statements: [
    `ALTER TABLE cover_spans ADD COLUMN rotation text`,
    `CREATE OR REPLACE VIEW all_covers AS
      SELECT id, policy, person, starts_at, until, taken_at, rotation FROM cover_spans
      UNION ALL
      SELECT id, policy, person, created_at, until, created_at, NULL::text FROM covers`,
    `CREATE TABLE exchanges (
      id text PRIMARY KEY,
      policy text NOT NULL,
      rotation text NOT NULL,
      asker jsonb NOT NULL,
      asked jsonb NOT NULL,
      time_zone text NOT NULL,
      gives_from timestamptz NOT NULL,
      gives_until timestamptz NOT NULL,
      takes_from timestamptz,
      takes_until timestamptz,
      state jsonb NOT NULL,
      revision integer NOT NULL,
      created_at timestamptz NOT NULL,
      expires_at timestamptz NOT NULL
    )`,
    `CREATE INDEX exchanges_created ON exchanges (created_at)`,
  ],
};
