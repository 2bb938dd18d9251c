import assert from 'node:assert/strict';
import fc from 'fast-check';
import { jsonLines } from '../../../src/console/browser/lines.ts';

async function* inChunks(text: string, cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].toSorted((a, b) => a - b);
  for (const [index, end] of [...places, bytes.length].entries()) {
    await Promise.resolve();
    yield bytes.slice(places[index - 1] ?? 0, end);
  }
}

async function read(chunks: AsyncIterable<Uint8Array>): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const value of jsonLines(chunks)) values.push(value);
  return values;
}

describe('lines of JSON', () => {
  it('are the same wherever the network cuts them, also within a character', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.json()), fc.array(fc.nat()), async (values, cuts) => {
        const sent = values.map((value): unknown => JSON.parse(value));
        const text = sent.map((value) => `${JSON.stringify(value)}\n`).join('\n');
        assert.deepEqual(await read(inChunks(text, cuts)), sent);
      }),
    );
  });

  it('are read as they arrive; an incomplete line is not read', async () => {
    assert.deepEqual(await read(inChunks('{"view":"é"}\n{"vi', [10])), [{ view: 'é' }]);
  });
});
