import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A case from the field, as JSON. They lie beside the repository, where there are any: null elsewhere. */
export function fieldCase(name: string): unknown {
  const file = fileURLToPath(new URL(`../../../shared/cases/${name}`, import.meta.url));
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
}
