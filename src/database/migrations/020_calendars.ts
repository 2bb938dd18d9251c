import type { Migration } from '../migrate.ts';

/** The last good copy of each calendar that says who is on duty. */
export const calendars: Migration = {
  version: 20,
  statements: [
    `CREATE TABLE calendars (
      source text PRIMARY KEY,
      text text,
      version integer NOT NULL DEFAULT 0,
      etag text,
      last_modified text,
      as_of timestamptz,
      tried_at timestamptz NOT NULL,
      failing_since timestamptz,
      problem text,
      told jsonb NOT NULL DEFAULT '[]',
      checked_at timestamptz
    )`,
  ],
};
