import assert from 'node:assert/strict';
import { NotText, textOf } from '../../src/config/textFile.ts';

const utf8 = (text: string) => Buffer.from(text, 'utf8');
const utf16 = (text: string) => Buffer.from(text, 'utf16le');
const BOM = '\uFEFF';
const text = 'operators: [Jürgen]\n';

describe('a text file', () => {
  const read: [what: string, bytes: Buffer][] = [
    ['UTF-8', utf8(text)],
    ['UTF-8 with a byte order mark', utf8(BOM + text)],
    ['UTF-16 with a byte order mark, as Windows writes it', utf16(BOM + text)],
    ['big-endian UTF-16', utf16(BOM + text).swap16()],
  ];
  for (const [what, bytes] of read) {
    it(`is decoded: ${what}`, () => assert.equal(textOf(bytes), text));
  }

  it('is decoded if it is empty', () => {
    for (const bytes of [utf8(''), utf8(BOM), utf16(BOM)]) assert.equal(textOf(bytes), '');
  });

  const refused: [what: string, bytes: Buffer, line: number, column: number, problem: RegExp][] = [
    ['Latin-1', Buffer.from(`a: b\n${text}`, 'latin1'), 2, 14, /save the file as UTF-8/],
    ['UTF-16 without a byte order mark', utf16(text), 1, 2, /save the file as UTF-8/],
    ['half a character at its end', utf8('a: ü').subarray(0, 4), 1, 4, /save the file as UTF-8/],
    ['half a UTF-16 character', utf16(`${BOM}a: b\nc`).subarray(0, -1), 2, 1, /save the file as UTF-8/],
    ['a zero byte', utf8('a: b\nc: \0'), 2, 4, /zero byte/],
  ];
  for (const [what, bytes, line, column, problem] of refused) {
    it(`is refused with line and column: ${what}`, () => {
      assert.throws(
        () => textOf(bytes),
        (error) => {
          assert.ok(error instanceof NotText);
          assert.deepEqual([error.line, error.column], [line, column]);
          assert.match(error.problem, problem);
          return true;
        },
      );
    });
  }
});
