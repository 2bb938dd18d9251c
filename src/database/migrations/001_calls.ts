import type { Migration } from '../migrate.ts';

/** Calls, what the service said of them, their cards in chats, and a few settings. */
export const calls: Migration = {
  version: 1,
  statements: [
    `CREATE TABLE calls (
      id text PRIMARY KEY,
      status text NOT NULL,
      disposition text,
      target jsonb NOT NULL,
      target_key text NOT NULL,
      requested_by jsonb NOT NULL,
      requester_key text NOT NULL,
      purpose jsonb NOT NULL,
      ring_timeout_seconds integer NOT NULL,
      language text NOT NULL,
      created_at timestamptz NOT NULL,
      ended_at timestamptz,
      revision integer NOT NULL,
      facts jsonb NOT NULL,
      call_connection_id text,
      server_call_id text,
      correlation_id text,
      alarm_at timestamptz,
      callback_secret text NOT NULL,
      repeatability_id uuid NOT NULL,
      request_key text UNIQUE,
      single_key text UNIQUE,
      conversation_key text
    )`,
    // Lists, newest first, and the housekeeping from the other end.
    `CREATE INDEX calls_created ON calls (created_at DESC, id DESC)`,
    // What runs now: few rows, so partial.
    `CREATE INDEX calls_open_target ON calls (target_key) WHERE status <> 'ended'`,
    `CREATE INDEX calls_requester ON calls (requester_key, created_at DESC)`,
    `CREATE INDEX calls_conversation ON calls (conversation_key, created_at DESC)`,
    `CREATE INDEX calls_ended ON calls (ended_at) WHERE status = 'ended'`,
    `CREATE TABLE call_timeline (
      seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      call_id text NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
      at timestamptz NOT NULL,
      type text NOT NULL,
      data jsonb
    )`,
    `CREATE INDEX call_timeline_call ON call_timeline (call_id, seq)`,
    `CREATE TABLE call_events (
      call_id text NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
      event_id text NOT NULL,
      type text NOT NULL,
      at timestamptz NOT NULL,
      received_at timestamptz NOT NULL,
      applied boolean NOT NULL,
      body jsonb NOT NULL,
      PRIMARY KEY (call_id, event_id)
    )`,
    `CREATE TABLE cards (
      id text PRIMARY KEY,
      subject text NOT NULL,
      conversation jsonb NOT NULL,
      conversation_key text NOT NULL,
      locale text,
      activity_id text,
      shown_revision integer NOT NULL DEFAULT 0,
      shown_state text,
      created_at timestamptz NOT NULL,
      lease_until timestamptz
    )`,
    `CREATE INDEX cards_subject ON cards (subject)`,
    `CREATE TABLE chat_activities (key text PRIMARY KEY, at timestamptz NOT NULL)`,
    `CREATE INDEX chat_activities_at ON chat_activities (at)`,
    `CREATE TABLE choices (
      id text PRIMARY KEY,
      asker_key text NOT NULL,
      conversation_key text NOT NULL,
      what text NOT NULL,
      candidates jsonb NOT NULL,
      message text,
      created_at timestamptz NOT NULL,
      chosen text
    )`,
    `CREATE INDEX choices_asker ON choices (asker_key, conversation_key, created_at DESC)`,
    `CREATE TABLE settings (name text PRIMARY KEY, value jsonb NOT NULL)`,
    `CREATE TABLE pace (name text PRIMARY KEY, next_at timestamptz NOT NULL)`,
  ],
};
