import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keptBuild } from '../../src/browserCode/keptBuild.ts';
import { afterTest } from '../support/afterTest.ts';

describe('a built program for browsers', () => {
  it('is built again if a source or an installed package has changed, and otherwise kept', async () => {
    const root = mkdtempSync(join(tmpdir(), 'ringdown-built-'));
    afterTest(() => rmSync(root, { recursive: true }));
    for (const folder of ['src/pages', 'node_modules']) mkdirSync(join(root, folder), { recursive: true });
    let builds = 0;
    const build = async (name = 'console'): Promise<string> =>
      await keptBuild(root, name, async () => await Promise.resolve(`build ${(builds += 1)}\nof ${name}`));
    writeFileSync(join(root, 'src/pages/page.tsx'), 'one');

    for (const number of [1, 2])
      assert.equal(await build(), `build ${number}\nof console`, 'no list of packages');
    writeFileSync(join(root, 'node_modules/.package-lock.json'), '{}');
    for (const _ of [1, 2]) assert.equal(await build(), 'build 3\nof console');
    assert.equal(await build('azure'), 'build 4\nof azure');
    writeFileSync(join(root, 'src/pages/page.tsx'), 'two');
    for (const _ of [1, 2]) assert.equal(await build(), 'build 5\nof console');
    writeFileSync(join(root, 'node_modules/.package-lock.json'), '{"react": 20}');
    assert.equal(await build(), 'build 6\nof console');
  });
});
