/** The file's encoding is unclear. The message contains none of the text, which may be a secret. */
export class NotText extends Error {
  readonly line: number;
  /** In characters, from 1. */
  readonly column: number;
  readonly problem: string;

  constructor(before: string, problem: string) {
    const lines = before.split('\n');
    const line = lines.length;
    const column = (lines.at(-1) ?? '').length + 1;
    super(`line ${line}, column ${column}: ${problem}`);
    this.name = 'NotText';
    this.line = line;
    this.column = column;
    this.problem = problem;
  }
}

const marks: readonly [encoding: 'utf-8' | 'utf-16le' | 'utf-16be', mark: readonly number[]][] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

/** Replaces bytes that are not a character. */
const REPLACEMENT = '\uFFFD';

/**
 * Decodes a file: UTF-8 with or without a byte order mark, or UTF-16 with one. Other encodings would have to be
 * guessed, and a wrong guess would garble names: nobody would find `Jürgen`.
 *
 * @throws NotText
 */
export function textOf(bytes: Uint8Array): string {
  const encoding =
    marks.find(([, mark]) => mark.every((byte, index) => bytes[index] === byte))?.[0] ?? 'utf-8';
  const text = new TextDecoder(encoding).decode(bytes);
  const zero = text.indexOf('\0');
  if (zero >= 0) {
    const problem = 'a zero byte (UTF-16 without a byte order mark?): save the file as UTF-8';
    throw new NotText(text.slice(0, zero), problem);
  }
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    const [before = ''] = text.split(REPLACEMENT, 1);
    throw new NotText(before, 'is not UTF-8 (Latin-1 or Windows-1252?): save the file as UTF-8');
  }
}
