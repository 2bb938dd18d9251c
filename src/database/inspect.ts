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

/** How a database stands. Looked at without changing anything: also no table is made. */
export type DatabaseState =
  /** `code` is an SQLSTATE, one of Node's, or NO_TOKEN; never a message, which may hold the address. */
  | { kind: 'unreachable'; code: string }
  | { kind: 'refused'; code: string }
  /** The embedded database of a running process. */
  | { kind: 'inUse' }
  /** The embedded database was never started. */
  | { kind: 'new' }
  | DatabaseThere;

export interface DatabaseThere {
  kind: 'there';
  /** 16 for PostgreSQL 16. */
  serverVersion: number;
  /** Of its tables; 0 if there are none. */
  version: number;
  /** What this code wants. */
  wanted: number;
  /** Whether this user may make tables. */
  mayCreate: boolean;
  /** A pooler stands before it, which takes no parameters of a session. */
  pooled: boolean;
  /** Why it takes no writes: it is a standby, or it was set so. Null if it takes them. */
  readOnly: 'standby' | 'setting' | null;
  /** The server's clock, and ours when it told it. Epoch milliseconds. */
  now: number;
  askedAt: number;
  /** Jobs that have been due for longer than a minute, and how long the oldest has (seconds). */
  late: { jobs: number; oldestSeconds: number };
  /** The identity that calls come from, if one was made. */
  sourceIdentity: string | null;
}

/** Somebody waits for what the doctor says. */
const LIMITS: TimeLimits = { ...TIME_LIMITS, statement: 10_000, answer: 10_000, connect: 10_000 };
const LATE_AFTER_SECONDS = 60;

/** @param now our own clock, epoch milliseconds */
export async function inspectDatabase(config: DatabaseConfig, now: () => number): Promise<DatabaseState> {
  try {
    if (config.url && config.url !== 'memory:')
      return await inspectServer({ ...config, url: config.url }, now);
    return config.url === 'memory:' ? { kind: 'new' } : await inspectFolder(config.dataDir, now);
  } catch (error) {
    if (error instanceof DataDirInUse) return { kind: 'inUse' };
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no connection';
    // 08, 53, 57P: not there for us; anything else it has said itself: 28P01 password, 3D000 no such database.
    return { kind: isDatabaseAway(error) ? 'unreachable' : 'refused', code };
  }
}

async function inspectServer(
  { url, password }: DatabaseConfig & { url: string },
  now: () => number,
): Promise<DatabaseState> {
  // Before the server is asked: without a token it does not matter how the server is.
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
