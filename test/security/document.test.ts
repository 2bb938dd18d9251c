import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MORE } from '../support/long.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8');
const document = read('docs/security.md');

/** The source of the test with this title, up to the next test. */
function bodyOf(source: string, title: string): string {
  const place = placeOf(source, title);
  assert.ok(place >= 0, title);
  return (
    source
      .slice(place)
      .split(/\n {2}it\w*\(/, 1)
      .at(0) ?? ''
  );
}

/** Where a test or suite with this title begins; -1 if there is none. */
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

  describe('says about fuzzing', () => {
    const rows = [...document.matchAll(/^\| `(test\/[^`]+)`\s*\| (.+?)\s*\| ([\d,]+)\s*\| ([\d,]+)\s*\|$/gm)];
    const numberOf = (text: string): number => Number(text.replaceAll(/[_,]/g, ''));
    const told = rows.map(([, file = '', title = '', runs = '', long = '']) => ({
      file,
      title,
      runs: [numberOf(runs), numberOf(long)],
    }));
    const fuzz = readdirSync(`${root}test/fuzz`).map((name) => `test/fuzz/${name}`);

    it('what is fuzzed, and how often', () => {
      for (const { file, title, runs } of told) {
        const counts = [
          ...bodyOf(read(file), title).matchAll(/numRuns: runs\(([\d_]+)(?:, ([\d_]+))?\)/g),
        ].map(([, short = '', long]) => [numberOf(short), long ? numberOf(long) : numberOf(short) * MORE]);
        assert.deepEqual(counts, [runs], title);
      }
      for (const file of fuzz) {
        const all = read(file).match(/numRuns: /g)?.length ?? 0;
        assert.equal(told.filter((one) => one.file === file).length, all, file);
      }
    });

    it('that the long suite sends a million requests to the running server', () => {
      const overHttp = told.filter(
        ({ file, title }) => fuzz.includes(file) && bodyOf(read(file), title).includes('inCrowds('),
      );
      const sum = overHttp.reduce((total, { runs: [, long = 0] }) => total + long, 0);
      assert.ok(sum >= 1_000_000, `${sum}`);
    });
  });
});
