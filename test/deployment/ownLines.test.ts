import assert from 'node:assert/strict';
import { SourceMap, type SourceMapPayload } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { ownLines } from '../../scripts/bundle/ownLines.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

describe('the source map of a bundle', () => {
  it('has the same mappings for our code as the whole map, and none for packages', async () => {
    const { outputFiles } = await build({
      absWorkingDir: root,
      entryPoints: ['src/config/yamlTree.ts'],
      outdir: '.',
      bundle: true,
      write: false,
      minifyWhitespace: true,
      platform: 'node',
      format: 'esm',
      sourcemap: 'linked',
      sourcesContent: false,
      tsconfigRaw: {},
    });
    const [map, code] = ['.js.map', '.js'].map(
      (end) => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? '',
    );
    assert.ok(map && code);
    const whole = new SourceMap(JSON.parse(map) as SourceMapPayload);
    const own = new SourceMap(
      JSON.parse(
        ownLines(map, (source) => (source.startsWith('src/') ? `../${source}` : null)),
      ) as SourceMapPayload,
    );
    const seen = { own: 0, others: 0 };
    for (const [line, text] of code.split('\n').entries()) {
      for (let column = 0; column < text.length; column += 7) {
        const expected = whole.findEntry(line, column);
        const found = own.findEntry(line, column);
        const source = 'originalSource' in expected ? expected.originalSource : '';
        if (!source.startsWith('src/')) {
          assert.ok(!('originalSource' in found) || !found.originalSource, `${line}:${column}`);
          seen.others++;
          continue;
        }
        assert.ok('originalSource' in found);
        assert.equal(found.originalSource, `../${source}`);
        assert.ok('originalLine' in expected);
        assert.deepEqual(
          [found.originalLine, found.originalColumn],
          [expected.originalLine, expected.originalColumn],
        );
        seen.own++;
      }
    }
    assert.ok(seen.own > 100 && seen.others > 1_000, JSON.stringify(seen));
  });
});
