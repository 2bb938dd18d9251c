import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { catalogue } from '../../../src/operations/doctor/findings.ts';

describe('docs/operations.md', () => {
  it('lists every finding of the doctor, and no other', () => {
    const text = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8');
    const rows = [...text.matchAll(/^\| `(\w+)` +\| ([a-z ]+?) +\| (fault|note) +\| (.+?) +\|$/gm)];
    const listed = rows.map(([, name, area, level, means]) => ({ name, area, level, means }));
    const there = Object.entries(catalogue).map(([name, one]) => ({ name, ...one }));
    const byName = (a: { name?: string | undefined }, b: { name?: string | undefined }): number =>
      (a.name ?? '').localeCompare(b.name ?? '');
    assert.deepEqual(listed.toSorted(byName), there.toSorted(byName));
  });
});
