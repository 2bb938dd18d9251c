import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The embedded database could not be created. Its folder does not exist. */
export class DatabaseNotCreated extends Error {
  constructor(folder: string, why: string) {
    super(`The embedded database could not be created in ${folder}: ${why}`);
    this.name = 'DatabaseNotCreated';
  }
}

// Next to this file, with the same extension: .ts, or .js in a bundle.
const CREATOR = fileURLToPath(new URL(`pgliteCreator${extname(import.meta.url)}`, import.meta.url));
/** The environment holds secrets. The child gets only the time zone and what Node may need to start. */
const INHERITED = ['TZ', 'LD_LIBRARY_PATH'];
/** How much of the child's last output goes into the error. Characters. */
const TOLD = 2_000;
const UNFINISHED = '.new-';

/**
 * Creates an embedded database in a child process, so that the memory this takes (some 550 MB) is freed with it. The
 * folder is renamed when it is complete, so a kill at any time leaves either a complete database or none. (A power
 * cut may not: PGlite does not wait for the disk.)
 *
 * @param folder does not exist yet; its parent does, and is locked
 * @throws DatabaseNotCreated; system errors if the process cannot be started or the folder cannot be renamed
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

/** Removes what earlier starts left behind when they died while creating `folder`. */
export async function removeUnfinished(folder: string): Promise<void> {
  const names = await readdir(dirname(folder));
  const left = names.filter((name) => name.startsWith(`${basename(folder)}${UNFINISHED}`));
  await Promise.all(left.map(async (name) => await remove(join(dirname(folder), name))));
}

/** A leftover that cannot be removed only takes space. The next start tries again. */
async function remove(unfinished: string): Promise<void> {
  // A child whose parent has just died may still be writing.
  await rm(unfinished, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }).catch(
    () => undefined,
  );
}

/** @returns null when the folder holds a complete database, else the reason */
async function faultOfCreating(folder: string): Promise<string | null> {
  const child = spawn(process.execPath, [CREATOR, folder], {
    env: Object.fromEntries(
      INHERITED.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
    ),
    // The child ends when its stdin closes, which happens whenever this process ends. Nothing is written to it.
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
