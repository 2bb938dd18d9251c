import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { PGlite } from '@electric-sql/pglite';
import { Kysely, PGliteDialect, PostgresDialect } from 'kysely';
import pg from 'pg';
import { isPoolerRefusal, isReadOnly, NoConnection } from './away.ts';
import { createPglite, removeUnfinished } from './createPglite.ts';
import { lockDataDir } from './dataDirLock.ts';
import { FreshConnections } from './freshConnections.ts';
import { inTime } from '../clock.ts';
import { RequestLane } from './lanes.ts';
import { migrate } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import { startPglite } from './pglite.ts';
import { prepared } from './preparedPglite.ts';
import type { Schema } from './schema.ts';
import { TurnTimeout } from './turns.ts';

export interface DatabaseConfig {
  /** `postgres://…`, `memory:`, or null for the embedded database under `dataDir`. */
  url: string | null;
  dataDir: string;
  /** Connections of this process to a PostgreSQL server. */
  poolSize?: number;
  /** How often a process looks for work that others wrote or that it missed. Default: POLL_SECONDS. */
  pollSeconds?: number;
}

export interface Database {
  kind: 'pglite' | 'postgres';
  sql: Kysely<Schema>;
  /** How often a process looks for work that others wrote or that it missed. */
  pollSeconds: number;
  /** Version of the tables. */
  version: number;
  /** The server takes no writes: connections to it are not used again. */
  renew(): void;
  /** Lets the room of deleted rows be used again. A server does that by itself: null. */
  vacuum: (() => Promise<void>) | null;
  close(): Promise<void>;
}

/** A server that does not answer must not hold requests for ever. */
const STATEMENT_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** What is under way waits longer for its turn than a request would: it would only come again. */
const WORK_CONNECT_TIMEOUT_MS = 20_000;
const POLL_SECONDS = 1;

/**
 * Opens the database and brings its tables up to date.
 *
 * @throws DataDirInUse; DatabaseNotCreated; the driver's own errors if the server cannot be reached
 */
export async function openDatabase(config: DatabaseConfig): Promise<Database> {
  if (config.url && config.url !== 'memory:') {
    const server = { ...config, url: config.url };
    try {
      return await openPostgres(server, { statement_timeout: STATEMENT_TIMEOUT_MS });
    } catch (error) {
      if (!isPoolerRefusal(error)) throw error;
      return await openPostgres(server, {});
    }
  }
  return await openEmbedded(config.url === 'memory:' ? null : config.dataDir);
}

/** @param session what the server is to hold to in each session */
async function openPostgres(
  { url, poolSize = 10, pollSeconds = POLL_SECONDS }: DatabaseConfig & { url: string },
  session: Pick<pg.PoolConfig, 'statement_timeout'>,
): Promise<Database> {
  const pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    ...session,
    query_timeout: STATEMENT_TIMEOUT_MS + 1_000,
    connectionTimeoutMillis: WORK_CONNECT_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'ringdown',
  });
  // An idle connection that the server drops is not a fault of ours; the next query opens a new one.
  pool.on('error', () => undefined);
  // Nor is one that breaks within a transaction, between two queries: the next query fails. Nobody else listens there,
  // and an error without a listener ends the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  const fresh = new FreshConnections(pool);
  const lane = new RequestLane(Math.ceil(poolSize / 2));
  const sql = new Kysely<Schema>({
    dialect: new PostgresDialect({
      pool: {
        options: pool.options,
        connect: async () => await connect(fresh, lane),
        end: async () => await pool.end(),
      },
    }),
    log: ({ level, ...event }) => {
      if (level === 'error' && 'error' in event && isReadOnly(event.error)) fresh.renew();
    },
  });
  try {
    return {
      kind: 'postgres',
      sql,
      pollSeconds,
      version: await migrate(sql, migrations),
      renew: () => fresh.renew(),
      vacuum: null,
      close: async () => await sql.destroy(),
    };
  } catch (error) {
    await sql.destroy();
    throw error;
  }
}

/** A connection, when it is the turn of whoever asks. */
async function connect(fresh: FreshConnections, lane: RequestLane): Promise<pg.PoolClient> {
  const leave = await lane.enter();
  const connecting = fresh.connect().catch((error: unknown) => {
    throw new NoConnection(error);
  });
  if (leave === null) return await connecting;
  try {
    const client = await inTime(connecting, CONNECT_TIMEOUT_MS, () => {
      throw new TurnTimeout(CONNECT_TIMEOUT_MS);
    });
    // The pool gives the client a new one each time.
    const release = client.release.bind(client);
    client.release = (destroy) => {
      leave();
      release(destroy);
    };
    return client;
  } catch (error) {
    // One that comes too late is nobody's.
    if (error instanceof TurnTimeout) connecting.then((client) => client.release()).catch(() => undefined);
    leave();
    throw error;
  }
}

async function openEmbedded(dataDir: string | null): Promise<Database> {
  const release = dataDir ? await lockDataDir(dataDir) : async () => undefined;
  let pglite: PGlite | undefined;
  try {
    pglite = await startPglite({ dataDir: dataDir ? await folderIn(dataDir) : 'memory://' });
    return await databaseOn(pglite, { release });
  } catch (error) {
    await pglite?.close().catch(() => undefined);
    await release();
    throw error;
  }
}

/** Of the database in a locked data folder; at the first start it is created. What is there already is PGlite's to judge. */
async function folderIn(dataDir: string): Promise<string> {
  const folder = join(dataDir, 'pglite');
  await removeUnfinished(folder);
  if (!existsSync(folder)) await createPglite(folder);
  return folder;
}

/** Brings the tables of an open PGlite up to date. Closing the database closes it, then calls `release`. */
export async function databaseOn(
  plain: PGlite,
  { pollSeconds = POLL_SECONDS, release }: { pollSeconds?: number; release?: () => Promise<void> } = {},
): Promise<Database> {
  const pglite = prepared(plain);
  const sql = new Kysely<Schema>({ dialect: new PGliteDialect({ pglite }) });
  return {
    kind: 'pglite',
    sql,
    pollSeconds,
    version: await migrate(sql, migrations),
    renew: () => undefined,
    vacuum: async () => await vacuum(pglite),
    close: async () => {
      await sql.destroy();
      if (!pglite.closed) await pglite.close();
      await release?.();
    },
  };
}

/** Table by table: the process stands still during each, some 0.1 s at most with a thousand calls. */
async function vacuum(pglite: PGlite): Promise<void> {
  const { rows } = await pglite.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = 'public'`,
  );
  for (const { name } of rows) {
    await pglite.exec(`VACUUM (ANALYZE) ${name}`);
    await setImmediate();
  }
}
