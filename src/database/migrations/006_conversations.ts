import type { Migration } from '../migrate.ts';

/** Where people can be written to without having asked, and who was to be shown a card of an escalation. */
export const conversations: Migration = {
  version: 6,
  statements: [
    `CREATE TABLE conversations (
      object_id text PRIMARY KEY,
      tenant_id text,
      place jsonb NOT NULL,
      conversation_key text NOT NULL,
      locale text,
      seen_at timestamptz NOT NULL
    )`,
    // The newest of a tenant says where its chats are.
    `CREATE INDEX conversations_tenant ON conversations (tenant_id, seen_at DESC)`,
    `ALTER TABLE cards ADD COLUMN audience text`,
    `ALTER TABLE cards ADD COLUMN covers integer`,
    `CREATE INDEX cards_conversation ON cards (conversation_key, created_at DESC)`,
    `CREATE TABLE card_deliveries (
      subject text NOT NULL,
      audience text NOT NULL,
      card_id text NOT NULL,
      created_at timestamptz NOT NULL,
      lease_until timestamptz,
      sent_at timestamptz,
      failed text,
      PRIMARY KEY (subject, audience)
    )`,
    `CREATE INDEX card_deliveries_created ON card_deliveries (created_at)`,
  ],
};
