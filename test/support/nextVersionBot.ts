import { createApp } from '../../src/app.ts';
import { systemClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config/config.ts';
import { migrate } from '../../src/database/migrate.ts';
import { migrations } from '../../src/database/migrations/index.ts';
import { openDatabase } from '../../src/database/open.ts';
import { createLog } from '../../src/operations/logging/log.ts';

/**
 * The bot as its next version: it has one more migration, which adds everything that a migration may add to the
 * tables that every call and escalation uses.
 */
const next = {
  version: (migrations.at(-1)?.version ?? 0) + 1,
  statements: [
    `ALTER TABLE calls ADD COLUMN of_next_version text`,
    `ALTER TABLE cards ADD COLUMN of_next_version integer NOT NULL DEFAULT 0`,
    `ALTER TABLE escalations ADD COLUMN of_next_version jsonb`,
    `CREATE INDEX calls_of_next_version ON calls (of_next_version)`,
    `CREATE TABLE next_version (call_id text PRIMARY KEY)`,
  ],
};

const config = readConfig(process.env);
const url = config.database.kind === 'postgres' ? config.database.url : null;
const database = await openDatabase({ url, dataDir: config.dataDir });
await migrate(database.sql, [...migrations, next]);
const app = await createApp({ config, clock: systemClock, log: createLog('info', []), database });
await app.start();
