import type { Migration } from '../migrate.ts';

/** Links to the browser page. Of a link, and of the session that it was used for, only the SHA-256 is here. */
export const talkLinks: Migration = {
  version: 11,
  statements: [
    `CREATE TABLE talk_links (
      hash text PRIMARY KEY,
      call_id text NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
      created_at timestamptz NOT NULL,
      expires_at timestamptz NOT NULL,
      used_at timestamptz,
      session_hash text UNIQUE
    )`,
    `CREATE INDEX talk_links_call ON talk_links (call_id)`,
  ],
};
