import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8');
const document = read('docs/security.md');

/** Where in the file a test or a suite of this title begins; -1 if there is none. */
function placeOf(source: string, title: string): number {
  const names = [...source.matchAll(/\b(?:it|itInBoth|itLong|describe)\(\s*(['"`])(.*?)\1,/g)];
  return names.find(([, , name]) => name === title)?.index ?? -1;
}

describe('docs/security.md', () => {
  const sections = document.split(/^### /m).slice(1);
  const named = [...document.matchAll(/^- `(test\/[^`]+)`: (.+)$/gm)].map(([, file = '', title = '']) => ({
    file,
    title,
  }));

  it('has a test for each threat', () => {
    assert.ok(sections.length >= 8);
    for (const section of sections) assert.match(section, /^- `test\/[^`]+`: /m, section.split('\n')[0]);
  });

  for (const { file, title } of named) {
    it(`names a test that exists: ${file}: ${title}`, () => assert.ok(placeOf(read(file), title) >= 0));
  }

  it('says how often nonsense is thrown at what', () => {
    const rows = [...document.matchAll(/^\| `(test\/[^`]+)`\s*\| (.+?)\s*\| ([\d +]+?)\s*\|$/gm)];
    const told = rows.map(([, file = '', title = '', runs = '']) => {
      const place = placeOf(read(file), title);
      assert.ok(place >= 0, title);
      return { file, title, runs: runs.split(' + ').map(Number), place };
    });
    for (const { file, title, runs, place } of told) {
      const body =
        read(file)
          .slice(place)
          .split(/\n {2}it\w*\(/, 1)[0] ?? '';
      const counts = [...body.matchAll(/numRuns: (?:runs\()?([\d_]+)/g)].map(([, count = '']) =>
        Number(count.replaceAll('_', '')),
      );
      assert.deepEqual(counts, runs, title);
    }
    // No fuzz test is left untold.
    for (const file of ['test/fuzz/chat.test.ts', 'test/fuzz/http.test.ts']) {
      const all = read(file).match(/numRuns: /g)?.length ?? 0;
      assert.equal(told.filter((one) => one.file === file).flatMap(({ runs }) => runs).length, all, file);
    }
  });
});
