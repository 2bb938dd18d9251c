import type { Migration } from '../migrate.ts';

/**
 * The identity of Communication Services that one call from the browser page is made with. Before, each person had one
 * for all of their calls (`user_identities`): that table stays for the version before, and housekeeping empties it.
 */
export const talkIdentities: Migration = {
  version: 16,
  statements: [
    `CREATE TABLE talk_identities (
      acs_id text PRIMARY KEY,
      call_id text NOT NULL UNIQUE REFERENCES calls (id) ON DELETE CASCADE,
      created_at timestamptz NOT NULL,
      withdrawn_at timestamptz
    )`,
  ],
};
