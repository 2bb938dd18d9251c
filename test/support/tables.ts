import { openDatabase } from '../../src/database/open.ts';
import { createDatabase, startPostgres, type PostgresServer } from './postgresServer.ts';

/** The database that others are copied from. It has all tables. */
export const TEMPLATE = 'ringdown';

/** A PostgreSQL server with a database named TEMPLATE. */
export async function startPostgresWithTables(): Promise<PostgresServer> {
  const server = await startPostgres();
  const database = await openDatabase({ url: await createDatabase(server.url, TEMPLATE), dataDir: '' });
  await database.close();
  return server;
}
