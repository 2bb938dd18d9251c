import { readFileSync, writeFileSync } from 'node:fs';
import pg from 'pg';
import { z } from 'zod';
import { afterTest } from '../afterTest.ts';
import { atEnd } from '../atEnd.ts';
import { startPostgres } from '../postgresServer.ts';

export interface OwnServer {
  /** The URL of the administrator, who needs no password. */
  url: string;
  query(statement: string): Promise<pg.QueryResult>;
}

let started: Promise<OwnServer> | undefined;

/**
 * A PostgreSQL server for this process alone, which requires a password from every user whose name begins with
 * `ringdown`. After the test it is as new: without its roles, databases and tables.
 */
export async function serverWithPasswords(): Promise<OwnServer> {
  const server = await (started ??= start());
  afterTest(async () => await reset(server));
  return server;
}

async function start(): Promise<OwnServer> {
  const server = await startPostgres();
  const { url } = server;
  atEnd(async () => await server.stop());
  const query = async (statement: string): Promise<pg.QueryResult> => {
    const client = new pg.Client(url);
    await client.connect();
    try {
      return await client.query(statement);
    } finally {
      await client.end();
    }
  };
  const { rows } = await query('SHOW hba_file');
  const file = z.tuple([z.object({ hba_file: z.string() })]).parse(rows)[0].hba_file;
  const wants = 'host all /^ringdown 127.0.0.1/32 scram-sha-256';
  writeFileSync(file, `${wants}\n${readFileSync(file, 'utf8')}`);
  // Longer than a test takes: a connection that is left without a password stays open, so that a test finds it.
  await query(`ALTER SYSTEM SET authentication_timeout = '2min'`);
  await query('SELECT pg_reload_conf()');
  return { url, query };
}

async function reset(server: OwnServer): Promise<void> {
  const { rows: databases } = await server.query(
    `SELECT quote_ident(datname) AS name FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'`,
  );
  for (const { name } of databases) await server.query(`DROP DATABASE ${name} WITH (FORCE)`);
  await server.query(
    'DROP SCHEMA public CASCADE; CREATE SCHEMA public; GRANT USAGE ON SCHEMA public TO PUBLIC',
  );
  const { rows: roles } = await server.query(
    `SELECT quote_ident(rolname) AS name FROM pg_roles WHERE NOT rolname LIKE 'pg\\_%' AND rolname <> 'postgres'`,
  );
  for (const { name } of roles) await server.query(`DROP ROLE ${name}`);
}
