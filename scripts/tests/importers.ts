import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { root } from './process.ts';

const IMPORT = /(?:from|import|import\(|new URL\()\s*'(\.[^']+)'/g;

/** These files and all files that import them, directly or indirectly. Paths from the root. */
export function importersOf(changed: readonly string[]): Set<string> {
  const files = globSync('{src,emulator,demo,test,bench,scripts}/**/*.ts', { cwd: root });
  const importedBy = new Map<string, string[]>();
  for (const file of files) {
    for (const [, path = ''] of readFileSync(join(root, file), 'utf8').matchAll(IMPORT)) {
      const target = normalize(join(dirname(file), path));
      importedBy.set(target, [...(importedBy.get(target) ?? []), file]);
    }
  }
  const found = new Set(changed);
  for (const file of found) for (const importer of importedBy.get(file) ?? []) found.add(importer);
  return found;
}
