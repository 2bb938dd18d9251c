import { sql, type Kysely } from 'kysely';

/** One step forward of the tables. Steps only add: the version of the code before it runs on beside it. */
export interface Migration {
  version: number;
  statements: readonly string[];
}

/** Any number that no other program on this database uses for its advisory locks. */
const MIGRATION_LOCK = 7_464_010_203;

/**
 * Brings the tables up to date, in one transaction. Replicas that start together wait for each other on an advisory
 * lock, as long as it takes. A database that a newer version has already migrated further is left as it is.
 *
 * @returns the version the database is at
 */
export async function migrate<Tables>(db: Kysely<Tables>, migrations: readonly Migration[]): Promise<number> {
  return await db.transaction().execute(async (trx) => {
    // Those of our sessions, and those that the server's administrator may have given the user.
    await sql`SET LOCAL statement_timeout = 0`.execute(trx);
    await sql`SET LOCAL lock_timeout = 0`.execute(trx);
    await sql`SELECT pg_advisory_xact_lock(${sql.lit(MIGRATION_LOCK)})`.execute(trx);
    await sql`CREATE TABLE IF NOT EXISTS migrations (version integer PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())`.execute(
      trx,
    );
    const { rows } = await sql<{
      version: number | null;
    }>`SELECT max(version) AS version FROM migrations`.execute(trx);
    let version = rows[0]?.version ?? 0;
    for (const migration of migrations) {
      if (migration.version <= version) continue;
      for (const statement of migration.statements) await sql.raw(statement).execute(trx);
      await sql`INSERT INTO migrations (version) VALUES (${migration.version})`.execute(trx);
      version = migration.version;
    }
    return version;
  });
}
