import type { Migration } from '../migrate.ts';

/** When the last requests of each limited key came: a ring of as many slots as the limit allows. */
export const requestLimits: Migration = {
  version: 3,
  statements: [
    `CREATE TABLE request_limits (name text PRIMARY KEY, slot integer NOT NULL)`,
    `CREATE TABLE request_times (
      name text NOT NULL,
      slot integer NOT NULL,
      at timestamptz NOT NULL,
      PRIMARY KEY (name, slot)
    )`,
  ],
};
