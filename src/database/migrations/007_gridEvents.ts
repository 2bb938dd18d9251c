import type { Migration } from '../migrate.ts';

/** What Event Grid sent, each event once; `call_id` is null for what belongs to no call that is known. */
export const gridEvents: Migration = {
  version: 7,
  statements: [
    `CREATE TABLE grid_events (
      source text NOT NULL,
      event_id text NOT NULL,
      type text NOT NULL,
      at timestamptz NOT NULL,
      received_at timestamptz NOT NULL,
      server_call_id text,
      correlation_id text,
      call_id text REFERENCES calls (id) ON DELETE CASCADE,
      body jsonb NOT NULL,
      PRIMARY KEY (source, event_id)
    )`,
    `CREATE INDEX grid_events_received ON grid_events (received_at)`,
    `CREATE INDEX grid_events_call ON grid_events (call_id) WHERE call_id IS NOT NULL`,
    // The service's own names of a call are how its events are found, and it is found by them.
    `CREATE INDEX grid_events_correlation ON grid_events (correlation_id) WHERE call_id IS NULL`,
    `CREATE INDEX grid_events_server_call ON grid_events (server_call_id) WHERE call_id IS NULL`,
    `CREATE INDEX calls_correlation ON calls (correlation_id) WHERE correlation_id IS NOT NULL`,
    `CREATE INDEX calls_server_call ON calls (server_call_id) WHERE server_call_id IS NOT NULL`,
  ],
};
