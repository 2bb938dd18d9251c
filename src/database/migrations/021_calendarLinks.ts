import type { Migration } from '../migrate.ts';

/** Secret addresses of calendars. Only the hash of a secret is stored. */
export const calendarLinks: Migration = {
  version: 21,
  statements: [
    `CREATE TABLE calendar_links (
      id text PRIMARY KEY,
      hash text NOT NULL UNIQUE,
      person text NOT NULL,
      created_at timestamptz NOT NULL,
      fetched_at timestamptz
    )`,
    `CREATE INDEX calendar_links_person ON calendar_links (person)`,
  ],
};
