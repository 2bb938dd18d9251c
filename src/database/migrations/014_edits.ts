import type { Migration } from '../migrate.ts';

/** Whether nothing came of a message: only then what it is edited to is carried out. */
export const edits: Migration = {
  version: 14,
  statements: [`ALTER TABLE chat_activities ADD COLUMN nothing_done boolean NOT NULL DEFAULT false`],
};
