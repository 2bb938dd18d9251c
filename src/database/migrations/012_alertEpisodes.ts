import type { Migration } from '../migrate.ts';

/** When an alert began, according to its sender. This tells a finished alert from a new one. */
export const alertEpisodes: Migration = {
  version: 12,
  statements: [
    `ALTER TABLE alerts ADD COLUMN started_at timestamptz`,
    `CREATE INDEX alerts_over ON alerts (source, policy, dedup_key, ended_at)
      WHERE status = 'resolved' AND started_at IS NOT NULL`,
  ],
};
