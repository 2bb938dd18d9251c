import type { Migration } from '../migrate.ts';

/** For the limit on calls to phone numbers, which counts those that were sent in the last hour. */
export const phoneCalls: Migration = {
  version: 23,
  statements: [
    `CREATE INDEX calls_phone_sent ON calls ((facts ->> 'dialSentAt') COLLATE "C") WHERE target ->> 'kind' = 'phone'`,
    `CREATE INDEX calls_phone_waiting ON calls (created_at) WHERE target ->> 'kind' = 'phone' AND status = 'queued'`,
  ],
};
