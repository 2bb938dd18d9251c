import type { Migration } from '../migrate.ts';

/** The span in which a call was asked for (W3C `traceparent`), if traces are on: its callbacks belong to it. */
export const traces: Migration = {
  version: 8,
  statements: [`ALTER TABLE calls ADD COLUMN traceparent text`],
};
