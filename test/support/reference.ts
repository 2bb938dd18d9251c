import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Microsoft's descriptions and messages recorded in the field, which are not copied into this repository. The folder is
 * `RINGDOWN_REFERENCE`, or `shared` beside the checkout; docs/testing.md says what it holds.
 */
const folder = resolve(
  process.env['RINGDOWN_REFERENCE'] ?? fileURLToPath(new URL('../../../shared', import.meta.url)),
);

let missed = 0;

/** The path of a file or folder there; null, and one more missed check, if there is none. */
export function reference(name: string): string | null {
  const path = join(folder, name);
  if (existsSync(path)) return path;
  missed += 1;
  return null;
}

/** A file there, read as JSON; null, and one more missed check, if there is none. */
export function referenceJson(name: string): unknown {
  const path = reference(name);
  return path === null ? null : JSON.parse(readFileSync(path, 'utf8'));
}

/** How many checks were missed since the last time that this was asked. */
export function missedChecks(): number {
  const since = missed;
  missed = 0;
  return since;
}
