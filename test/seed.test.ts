import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';

const root = new URL('../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');

describe('docs/seed.md', () => {
  const rows = read('docs/seed.md')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (?:the document says|-)/.test(line))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

  it('names tests that exist, by titles that they have', () => {
    assert.ok(rows.length >= 20);
    let named = 0;
    for (const [says = '', , proof = ''] of rows) {
      if (proof === '–') continue;
      const tests = [...proof.matchAll(/`(test\/[\w/.]+)`(?:: ([^,`]+(?:,(?! `test)[^,`]+)*))?/g)];
      assert.ok(tests.length > 0, says);
      for (const [, path = '', title] of tests) {
        named += 1;
        assert.ok(existsSync(new URL(path, root)), path);
        if (title) assert.ok(read(path).includes(title.trim()), `${path} has “${title}”`);
      }
    }
    assert.ok(named > 15);
  });

  it('leaves out only what no test can prove', () => {
    const without = rows.filter(([, , proof]) => proof === '–').map(([says]) => says);
    assert.deepEqual(without, ['not available in the .NET Calling SDK']);
  });
});
