import type { Migration } from '../migrate.ts';

/** A refusal that has not been told yet: should the process die before it is, the next delivery is told. */
export const refusals: Migration = {
  version: 10,
  statements: [`ALTER TABLE chat_activities ADD COLUMN refusing boolean NOT NULL DEFAULT false`],
};
