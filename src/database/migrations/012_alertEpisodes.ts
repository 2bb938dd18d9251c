import type { Migration } from '../migrate.ts';

/** When its sender says that an alert began: so one that is over is told from one that begins anew. */
export const alertEpisodes: Migration = {
  version: 12,
  statements: [
    `ALTER TABLE alerts ADD COLUMN started_at timestamptz`,
    `CREATE INDEX alerts_over ON alerts (source, policy, dedup_key, ended_at)
      WHERE status = 'resolved' AND started_at IS NOT NULL`,
  ],
};
