import { createHash, randomUUID } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, 'node_modules', '.cache', 'ringdown-tests');

/** What an embedded database with all tables is made of. */
function ingredients(): string {
  const hash = createHash('sha256');
  const packages = ['@electric-sql/pglite', 'pg-boss'].map((name) =>
    join(root, 'node_modules', name, 'package.json'),
  );
  const own = globSync(['src/database/**/*.ts', 'test/support/tables.ts'], { cwd: root }).toSorted();
  for (const file of [...packages, ...own.map((name) => join(root, name))]) hash.update(readFileSync(file));
  return hash.digest('hex').slice(0, 16);
}

/** Files of an embedded database, kept from run to run until the migrations, PGlite or the job engine change. */
export async function keptFiles(name: string, make: () => Promise<Blob>): Promise<Blob> {
  const kept = join(folder, `${name}-${ingredients()}.tar`);
  const found = await readFile(kept).catch(() => null);
  if (found) return new Blob([found]);
  const files = await make();
  await mkdir(folder, { recursive: true });
  // Two runs may make it at once. A file under its name is always whole.
  const own = `${kept}.${randomUUID()}`;
  await writeFile(own, files.stream());
  await rename(own, kept);
  return files;
}
