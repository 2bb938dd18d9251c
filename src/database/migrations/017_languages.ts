import type { Migration } from '../migrate.ts';

/** The languages that people have chosen. */
export const languages: Migration = {
  version: 17,
  statements: [
    `CREATE TABLE languages (
      person text PRIMARY KEY,
      language text NOT NULL,
      chosen_at timestamptz NOT NULL
    )`,
  ],
};
