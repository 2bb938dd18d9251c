import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { Kysely, PostgresDialect, sql as raw } from 'kysely';
import type pg from 'pg';
import { isReadOnly, isSilence, NoConnection } from './away.ts';
import { createPglite, removeUnfinished } from './createPglite.ts';
import { lockDataDir } from './dataDirLock.ts';
import { FreshConnections } from './freshConnections.ts';
import { inTime } from '../clock.ts';
import { EmbeddedLinks } from './embeddedDatabase.ts';
import { RequestLane } from './lanes.ts';
import { withLazyTransactions } from './lazyTransactions.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import { startPglite, type LeanPglite } from './pglite.ts';
import type { Schema } from './schema.ts';
import { ServerLink } from './serverLink.ts';
import { serverPool, TIME_LIMITS, withSession, type Session, type TimeLimits } from './serverPool.ts';
import { PATIENCE_MS, TurnTimeout } from './transactionErrors.ts';

export interface DatabaseConfig {
  /** `postgres://…`, `memory:`, or null for the embedded database under `dataDir`. */
  url: string | null;
  dataDir: string;
  /** Returns the password for each new connection, in place of one in `url`. */
  password?: () => Promise<string>;
  /** How many connections this process opens to a PostgreSQL server. */
  poolSize?: number;
  /**
   * How often a process looks for work that others stored or that it missed. Default: 1 s, or 5 s with an embedded
   * database.
   */
  pollSeconds?: number;
  /** Time limits for the server. Default: TIME_LIMITS. */
  limits?: Partial<TimeLimits>;
}

export interface Database {
  kind: 'pglite' | 'postgres';
  sql: Kysely<Schema>;
  /** How often a process looks for work that others stored or that it missed. */
  pollSeconds: number;
  /** How long a request waits for its turn. */
  patienceMs: number;
  /** The version of the tables. */
  version: number;
  /** Call this when the server turns out to be read-only: its connections are not used again. */
  renew(): void;
  /** Frees the space of deleted rows; null for a server, which does so by itself. */
  vacuum: (() => Promise<void>) | null;
  close(): Promise<void>;
}

/** Work in progress waits longer for a connection than a request, as it would only be retried. */
const WORK_PATIENCE_MS = 20_000;
const POLL_SECONDS = 1;
/** No other process writes there, and deadlines are known: an occasional look finds what was missed. */
const EMBEDDED_POLL_SECONDS = 5;

/**
 * Opens the database and migrates its tables.
 *
 * @throws DataDirInUse; DatabaseNotCreated; the driver's own errors if the server cannot be reached
 */
export async function openDatabase(config: DatabaseConfig): Promise<Database> {
  if (config.url && config.url !== 'memory:') {
    const server = { ...config, url: config.url, limits: { ...TIME_LIMITS, ...config.limits } };
    return await withSession(server.limits, async (session) => await openPostgres(server, session));
  }
  return await openEmbedded(config.url === 'memory:' ? null : config.dataDir);
}

interface Server extends DatabaseConfig {
  url: string;
  limits: TimeLimits;
}

async function openPostgres(server: Server, session: Session): Promise<Database> {
  const { url, password, limits, poolSize = 10, pollSeconds = POLL_SECONDS } = server;
  const version = await migrateServer(server, session);
  const pool = serverPool({
    url,
    password,
    limits,
    session,
    max: poolSize,
    name: 'ringdown',
    patience: WORK_PATIENCE_MS,
  });
  const fresh = new FreshConnections(pool);
  const lane = new RequestLane(Math.ceil(poolSize / 2), limits.turn);
  const sql = new Kysely<Schema>({
    dialect: withLazyTransactions({
      connect: async () => new ServerLink(await connect(fresh, lane, limits.turn)),
      close: async () => await pool.end(),
    }),
    log: ({ level, ...event }) => {
      if (level !== 'error' || !('error' in event)) return;
      if (isReadOnly(event.error) || isSilence(event.error)) fresh.renew();
    },
  });
  return {
    kind: 'postgres',
    sql,
    pollSeconds,
    patienceMs: limits.turn,
    version,
    renew: () => fresh.renew(),
    vacuum: null,
    close: async () => await sql.destroy(),
  };
}

/** Uses a connection of its own without time limits. */
async function migrateServer({ url, password, limits }: Server, session: Session): Promise<number> {
  const pool = serverPool({
    url,
    password,
    session,
    max: 1,
    name: 'ringdown migrations',
    limits: { ...limits, answer: 0 },
  });
  const sql = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  try {
    return await migrate(sql, migrations);
  } finally {
    await sql.destroy();
  }
}

/** Waits for a connection. */
async function connect(
  fresh: FreshConnections,
  lane: RequestLane,
  patienceMs: number,
): Promise<pg.PoolClient> {
  const leave = await lane.enter();
  const connecting = fresh.connect().catch((error: unknown) => {
    throw new NoConnection(error);
  });
  if (leave === null) return await connecting;
  try {
    const client = await inTime(connecting, patienceMs, () => {
      throw new TurnTimeout(patienceMs);
    });
    // The pool hands out a new wrapper each time.
    const release = client.release.bind(client);
    client.release = (destroy) => {
      leave();
      release(destroy);
    };
    return client;
  } catch (error) {
    // Give back a connection that comes too late.
    if (error instanceof TurnTimeout) connecting.then((client) => client.release()).catch(() => undefined);
    leave();
    throw error;
  }
}

async function openEmbedded(dataDir: string | null): Promise<Database> {
  const release = dataDir ? await lockDataDir(dataDir) : async () => undefined;
  let pglite: LeanPglite | undefined;
  try {
    pglite = await startPglite({ dataDir: dataDir ? await folderIn(dataDir) : 'memory://' });
    return await databaseOn(pglite, { release });
  } catch (error) {
    await pglite?.close().catch(() => undefined);
    await release();
    throw error;
  }
}

/** Opens the database in a locked data folder; the first start creates it. PGlite judges what is there already. */
async function folderIn(dataDir: string): Promise<string> {
  const folder = join(dataDir, 'pglite');
  await removeUnfinished(folder);
  if (!existsSync(folder)) await createPglite(folder);
  return folder;
}

/** Migrates the tables of an open PGlite. Closing the database closes PGlite, then calls `release`. */
export async function databaseOn(
  pglite: LeanPglite,
  {
    pollSeconds = EMBEDDED_POLL_SECONDS,
    release,
  }: { pollSeconds?: number; release?: () => Promise<void> } = {},
): Promise<Database> {
  const links = new EmbeddedLinks(pglite, pglite.statements);
  const sql = new Kysely<Schema>({ dialect: withLazyTransactions(links) });
  return {
    kind: 'pglite',
    sql,
    pollSeconds,
    patienceMs: PATIENCE_MS,
    version: await migrate(sql, migrations),
    renew: () => undefined,
    vacuum: async () => await vacuum(sql, links),
    close: async () => {
      await sql.destroy();
      await release?.();
    },
  };
}

/** One table at a time: the process stands still during each, at most some 0.1 s with a thousand calls. */
async function vacuum(sql: Kysely<Schema>, links: EmbeddedLinks): Promise<void> {
  const { rows } = await raw<{ name: string }>`
    SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = 'public'`.execute(
    sql,
  );
  for (const { name } of rows) {
    await links.exec(`VACUUM (ANALYZE) ${name}`);
    await setImmediate();
  }
}
