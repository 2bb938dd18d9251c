import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { systemClock } from '../../src/clock.ts';
import { Jobs } from '../../src/database/jobs.ts';
import { databaseOn, openDatabase, type Database } from '../../src/database/open.ts';
import { startPglite } from '../../src/database/pglite.ts';
import { afterTest, inTest } from './afterTest.ts';
import { silent } from './log.ts';
import { Pglites } from './pglites.ts';
import { startPostgres, type PostgresServer } from './postgresServer.ts';

/**
 * Databases for tests. One suite runs on both kinds: PGlite in memory, and a real PostgreSQL. Each opened database is
 * a fresh one with all tables, those of the job engine too; it is closed with the test (or the suite) that opened it.
 */
export type Open = () => Promise<Database>;

/** Runs a suite on PGlite and on PostgreSQL. `open` may be called in hooks and in tests, also several times. */
export function forEachDatabase(suite: (open: Open, kind: Database['kind']) => void): void {
  describe('on PGlite', () => {
    before('make the tables', async function () {
      this.timeout(60_000);
      await pgliteFiles();
    });
    suite(closingWithSuite(openPglite), 'pglite');
  });
  onPostgres((open) => suite(open, 'postgres'));
}

/** For what needs several processes' connections: `open` with the URL of a database opens it once more. */
export function onPostgres(
  suite: (open: (url?: string) => Promise<Database>, freshUrl: () => Promise<string>) => void,
): void {
  describe('on PostgreSQL', () => {
    before('start the server, make the tables', async function () {
      this.timeout(60_000);
      await postgresTemplate();
    });
    suite(
      closingWithSuite(
        async (url?: string) => await openDatabase({ url: url ?? (await freshPostgresUrl()), dataDir: '' }),
      ),
      freshPostgresUrl,
    );
  });
}

/** The URL of a database of its own, with all tables. */
async function freshPostgresUrl(): Promise<string> {
  return await newPostgresDatabase(await postgresTemplate());
}

/** The URL of a PostgreSQL database without any table. */
export async function emptyPostgresUrl(): Promise<string> {
  return await newPostgresDatabase();
}

/** A PGlite without any table. The caller closes it. */
export async function emptyPglite(): Promise<PGlite> {
  emptyFiles ??= startPglite({ dataDir: 'memory://' }).then(dumpAndClose);
  return await pgliteFrom(await emptyFiles);
}

// One of each for the whole run, made when first asked for: it takes seconds. After that each database is a copy.
let server: Promise<PostgresServer> | undefined;
let template: Promise<string> | undefined;
let emptyFiles: Promise<Blob> | undefined;
let migratedFiles: Promise<Blob> | undefined;

const pglites = new Pglites(async () => await pgliteFrom(await pgliteFiles()));

after('stop PostgreSQL', async function () {
  this.timeout(30_000);
  await pglites.close();
  await (await server)?.stop();
});

async function newPostgresDatabase(from?: string): Promise<string> {
  const postgres = await postgresServer();
  const name = `test_${randomUUID()}`;
  const url = await postgres.createDatabase(name, from);
  if (inTest()) afterTest(async () => await postgres.dropDatabase(name));
  return url;
}

async function postgresServer(): Promise<PostgresServer> {
  server ??= startPostgres();
  return await server;
}

async function postgresTemplate(): Promise<string> {
  template ??= (async () => {
    const url = await (await postgresServer()).createDatabase('ringdown');
    const database = await openDatabase({ url, dataDir: '' });
    await makeTables(database);
    await database.close();
    return 'ringdown';
  })();
  return await template;
}

/**
 * An embedded database with all tables, for what is the same on either kind. That of a test is closed after it; who opens
 * one for a suite closes it.
 */
export async function openEmbedded(): Promise<Database> {
  const database = await openPglite();
  if (inTest()) afterTest(async () => await database.close());
  return database;
}

async function openPglite(): Promise<Database> {
  return await databaseOn(await pglites.lend());
}

async function pgliteFiles(): Promise<Blob> {
  migratedFiles ??= (async () => {
    // Named by scripts/test.ts: the processes of one run share what the first of them has made.
    const folder = process.env['RINGDOWN_TEST_FILES'];
    const shared = folder ? join(folder, 'pglite.tar') : null;
    if (shared && existsSync(shared)) return new Blob([await readFile(shared)]);
    const pglite = await emptyPglite();
    await makeTables(await databaseOn(pglite));
    const files = await dumpAndClose(pglite);
    if (shared) {
      const own = `${shared}.${process.pid}`;
      await writeFile(own, files.stream());
      await rename(own, shared);
    }
    return files;
  })();
  return await migratedFiles;
}

/** Puts an embedded database with all tables into a folder, as a first start would have left it. */
export async function fillDataDir(dataDir: string): Promise<void> {
  const pglite = await startPglite({
    dataDir: join(dataDir, 'pglite'),
    loadDataDir: await pgliteFiles(),
  });
  await pglite.close();
}

async function makeTables(database: Database): Promise<void> {
  const jobs = new Jobs(database, systemClock, silent);
  await jobs.start();
  await jobs.stop(1_000);
}

async function pgliteFrom(files: Blob): Promise<PGlite> {
  return await startPglite({ dataDir: 'memory://', loadDataDir: files });
}

async function dumpAndClose(pglite: PGlite): Promise<Blob> {
  try {
    return await pglite.dumpDataDir('none');
  } finally {
    await pglite.close();
  }
}

/** Closes what a test opened after the test, and what the suite's hooks opened after the suite. */
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
