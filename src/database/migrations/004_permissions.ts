import type { Migration } from '../migrate.ts';

/** Who does not want to be called, what was refused and why, and how often somebody was called of late. */
export const permissions: Migration = {
  version: 4,
  statements: [
    `CREATE TABLE opt_outs (
      tenant_id text NOT NULL,
      object_id text NOT NULL,
      at timestamptz NOT NULL,
      PRIMARY KEY (object_id, tenant_id)
    )`,
    `CREATE TABLE audit (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      at timestamptz NOT NULL,
      who text NOT NULL,
      who_name text NOT NULL,
      what text NOT NULL,
      whom text,
      whom_name text,
      why text
    )`,
    `CREATE INDEX audit_at ON audit (at)`,
    // The limit of each callee counts the newest of their calls.
    `CREATE INDEX calls_target ON calls (target_key, created_at DESC)`,
  ],
};
