import type { Migration } from '../migrate.ts';

/** The identity of Communication Services that a chat user has, who talks from a browser. */
export const userIdentities: Migration = {
  version: 9,
  statements: [
    `CREATE TABLE user_identities (
      tenant_id text NOT NULL,
      person text NOT NULL,
      acs_id text NOT NULL UNIQUE,
      created_at timestamptz NOT NULL,
      used_at timestamptz NOT NULL,
      revocations integer NOT NULL DEFAULT 0,
      PRIMARY KEY (tenant_id, person)
    )`,
    `CREATE INDEX user_identities_used ON user_identities (used_at)`,
  ],
};
