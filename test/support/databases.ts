import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { databaseOn, openDatabase, type Database, type DatabaseConfig } from '../../src/database/open.ts';
import { startPglite, type LeanPglite } from '../../src/database/pglite.ts';
import { afterTest, inTest } from './afterTest.ts';
import { atEnd } from './atEnd.ts';
import { opened } from './costs.ts';
import { keptFiles } from './keptFiles.ts';
import { isDrawn, isLong } from './long.ts';
import { Pglites } from './pglites.ts';
import { postgresOfRun } from './postgresOfRun.ts';
import { PostgresDatabases } from './postgresDatabases.ts';
import { createDatabase, dropDatabase } from './postgresServer.ts';
import { startPostgresWithTables } from './tables.ts';

/**
 * Databases for tests. A suite runs on both kinds: PGlite in memory, and a real PostgreSQL. Each opened database is
 * new and has all tables; it is closed with the test (or the suite) that opened it.
 */
export type Open = () => Promise<Database>;

/** For tests of what only polls find: postponed work, or more than a process does at once. */
export function pollingOften(database: Database): Database {
  return { ...database, pollSeconds: 0.5 };
}

/**
 * Polls find only what nothing else has announced. Each costs a statement and a stop of the fake clock, so here they
 * are rare.
 */
const POLL_SECONDS = 5;
/** Tests may hold locks in place of a slow replica, and the machine may be busy, so patience is long. */
const BUSY_MS = 120_000;

/** Runs a suite on PGlite and on PostgreSQL. `open` may be called in hooks and in tests, several times. */
export function forEachDatabase(suite: (open: Open, kind: Database['kind']) => void): void {
  describe('on PGlite', () => {
    before('make the tables', async function () {
      await pgliteFiles();
    });
    suite(closingWithSuite(openPglite), 'pglite');
  });
  onPostgres((open) => suite(open, 'postgres'));
}

/**
 * The same for stories of the whole product, in which the database is one part of many: in `npm test` each test runs
 * on one kind, alternating; in the long suite on the other.
 */
export function forEachDatabaseByTurns(suite: (open: Open, kind: Database['kind']) => void): void {
  let nth = 0;
  const keepSome = (made: Mocha.Suite, turn: number): void => {
    made.tests = made.tests.filter((test) => {
      const isOwn = nth++ % 2 === turn;
      return isLong ? !isOwn && isDrawn(test.fullTitle()) : isOwn;
    });
    for (const inner of made.suites) keepSome(inner, turn);
  };
  const made = describe('with the database', () => forEachDatabase(suite));
  for (const [turn, own] of made.suites.entries()) {
    nth = 0;
    keepSome(own, turn);
  }
}

/** For tests that need connections of several processes: `open` with the URL of a database opens it again. */
export function onPostgres(
  suite: (
    open: (url?: string, limits?: DatabaseConfig['limits']) => Promise<Database>,
    freshUrl: () => Promise<string>,
  ) => void,
): void {
  describe('on PostgreSQL', () => {
    before('start the server, make the tables', async function () {
      await postgresServer();
    });
    suite(
      closingWithSuite(
        async (url?: string, limits?: DatabaseConfig['limits']) =>
          await openDatabase({
            url: url ?? (await freshPostgresUrl()),
            dataDir: '',
            pollSeconds: POLL_SECONDS,
            limits: { pause: BUSY_MS, connect: BUSY_MS, turn: BUSY_MS, ...limits },
          }),
      ),
      freshPostgresUrl,
    );
  });
}

/** A database with all tables, exclusive until it is returned: for tests that need many, one after another. */
export async function lendPostgres(): Promise<{ url: string; giveBack: () => Promise<void> }> {
  opened.databases += 1;
  const url = await postgresDatabases.lend();
  return { url, giveBack: async () => await postgresDatabases.giveBack(url) };
}

