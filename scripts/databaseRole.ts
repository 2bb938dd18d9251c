import pg from 'pg';
import { isGuid } from '../src/config/guids.ts';

/*
 * node scripts/databaseRole.ts <host> <administrator> <role> <object id>
 *
 * Creates a role for Ringdown's identity in an Azure Database for PostgreSQL flexible server, and a database in which
 * this role may create tables. The role is not an administrator. Run by deploymentTemplates/scripts/finish.*.
 * PGPASSWORD holds an Entra token of an Entra administrator of the server. Safe to run again: what exists stays
 * unchanged.
 *
 * Source: "Manage Microsoft Entra roles in Azure Database for PostgreSQL" (pgaadauth_create_principal_with_oid,
 * pgaadauth_list_principals).
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

/** Ignores column names: Microsoft's pages and servers disagree about them. */
async function isOfIdentity(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<Record<string, unknown>>(
    'SELECT * FROM pgaadauth_list_principals(false)',
  );
  return rows.some((row) => {
    const values = Object.values(row).map(String);
    return values.includes(role) && values.some((value) => value.toLowerCase() === objectId.toLowerCase());
  });
}

async function canMakeTables(client: pg.Client): Promise<boolean> {
  return await holds(
    client,
    "has_database_privilege($1, current_database(), 'CREATE') AND has_schema_privilege($1, 'public', 'CREATE')",
    [role],
  );
}

/**
 * If somebody else owns the database, the server accepts our grants without effect, and after the REVOKE from PUBLIC
 * nobody can connect.
 */
async function notTheOwner(client: pg.Client): Promise<Refused> {
  const { rows } = await client.query<{ owner: string }>(
    'SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = $1',
    [DATABASE],
  );
  return new Refused(
    `The database ${DATABASE} belongs to ${rows[0]?.owner}, the only one who may grant rights in it. Sign in as this administrator.`,
  );
}

class Refused extends Error {}

const name = pg.escapeIdentifier(role);
const said = (what: string, isNew: boolean): void =>
  console.log(`${what}: ${isNew ? 'done' : 'already done'}`);

try {
  await connected('postgres', async (client) => {
    const hasRole = await holds(client, 'EXISTS (SELECT FROM pg_roles WHERE rolname = $1)', [role]);
    if (!hasRole) {
      // Not an administrator, and without multi-factor authentication: it is a machine.
      await client.query("SELECT pgaadauth_create_principal_with_oid($1, $2, 'service', false, false)", [
        role,
        objectId,
      ]);
    }
    if (hasRole && !(await isOfIdentity(client))) {
      throw new Refused(
        `The role ${role} exists, but not for the identity ${objectId}, which therefore cannot sign in. ` +
          'Move its tables to another role, drop the role, and run this again.',
      );
    }
    said(`Role ${role}`, !hasRole);
    const hasDatabase = await holds(client, 'EXISTS (SELECT FROM pg_database WHERE datname = $1)', [
      DATABASE,
    ]);
    if (!hasDatabase) await client.query(`CREATE DATABASE ${DATABASE}`);
    said(`Database ${DATABASE}`, !hasDatabase);
    const letsIn = await holds(client, "has_database_privilege($1, 'CONNECT')", [DATABASE]);
    if (!letsIn) throw await notTheOwner(client);
  });
  await connected(DATABASE, async (client) => {
    const isGranted = await canMakeTables(client);
    if (!isGranted) {
      await client.query(`REVOKE ALL ON DATABASE ${DATABASE} FROM PUBLIC`);
      await client.query(`GRANT CONNECT, CREATE, TEMPORARY ON DATABASE ${DATABASE} TO ${name}`);
      await client.query(`GRANT USAGE, CREATE ON SCHEMA public TO ${name}`);
      if (!(await canMakeTables(client))) throw await notTheOwner(client);
    }
    said(`Right to create tables in ${DATABASE}`, !isGranted);
  });
} catch (error) {
  const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
  const message = error instanceof Error ? error.message : 'for an unknown reason';
  // The driver's messages name hosts and roles, but never the token.
  console.error(error instanceof Refused ? message : `Database error${code}: ${message}`);
  process.exitCode = 1;
}
