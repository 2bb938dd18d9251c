import { PGliteDialect, Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { migrate } from '../../../src/database/migrate.ts';
import { migrations } from '../../../src/database/migrations/index.ts';
import { databaseOn, openDatabase, type Database } from '../../../src/database/open.ts';
import type { Sql } from '../../../src/database/schema.ts';
import { emptyPglite, emptyPostgresUrl } from '../databases.ts';

/** The last version that kept its jobs with pg-boss. */
export const PGBOSS_VERSION = 14;

/** As far as version 14 used what pg-boss 12 made there. */
const PGBOSS = [
  `CREATE SCHEMA pgboss`,
  `CREATE TYPE pgboss.job_state AS ENUM ('created', 'retry', 'active', 'completed', 'cancelled', 'failed')`,
  `CREATE FUNCTION pgboss.job_now() RETURNS timestamptz AS 'SELECT now()' LANGUAGE sql STABLE`,
  `CREATE TABLE pgboss.job (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    name text NOT NULL,
    priority integer NOT NULL DEFAULT 0,
    data jsonb,
    state pgboss.job_state NOT NULL DEFAULT 'created',
    start_after timestamptz NOT NULL DEFAULT pgboss.job_now(),
    created_on timestamptz NOT NULL DEFAULT pgboss.job_now()
  ) PARTITION BY LIST (name)`,
  `CREATE TABLE pgboss.job_common PARTITION OF pgboss.job DEFAULT`,
];

/** Opens a database that an earlier version has filled, as this version does: with its tables migrated. */
export type OpenEarlier = (
  version: number,
  fill: (before: Kysely<object>) => Promise<void>,
  pollSeconds?: number,
) => Promise<Database>;

export const earlierDatabases: readonly [name: string, open: OpenEarlier][] = [
  [
    'PGlite',
    async (version, fill, pollSeconds = 0.5) => {
      const pglite = await emptyPglite();
      await begin(new Kysely({ dialect: new PGliteDialect({ pglite }) }), version, fill);
      return await databaseOn(pglite, { pollSeconds });
    },
  ],
  [
    'PostgreSQL',
    async (version, fill, pollSeconds = 0.5) => {
      const url = await emptyPostgresUrl();
      const pool = new pg.Pool({ connectionString: url });
      const before = new Kysely<object>({ dialect: new PostgresDialect({ pool }) });
      await begin(before, version, fill);
      await before.destroy();
      return await openDatabase({ url, dataDir: '', pollSeconds });
    },
  ],
];

async function begin(
  before: Kysely<object>,
  version: number,
  fill: (before: Kysely<object>) => Promise<void>,
): Promise<void> {
  await migrate(
    before,
    migrations.filter((one) => one.version <= version),
  );
  if (version <= PGBOSS_VERSION) for (const statement of PGBOSS) await sql.raw(statement).execute(before);
  await fill(before);
}

/**
 * Copies all rows to the tables of an earlier version, as its process leaves them when it is killed. Columns and tables
 * that it does not know are left out; its jobs are those of pg-boss if it used that.
 */
export async function copyToEarlier(now: Sql, before: Kysely<object>): Promise<void> {
  const { rows: tables } = await sql<{ name: string }>`
    SELECT table_name AS name FROM information_schema.tables
    WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> 'migrations'`.execute(
    before,
  );
  const { rows: counted } = await sql<{ table: string; column: string }>`
    SELECT table_name AS table, column_name AS column FROM information_schema.columns
    WHERE table_schema = 'public' AND is_identity = 'YES'`.execute(before);
  await before.transaction().execute(async (trx) => {
    // The tables in any order, although some refer to others.
    await sql`SET LOCAL session_replication_role = replica`.execute(trx);
    for (const { name } of tables) {
      const table = sql.table(name);
      await sql`INSERT INTO ${table} OVERRIDING SYSTEM VALUE
        SELECT * FROM json_populate_recordset(NULL::${table}, ${await rowsOf(now, name)}::json)`.execute(trx);
    }
    for (const { table, column } of counted) {
      await sql`SELECT setval(pg_get_serial_sequence(${table}, ${column}), 1 + (
        SELECT coalesce(max(${sql.ref(column)}), 0) FROM ${sql.table(table)}))`.execute(trx);
    }
    if (!tables.some(({ name }) => name === 'jobs')) await handToPgboss(await rowsOf(now, 'jobs'), trx);
  });
}

/** Jobs that a process had begun are `active`, no matter which process it was. */
async function handToPgboss(jobs: string, before: Kysely<object>): Promise<void> {
  await sql`INSERT INTO pgboss.job (name, priority, data, state, start_after, created_on)
    SELECT
      CASE WHEN owner IS NULL THEN 'deadlines' ELSE 'effects' END,
      priority,
      jsonb_build_object('name', CASE name WHEN 'webhook.deliver' THEN 'webhook.due' ELSE name END, 'data', data),
      (CASE WHEN owner IS NULL THEN 'created' ELSE 'active' END)::pgboss.job_state,
      due_at,
      wanted_at
    FROM json_to_recordset(${jobs}::json) AS job (
      name text, data jsonb, priority integer, owner text, due_at timestamptz, wanted_at timestamptz
    )`.execute(before);
}

async function rowsOf(db: Sql, table: string): Promise<string> {
  const { rows } = await sql<{
    all: string;
  }>`SELECT coalesce(json_agg(t), '[]')::text AS all FROM ${sql.table(table)} AS t`.execute(db);
  return rows[0]?.all ?? '[]';
}
