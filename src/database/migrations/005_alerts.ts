import type { Migration } from '../migrate.ts';

/** Alerts in, heartbeats, webhooks out, and notices to operators. */
export const alerts: Migration = {
  version: 5,
  statements: [
    // As received, not yet processed.
    `CREATE TABLE intake (
      seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      received_at timestamptz NOT NULL,
      format text NOT NULL,
      source text NOT NULL,
      source_name text NOT NULL,
      policy text NOT NULL,
      body text NOT NULL,
      status text NOT NULL DEFAULT 'waiting',
      worked_at timestamptz
    )`,
    `CREATE INDEX intake_waiting ON intake (policy, seq) WHERE status = 'waiting'`,
    `CREATE INDEX intake_worked ON intake (worked_at) WHERE status <> 'waiting'`,
    `CREATE TABLE alerts (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      source text NOT NULL,
      policy text NOT NULL,
      dedup_key text NOT NULL,
      group_key text,
      status text NOT NULL,
      escalation_id text NOT NULL REFERENCES escalations (id) ON DELETE CASCADE,
      summary text NOT NULL,
      details text,
      severity text NOT NULL,
      links jsonb NOT NULL,
      opened_at timestamptz NOT NULL,
      last_seen_at timestamptz NOT NULL,
      ended_at timestamptz,
      times integer NOT NULL,
      revision integer NOT NULL,
      run integer NOT NULL,
      covered boolean NOT NULL
    )`,
    // A firing alert is stored once, however often it is sent.
    `CREATE UNIQUE INDEX alerts_firing ON alerts (source, policy, dedup_key) WHERE status = 'firing'`,
    `CREATE INDEX alerts_escalation ON alerts (escalation_id, id)`,
    `CREATE INDEX alerts_group ON alerts (source, policy, group_key) WHERE status = 'firing' AND group_key IS NOT NULL`,
    // What was spoken in a call: which revision of the escalation the callee heard.
    `CREATE TABLE spoken_alerts (
      call_id text PRIMARY KEY REFERENCES calls (id) ON DELETE CASCADE,
      escalation_id text NOT NULL,
      callee_id text NOT NULL,
      revision integer NOT NULL
    )`,
    `CREATE INDEX spoken_alerts_escalation ON spoken_alerts (escalation_id)`,
    `CREATE TABLE heartbeats (
      name text PRIMARY KEY,
      last_at timestamptz,
      due_at timestamptz NOT NULL,
      alarm_at timestamptz,
      silent boolean NOT NULL
    )`,
    `CREATE TABLE webhook_deliveries (
      seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      id text NOT NULL,
      webhook text NOT NULL,
      escalation_id text NOT NULL,
      type text NOT NULL,
      body text NOT NULL,
      status text NOT NULL,
      attempts integer NOT NULL,
      created_at timestamptz NOT NULL,
      next_at timestamptz NOT NULL,
      lease_until timestamptz,
      ended_at timestamptz,
      problem text
    )`,
    // In order: of each webhook and escalation the oldest goes first.
    `CREATE INDEX webhook_deliveries_waiting ON webhook_deliveries (webhook, escalation_id, seq) WHERE status = 'waiting'`,
    `CREATE INDEX webhook_deliveries_escalation ON webhook_deliveries (escalation_id, seq)`,
    `CREATE TABLE operator_notices (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      at timestamptz NOT NULL,
      subject text NOT NULL,
      notice jsonb NOT NULL,
      count integer NOT NULL,
      told_at timestamptz
    )`,
    `CREATE INDEX operator_notices_waiting ON operator_notices (id) WHERE told_at IS NULL`,
  ],
};
