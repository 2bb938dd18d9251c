import { createHash, randomUUID } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, 'node_modules', '.cache', 'ringdown-tests');

/** What the files of an embedded database with all tables depend on. */
function ingredients(): string {
  const hash = createHash('sha256');
  const packages = [join(root, 'node_modules', '@electric-sql/pglite', 'package.json')];
  const own = globSync(['src/database/**/*.ts', 'test/support/tables.ts'], { cwd: root }).toSorted();
  for (const file of [...packages, ...own.map((name) => join(root, name))]) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}

/** Far longer than creating one takes. */
const LIMIT_MS = 60_000;

/** Files of an embedded database, cached between runs until the migrations or PGlite change. */
export async function keptFiles(name: string, make: () => Promise<Blob>): Promise<Blob> {
  const kept = join(folder, `${name}-${ingredients()}.tar`);
  const read = async (): Promise<Blob | null> => {
    const found = await readFile(kept).catch(() => null);
    return found && new Blob([found]);
  };
  const found = await read();
  if (found) return found;
  await mkdir(folder, { recursive: true });
  // Several processes need it at once: one creates it, unless it dies meanwhile.
  const claim = await open(`${kept}.making`, 'wx').catch(() => null);
  if (claim === null) {
    for (const end = performance.now() + LIMIT_MS; performance.now() < end; await pause(50)) {
      const made = await read();
      if (made) return made;
    }
  }
  const files = await make();
  // A file with its final name is always complete.
  const own = `${kept}.${randomUUID()}`;
  await writeFile(own, files.stream());
  await rename(own, kept);
  await claim?.close();
  await rm(`${kept}.making`, { force: true });
  return files;
}
