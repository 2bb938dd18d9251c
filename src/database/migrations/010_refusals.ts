import type { Migration } from '../migrate.ts';

/** A refusal that has not been sent yet. If the process dies first, the next delivery gets the refusal. */
export const refusals: Migration = {
  version: 10,
  statements: [`ALTER TABLE chat_activities ADD COLUMN refusing boolean NOT NULL DEFAULT false`],
};
