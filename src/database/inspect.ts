import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Kysely, PGliteDialect, PostgresDialect, sql } from 'kysely';
import { isDatabaseAway } from './away.ts';
import { DataDirInUse, lockDataDir } from './dataDirLock.ts';
import { migrations } from './migrations/index.ts';
import type { DatabaseConfig } from './open.ts';
import { startPglite } from './pglite.ts';
import type { Schema } from './schema.ts';
import { serverPool, TIME_LIMITS, withSession, type TimeLimits } from './serverPool.ts';

/** The state of a database, found without changing anything: no table is created. */
export type DatabaseState =
  /** `code` is an SQLSTATE, a code of Node's, or NO_TOKEN. Never a message, as it may hold the address. */
  | { kind: 'unreachable'; code: string }
  | { kind: 'refused'; code: string }
  /** A running process uses this embedded database. */
  | { kind: 'inUse' }
  /** This embedded database was never started. */
  | { kind: 'new' }
  | DatabaseThere;

export interface DatabaseThere {
  kind: 'there';
  /** 16 for PostgreSQL 16. */
  serverVersion: number;
  /** The version of its tables; 0 if there are none. */
  version: number;
  /** The version that this code needs. */
  wanted: number;
  /** Whether this user may create tables. */
  mayCreate: boolean;
  /** A pooler that refuses session parameters stands in front of it. */
  pooled: boolean;
  /** Why it is read-only: it is a standby, or it was set so. Null if it takes writes. */
  readOnly: 'standby' | 'setting' | null;
  /** The server's clock, and ours at the same moment. Epoch milliseconds. */
  now: number;
  askedAt: number;
  /** Jobs overdue by more than a minute, and by how much the oldest is (seconds). */
  late: { jobs: number; oldestSeconds: number };
  /** The identity that places the calls, if one was created. */
  sourceIdentity: string | null;
}

/** Short, because somebody is waiting for the doctor. */
const LIMITS: TimeLimits = { ...TIME_LIMITS, statement: 10_000, answer: 10_000, connect: 10_000 };
const LATE_AFTER_SECONDS = 60;

/** @param now our own clock, epoch milliseconds */
export async function inspectDatabase(config: DatabaseConfig, now: () => number): Promise<DatabaseState> {
  return await stateOr(async () => {
    if (config.url && config.url !== 'memory:')
      return await inspectServer({ ...config, url: config.url }, now);
    return config.url === 'memory:' ? { kind: 'new' } : await inspectFolder(config.dataDir, now);
  });
}

async function stateOr(inspecting: () => Promise<DatabaseState>): Promise<DatabaseState> {
  try {
    return await inspecting();
  } catch (error) {
    if (error instanceof DataDirInUse) return { kind: 'inUse' };
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no connection';
    // 08, 53, 57P: unavailable. Anything else is the server's answer: 28P01 wrong password, 3D000 no such database.
    return { kind: isDatabaseAway(error) ? 'unreachable' : 'refused', code };
  }
}

/** The same of a database that is open already. */
export async function inspectOpen(db: Kysely<Schema>, now: () => number): Promise<DatabaseState> {
  return await stateOr(async () => await inspect(db, now));
}

async function inspectServer(
  { url, password }: DatabaseConfig & { url: string },
  now: () => number,
): Promise<DatabaseState> {
  // First: without a token the state of the server does not matter.
  await password?.();
  return await withSession(LIMITS, async (session) => {
    const pool = serverPool({ url, password, session, limits: LIMITS, max: 1, name: 'ringdown doctor' });
    const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
    try {
      return { ...(await inspect(db, now)), pooled: session === null };
    } finally {
      await db.destroy();
    }
  });
}

async function inspectFolder(dataDir: string, now: () => number): Promise<DatabaseState> {
  const folder = join(dataDir, 'pglite');
  if (!existsSync(folder)) return { kind: 'new' };
  const release = await lockDataDir(dataDir);
  try {
    const pglite = await startPglite({ dataDir: folder });
    const db = new Kysely<Schema>({ dialect: new PGliteDialect({ pglite }) });
    try {
      return await inspect(db, now);
    } finally {
      await db.destroy();
      if (!pglite.closed) await pglite.close();
    }
  } finally {
    await release();
  }
}

async function inspect(db: Kysely<Schema>, now: () => number): Promise<DatabaseThere> {
  const { rows } = await sql<{
    version_num: string;
    may_create: boolean;
    is_standby: boolean;
    read_only: boolean;
    now: Date;
    migrations: boolean;
    jobs: boolean;
  }>`SELECT current_setting('server_version_num') AS version_num,
            has_schema_privilege(current_user, 'public', 'CREATE') AS may_create,
            pg_is_in_recovery() AS is_standby,
            current_setting('transaction_read_only')::boolean AS read_only,
            clock_timestamp() AS now,
            to_regclass('public.migrations') IS NOT NULL AS migrations,
            to_regclass('public.jobs') IS NOT NULL AS jobs`.execute(db);
  const askedAt = now();
  const [about] = rows;
  const version = about?.migrations ? await versionOf(db) : 0;
  return {
    kind: 'there',
    serverVersion: Math.floor(Number(about?.version_num ?? 0) / 10_000),
    version,
    wanted: migrations.at(-1)?.version ?? 0,
    mayCreate: about?.may_create ?? false,
    pooled: false,
    readOnly: about?.is_standby ? 'standby' : about?.read_only ? 'setting' : null,
    now: about?.now.getTime() ?? 0,
    askedAt,
    late: about?.jobs ? await lateJobs(db) : { jobs: 0, oldestSeconds: 0 },
    sourceIdentity: version > 0 ? await sourceIdentityOf(db) : null,
  };
}

async function versionOf(db: Kysely<Schema>): Promise<number> {
  const { rows } = await sql<{
    version: number | null;
  }>`SELECT max(version) AS version FROM migrations`.execute(db);
  return rows[0]?.version ?? 0;
}

async function lateJobs(db: Kysely<Schema>): Promise<DatabaseThere['late']> {
  const { rows } = await sql<{ jobs: string; oldest: number | null }>`
    SELECT count(*) AS jobs, extract(epoch FROM max(now() - due_at))::float8 AS oldest
    FROM jobs
    WHERE owner IS NULL AND due_at < now() - ${`${LATE_AFTER_SECONDS} seconds`}::interval`.execute(db);
  return { jobs: Number(rows[0]?.jobs ?? 0), oldestSeconds: Math.round(rows[0]?.oldest ?? 0) };
}

async function sourceIdentityOf(db: Kysely<Schema>): Promise<string | null> {
  const row = await db
    .selectFrom('settings')
    .select('value')
    .where('name', '=', 'sourceIdentity')
    .executeTakeFirst();
  return row && 'id' in row.value && typeof row.value.id === 'string' ? row.value.id : null;
}
