import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Microsoft's API descriptions, and messages recorded from the real service, which are not copied into this
 * repository. The folder is `RINGDOWN_REFERENCE`, or `shared` next to the checkout; docs/testing.md lists its
 * content.
 */
const folder = resolve(
  process.env['RINGDOWN_REFERENCE'] ?? fileURLToPath(new URL('../../../shared', import.meta.url)),
);

let missed = 0;

/** The path of a file or folder there. Null, and one more skipped check, if it does not exist. */
export function reference(name: string): string | null {
  const path = join(folder, name);
  if (existsSync(path)) return path;
  missed += 1;
  return null;
}

/** A JSON file there, parsed. Null, and one more skipped check, if it does not exist. */
export function referenceJson(name: string): unknown {
  const path = reference(name);
  return path === null ? null : JSON.parse(readFileSync(path, 'utf8'));
}

/** How many checks were skipped since the last call. */
export function missedChecks(): number {
  const since = missed;
  missed = 0;
  return since;
}
