import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Another process uses the same folder. Two would destroy an embedded database. */
export class DataDirInUse extends Error {
  constructor(dataDir: string) {
    super(
      `DATA_DIR ${dataDir} is in use by another Ringdown process. Stop it, or give this one another DATA_DIR (or DATABASE_URL).`,
    );
    this.name = 'DataDirInUse';
  }
}

const SQLITE_BUSY = 5;

/** The locks of this process. The garbage collector would release a lock that nothing refers to. */
const held = new Set<DatabaseSync>();

/**
 * Locks a data folder for this process. Node has no file locks, but SQLite has: an exclusive transaction on an empty
 * file. The kernel releases the lock when the process ends in any way, so no stale lock can remain, and two processes
 * can never both take over from a dead one.
 *
 * @throws DataDirInUse if another live process, or this one, holds it
 * @returns a function that releases the lock
 */
export async function lockDataDir(dataDir: string): Promise<() => Promise<void>> {
  mkdirSync(dataDir, { recursive: true });
  const lock = new DatabaseSync(join(dataDir, 'lock'), { timeout: 0 });
  try {
    // No journal, as nothing is ever written.
    lock.exec('PRAGMA journal_mode = OFF; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) {
      throw new DataDirInUse(dataDir);
    }
    throw error;
  }
  held.add(lock);
  return async () => {
    if (held.delete(lock)) lock.close();
  };
}
