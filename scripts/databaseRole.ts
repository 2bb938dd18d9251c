import pg from 'pg';
import { isGuid } from '../src/config/guids.ts';

/*
 * node scripts/databaseRole.ts <host> <administrator> <role> <object id>
 *
 * Gives the identity that Ringdown runs as a role in an Azure Database for PostgreSQL flexible server, and a database in
 * which this role may make tables. The role is no administrator. Run by deploymentTemplates/scripts/finish.*; PGPASSWORD
 * holds an Entra token of an Entra administrator of the server. What is there already stays as it is.
 *
 * Source: "Manage Microsoft Entra roles in Azure Database for PostgreSQL" (pgaadauth_create_principal_with_oid).
 */

const DATABASE = 'ringdown';

const [host = '', administrator = '', role = '', objectId = ''] = process.argv.slice(2);
if (host === '' || administrator === '' || role === '' || !isGuid(objectId) || !process.env['PGPASSWORD']) {
  console.error(
    'PGPASSWORD=<Entra token> node scripts/databaseRole.ts <host> <administrator> <role> <object id>',
  );
  process.exit(2);
}

async function connected<T>(database: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const isLocal = host === '127.0.0.1';
  const client = new pg.Client({
    host,
    database,
    user: administrator,
    connectionTimeoutMillis: 30_000,
    ...(isLocal ? {} : { ssl: true }),
  });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function holds(client: pg.Client, question: string, values: unknown[]): Promise<boolean> {
  const { rows } = await client.query<{ holds: boolean }>(`SELECT ${question} AS holds`, values);
  return rows[0]?.holds === true;
}

const name = pg.escapeIdentifier(role);
const said = (what: string, isNew: boolean): void =>
  console.log(`${what}: ${isNew ? 'done' : 'done before'}`);

try {
  await connected('postgres', async (client) => {
    const hasRole = await holds(client, 'EXISTS (SELECT FROM pg_roles WHERE rolname = $1)', [role]);
    if (!hasRole) {
      // Not an administrator, and no second factor: it is a machine.
      await client.query("SELECT pgaadauth_create_principal_with_oid($1, $2, 'service', false, false)", [
        role,
        objectId,
      ]);
    }
    said(`Role ${role}`, !hasRole);
    const hasDatabase = await holds(client, 'EXISTS (SELECT FROM pg_database WHERE datname = $1)', [
      DATABASE,
    ]);
    if (!hasDatabase) await client.query(`CREATE DATABASE ${DATABASE}`);
    said(`Database ${DATABASE}`, !hasDatabase);
  });
  await connected(DATABASE, async (client) => {
    const isGranted = await holds(
      client,
      "has_database_privilege($1, current_database(), 'CREATE') AND has_schema_privilege($1, 'public', 'CREATE')",
      [role],
    );
    if (!isGranted) {
      await client.query(`REVOKE ALL ON DATABASE ${DATABASE} FROM PUBLIC`);
      await client.query(`GRANT CONNECT, CREATE, TEMPORARY ON DATABASE ${DATABASE} TO ${name}`);
      await client.query(`GRANT USAGE, CREATE ON SCHEMA public TO ${name}`);
    }
    said(`Right to make tables in ${DATABASE}`, !isGranted);
  });
} catch (error) {
  const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
  // The driver's words name hosts and roles, and never the token.
  console.error(
    `The database said no${code}: ${error instanceof Error ? error.message : 'for an unknown reason'}`,
  );
  process.exitCode = 1;
}
