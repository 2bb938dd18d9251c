import type { Migration } from '../migrate.ts';

/**
 * Jobs move from the schema of pg-boss to a table of our own. A job that pg-boss had handed to a process counts as not
 * done: when it runs again, its handler finds out what may have been sent already. Jobs that did nothing
 * but hand on are what they handed on; those that copied the pause are not needed any more.
 */
export const jobs: Migration = {
  version: 15,
  statements: [
    `CREATE TABLE processes (
       id text PRIMARY KEY,
       leased_until timestamptz NOT NULL
     )`,
    `CREATE TABLE jobs (
       name text NOT NULL,
       key text NOT NULL,
       data jsonb NOT NULL,
       due_at timestamptz NOT NULL,
       priority smallint NOT NULL DEFAULT 0,
       wanted integer NOT NULL DEFAULT 1,
       wanted_at timestamptz NOT NULL,
       owner text,
       attempts integer NOT NULL DEFAULT 0,
       failing_since timestamptz,
       problem text,
       trace text,
       PRIMARY KEY (name, key)
     )`,
    `CREATE INDEX jobs_due ON jobs (due_at)`,
    // Each task has one job, so no other process works on it.
    `ALTER TABLE cards DROP COLUMN lease_until`,
    `ALTER TABLE card_deliveries DROP COLUMN lease_until`,
    `ALTER TABLE webhook_deliveries DROP COLUMN lease_until`,
    `DO $$ BEGIN
       IF to_regclass('pgboss.job') IS NOT NULL THEN
         INSERT INTO jobs (name, key, data, due_at, priority, wanted_at, trace)
         SELECT
           CASE data ->> 'name'
             WHEN 'call.dialAt' THEN 'call.dial' WHEN 'webhook.due' THEN 'webhook.deliver' ELSE data ->> 'name'
           END,
           'pgboss ' || id, data -> 'data', start_after, priority, created_on, data ->> 'trace'
         FROM pgboss.job
         WHERE name IN ('effects', 'deadlines') AND state IN ('created', 'retry', 'active')
           AND data ->> 'name' NOT IN ('pause.spread', 'pause.hold', 'alerts.release', 'housekeeping.sweep');
         DROP SCHEMA pgboss CASCADE;
       END IF;
     END $$`,
  ],
};
