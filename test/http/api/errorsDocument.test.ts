import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { errorCatalogue } from '../../../src/errors.ts';

const COLUMNS = 5;

/** The rows of the table of codes in docs/errors.md. */
function rows(): string[][] {
  const source = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8');
  return source
    .split('\n')
    .filter((line) => line.startsWith('| `') && line.split('|').length === COLUMNS + 2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

describe('docs/errors.md', () => {
  it('has every code of the catalogue, and no other', () => {
    const expected = Object.entries(errorCatalogue).map(([code, { status, title, retry, operator }]) => [
      `\`${code}\``,
      String(status),
      title,
      retry ? 'yes' : 'no',
      operator,
    ]);
    assert.deepEqual(rows(), expected);
  });
});
