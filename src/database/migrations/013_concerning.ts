import type { Migration } from '../migrate.ts';

/** Finds the escalations that concern somebody by the person; and lets a card go on in a newer message. */
export const concerning: Migration = {
  version: 13,
  statements: [
    `CREATE INDEX escalations_starter ON escalations ((alert -> 'startedBy' ->> 'key'), created_at DESC)`,
    // In which run of its ladder the card was wanted.
    `ALTER TABLE card_deliveries ADD COLUMN run integer NOT NULL DEFAULT 0`,
    `ALTER TABLE cards ADD COLUMN continued_at timestamptz`,
  ],
};
