import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Compares a value with a reviewed snapshot file. `UPDATE_SNAPSHOTS=1 npm test` rewrites the files; then review the
 * diff in version control.
 */
export function assertSnapshot(name: string, value: unknown): void {
  const file = fileURLToPath(new URL(`../../chat/snapshots/${name}.json`, import.meta.url));
  const now = `${JSON.stringify(value, null, 2)}\n`;
  if (process.env['UPDATE_SNAPSHOTS'] === '1') {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, now);
    return;
  }
  const before: unknown = JSON.parse(readFileSync(file, 'utf8'));
  assert.deepEqual(
    JSON.parse(now),
    before,
    `${name} differs from its snapshot (UPDATE_SNAPSHOTS=1 rewrites it)`,
  );
}
