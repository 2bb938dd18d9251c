import { createHash, randomUUID } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * What a program was built into, kept in `node_modules/.cache` until a source or an installed package changes. Building
 * the console takes about 4 s of CPU time, and each process that serves it needs it once.
 *
 * @param root of the project
 * @param name of the program
 * @param make builds it; its errors are passed on
 */
export async function keptBuild(root: string, name: string, make: () => Promise<string>): Promise<string> {
  const folder = join(root, 'node_modules', '.cache', 'ringdown-browser-code');
  const file = join(folder, name);
  const from = ingredients(root);
  if (from === null) return await make();
  const kept = await readFile(file, 'utf8').catch(() => '');
  const end = kept.indexOf('\n');
  if (kept.slice(0, end) === from) return kept.slice(end + 1);
  const made = await make();
  try {
    await mkdir(folder, { recursive: true });
    // A file with its final name is always complete.
    const own = `${file}.${randomUUID()}`;
    await writeFile(own, `${from}\n${made}`);
    await rename(own, file);
  } catch {
    // An installation that must not be written to builds it after each start.
  }
  return made;
}

/** A hash of all sources and of the versions of all packages; null without npm's list of what it has installed. */
function ingredients(root: string): string | null {
  const packages = join('node_modules', '.package-lock.json');
  if (!existsSync(join(root, packages))) return null;
  const hash = createHash('sha256');
  const sources = globSync('src/**/*.{ts,tsx,css,json}', { cwd: root }).toSorted();
  for (const source of [packages, ...sources])
    hash.update(`${source}\n`).update(readFileSync(join(root, source)));
  return hash.digest('hex');
}
