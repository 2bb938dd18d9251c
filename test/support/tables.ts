import { systemClock } from '../../src/clock.ts';
import { Jobs } from '../../src/database/jobs.ts';
import { openDatabase, type Database } from '../../src/database/open.ts';
import { silent } from './log.ts';
import { createDatabase, startPostgres, type PostgresServer } from './postgresServer.ts';

/** Name of the database that others are copied from: it has all tables. */
export const TEMPLATE = 'ringdown';

/** An open database has our tables already. Adds those of the job engine. */
export async function makeTables(database: Database): Promise<void> {
  const jobs = new Jobs(database, systemClock, silent);
  await jobs.start();
  await jobs.stop(1_000);
}

/** A PostgreSQL with a database named TEMPLATE. */
export async function startPostgresWithTables(): Promise<PostgresServer> {
  const server = await startPostgres();
  const database = await openDatabase({ url: await createDatabase(server.url, TEMPLATE), dataDir: '' });
  await makeTables(database);
  await database.close();
  return server;
}