/** The URL of a database with all tables, exclusive until the test (or the process) ends. */
async function freshPostgresUrl(): Promise<string> {
  const { url, giveBack } = await lendPostgres();
  if (inTest()) afterTest(giveBack);
  return url;
}

/** The URL of a PostgreSQL database without tables. */
export async function emptyPostgresUrl(): Promise<string> {
  opened.databases += 1;
  const postgres = await postgresServer();
  const name = `test_${randomUUID()}`;
  const url = await createDatabase(postgres, name);
  if (inTest()) afterTest(async () => await dropDatabase(postgres, name));
  return url;
}

/** A PGlite without tables. The caller closes it. */
export async function emptyPglite(): Promise<LeanPglite> {
  emptyFiles ??= keptFiles(
    'empty',
    async () => await dumpAndClose(await startPglite({ dataDir: 'memory://' })),
  );
  return await pgliteFrom(await emptyFiles);
}

// One of each per process, created when first needed. After that each database is a copy.
let server: Promise<string> | undefined;
let emptyFiles: Promise<Blob> | undefined;
let migratedFiles: Promise<Blob> | undefined;

const pglites = new Pglites(async () => await pgliteFrom(await pgliteFiles()));

const postgresDatabases = new PostgresDatabases(postgresServer);

atEnd(async () => await pglites.close());

/** The runner starts one for all its processes; without a runner this process has its own. */
async function postgresServer(): Promise<string> {
  server ??= process.send
    ? postgresOfRun()
    : startPostgresWithTables().then((own) => {
        atEnd(async () => await own.stop());
        return own.url;
      });
  return await server;
}

/**
 * An embedded database with all tables, for tests that do not depend on the kind. A test's database is closed after
 * it; a suite closes its own.
 */
export async function openEmbedded(): Promise<Database> {
  const database = await openPglite();
  if (inTest()) afterTest(async () => await database.close());
  return database;
}

/** A PGlite with all tables. Closing it returns it. */
async function lendPglite(): Promise<LeanPglite> {
  opened.databases += 1;
  return await pglites.lend();
}

async function openPglite(): Promise<Database> {
  return await databaseOn(await lendPglite(), { pollSeconds: POLL_SECONDS });
}

async function pgliteFiles(): Promise<Blob> {
  migratedFiles ??= keptFiles('pglite', async () => {
    const pglite = await emptyPglite();
    await databaseOn(pglite);
    return await dumpAndClose(pglite);
  });
  return await migratedFiles;
}

/** Puts an embedded database with all tables into a folder, as a first start would. */
export async function fillDataDir(dataDir: string): Promise<void> {
  const folder = join(dataDir, 'pglite');
  await mkdir(folder, { recursive: true });
  // Much faster than loading it and writing it to disk again.
  const unpacking = spawn('tar', ['-x', '-C', folder], { stdio: ['pipe', 'ignore', 'inherit'] });
  const ended = once(unpacking, 'close');
  await pipeline((await pgliteFiles()).stream(), unpacking.stdin);
  await ended;
  assert.equal(unpacking.exitCode, 0, 'tar could not unpack the embedded database');
}

async function pgliteFrom(files: Blob): Promise<LeanPglite> {
  return await startPglite({ dataDir: 'memory://', loadDataDir: files });
}

async function dumpAndClose(pglite: LeanPglite): Promise<Blob> {
  try {
    return await pglite.dumpDataDir('none');
  } finally {
    await pglite.close();
  }
}

/** Closes what a test opened after the test, and what a suite's hooks opened after the suite. */
function closingWithSuite<Args extends unknown[]>(
  open: (...args: Args) => Promise<Database>,
): (...args: Args) => Promise<Database> {
  const ofSuite: Database[] = [];
  after(async () => {
    await Promise.all(ofSuite.splice(0).map(async (database) => await database.close()));
  });
  return async (...args) => {
    const database = await open(...args);
    if (inTest()) afterTest(async () => await database.close());
    else ofSuite.push(database);
    return database;
  };
}
