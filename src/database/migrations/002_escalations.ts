import type { Migration } from '../migrate.ts';

/** Escalations, who covers for whom, and the answers that idempotent requests were given. */
export const escalations: Migration = {
  version: 2,
  statements: [
    `CREATE TABLE escalations (
      id text PRIMARY KEY,
      status text NOT NULL,
      policy text,
      source text NOT NULL,
      dedup_key text,
      alert jsonb NOT NULL,
      ladder jsonb NOT NULL,
      revision integer NOT NULL,
      created_at timestamptz NOT NULL,
      ended_at timestamptz,
      alarm_at timestamptz
    )`,
    // Two senders of the same alert at once: one of them joins the other's.
    `CREATE UNIQUE INDEX escalations_dedup ON escalations (source, coalesce(policy, ''), dedup_key)
      WHERE dedup_key IS NOT NULL AND status IN ('open', 'acknowledged', 'exhausted')`,
    `CREATE INDEX escalations_created ON escalations (created_at DESC, id DESC)`,
    `CREATE INDEX escalations_running ON escalations (policy) WHERE status IN ('open', 'acknowledged')`,
    `CREATE TABLE escalation_timeline (
      seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      escalation_id text NOT NULL REFERENCES escalations (id) ON DELETE CASCADE,
      at timestamptz NOT NULL,
      type text NOT NULL,
      data jsonb
    )`,
    `CREATE INDEX escalation_timeline_escalation ON escalation_timeline (escalation_id, seq)`,
    `ALTER TABLE calls ADD COLUMN escalation_id text`,
    `CREATE INDEX calls_escalation ON calls (escalation_id) WHERE escalation_id IS NOT NULL`,
    // One person has one call at a time: the dialling call holds the phone until it has ended.
    `ALTER TABLE calls ADD COLUMN phone_key text UNIQUE`,
    `CREATE TABLE covers (
      policy text PRIMARY KEY,
      person jsonb NOT NULL,
      until timestamptz NOT NULL,
      created_at timestamptz NOT NULL
    )`,
    `CREATE TABLE idempotency (
      scope text NOT NULL,
      key text NOT NULL,
      body_hash text NOT NULL,
      status integer,
      answer jsonb,
      created_at timestamptz NOT NULL,
      PRIMARY KEY (scope, key)
    )`,
    `CREATE INDEX idempotency_created ON idempotency (created_at)`,
  ],
};
