import { readFileSync, writeFileSync } from 'node:fs';
import pg from 'pg';
import { z } from 'zod';
import { afterTest } from '../afterTest.ts';
import { startPostgres } from '../postgresServer.ts';

export interface OwnServer {
  /** The URL of the administrator, who needs no password. */
  url: string;
  query(statement: string): Promise<pg.QueryResult>;
}

/** The test's own PostgreSQL server. It requires a password from every user whose name begins with `ringdown`. */
export async function serverWithPasswords(): Promise<OwnServer> {
  const server = await startPostgres();
  const { url } = server;
  afterTest(async () => await server.stop());
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
  await query('SELECT pg_reload_conf()');
  return { url, query };
}
