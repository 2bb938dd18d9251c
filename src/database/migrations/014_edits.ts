import type { Migration } from '../migrate.ts';

/** Whether a message had no effect. Only then does Ringdown carry out an edit of it. */
export const edits: Migration = {
  version: 14,
  statements: [`ALTER TABLE chat_activities ADD COLUMN nothing_done boolean NOT NULL DEFAULT false`],
};
