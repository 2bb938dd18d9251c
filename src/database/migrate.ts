import { sql, type Kysely } from 'kysely';

/** One forward step of the tables. Steps only add, so the previous version of the code can run beside the new one. */
export interface Migration {
  version: number;
  statements: readonly string[];
}

/** Any number that no other program uses for advisory locks on this database. */
const MIGRATION_LOCK = 7_464_010_203;

/**
 * Migrates the tables in one transaction. Replicas that start together wait for each other on an advisory lock, for as
 * long as it takes. A database that a newer version has migrated further is left unchanged.
 *
 * @returns the version of the database
 */
export async function migrate<Tables>(db: Kysely<Tables>, migrations: readonly Migration[]): Promise<number> {
  return await db.transaction().execute(async (trx) => {
    // Lift our own session's time limits, and those that an administrator may have set for the user.
    await sql`SET LOCAL statement_timeout = 0`.execute(trx);
    await sql`SET LOCAL lock_timeout = 0`.execute(trx);
    await sql`SELECT pg_advisory_xact_lock(${sql.lit(MIGRATION_LOCK)})`.execute(trx);
    // Nearly always there, and a statement that creates tables makes the embedded database prepare all others anew.
    const found = await sql<{
      isThere: boolean;
    }>`SELECT to_regclass('migrations') IS NOT NULL AS "isThere"`.execute(trx);
    if (found.rows[0]?.isThere !== true) {
      await sql`CREATE TABLE migrations (version integer PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())`.execute(
        trx,
      );
    } else {
      // Fails where nothing can be written, such as on a server that has become a standby.
      await sql`UPDATE migrations SET at = at WHERE false`.execute(trx);
    }
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
