import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The embedded database could not be created. Nothing of it was left under its name. */
export class DatabaseNotCreated extends Error {
  constructor(folder: string, why: string) {
    super(`The embedded database could not be created in ${folder}: ${why}`);
    this.name = 'DatabaseNotCreated';
  }
}

// Beside this file as it is: with types, or in a bundle without.
const CREATOR = fileURLToPath(new URL(`pgliteCreator${extname(import.meta.url)}`, import.meta.url));
/** Of the environment, which holds secrets: where the database is (its time zone), and what Node may need to start at all. */
const INHERITED = ['TZ', 'LD_LIBRARY_PATH'];
/** So many characters of what the process said last are told. */
const TOLD = 2_000;
const UNFINISHED = '.new-';

/**
 * Creates an embedded database, in a process of its own: what that takes (some 550 MB) goes with it. It has another name
 * until it is whole, so whenever somebody kills us there is a whole one under its own, or none. (A power cut is another
 * matter: PGlite waits for no disk.)
 *
 * @param folder is not there yet; the folder around it is, and is locked
 * @throws DatabaseNotCreated; the system's own errors if no process can be started, or the folder not be renamed
 */
export async function createPglite(folder: string): Promise<void> {
  const unfinished = `${folder}${UNFINISHED}${randomUUID()}`;
  try {
    const fault = await faultOfCreating(unfinished);
    if (fault !== null) throw new DatabaseNotCreated(folder, fault);
    await rename(unfinished, folder);
  } catch (error) {
    await remove(unfinished);
    throw error;
  }
}

/** Removes what starts that died on their way left of the database that was to be in `folder`. */
export async function removeUnfinished(folder: string): Promise<void> {
  const names = await readdir(dirname(folder));
  const left = names.filter((name) => name.startsWith(`${basename(folder)}${UNFINISHED}`));
  await Promise.all(left.map(async (name) => await remove(join(dirname(folder), name))));
}

/** What cannot be removed takes room, and nothing else: the next start tries again. */
async function remove(unfinished: string): Promise<void> {
  // A process whose parent died a moment ago may still write.
  await rm(unfinished, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }).catch(
    () => undefined,
  );
}

/** @returns null once a whole database is in the folder */
async function faultOfCreating(folder: string): Promise<string | null> {
  const child = spawn(process.execPath, [CREATOR, folder], {
    env: Object.fromEntries(
      INHERITED.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
    ),
    // Nothing is written to its stdin: it ends when that is closed, as it is whenever this process ends.
    stdio: ['pipe', 'ignore', 'pipe'],
    windowsHide: true,
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  try {
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said = `${said}${text}`.slice(-TOLD)));
    await once(child, 'close');
    if (child.exitCode === 0) return null;
    return [`its process ended (${child.signalCode ?? child.exitCode})`, said.trim()]
      .filter(Boolean)
      .join('. ');
  } finally {
    process.off('exit', kill);
  }
}
