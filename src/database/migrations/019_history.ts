import type { Migration } from '../migrate.ts';

/** For searches in the console, and its charts. */
export const history: Migration = {
  version: 19,
  statements: [
    `CREATE INDEX calls_disposition ON calls (disposition, created_at DESC, id DESC) WHERE disposition IS NOT NULL`,
    `CREATE INDEX escalations_policy ON escalations (policy, created_at DESC, id DESC)`,
    // Charts leave tests out. There are few.
    `CREATE INDEX escalations_test ON escalations (created_at) WHERE alert ->> 'test' = 'true'`,
  ],
};
