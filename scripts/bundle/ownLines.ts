import { z } from 'zod';

const sourceMap = z.looseObject({ sources: z.array(z.string()), mappings: z.string() });

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/**
 * Reduces a source map to the lines of our own sources: Node reads the map of each file that it loads, and that of
 * all packages costs 0.1 s and 40 MB. The start of each package gets a segment without a source, so that its code is
 * not attributed to ours. Format: ECMA-426, "mappings".
 *
 * @param own the name of one of our sources in the map; null for any other source
 */
export function ownLines(text: string, own: (source: string) => string | null): string {
  const { sources, mappings, ...rest } = sourceMap.parse(JSON.parse(text));
  const names = sources.map(own);
  const kept = names.flatMap((name) => (name === null ? [] : [name]));
  const places = names.map((name) => (name === null ? -1 : kept.indexOf(name)));
  // Segments are relative to the previous one, both when read and when written.
  const read = [0, 0, 0, 0];
  const written = [0, 0, 0];
  let inOwn = false;
  const lines = mappings.split(';').map((line) => {
    read[0] = 0;
    let writtenColumn = 0;
    const segments: string[] = [];
    for (const segment of line === '' ? [] : line.split(',')) {
      decode(segment).forEach((value, field) => (read[field] = (read[field] ?? 0) + value));
      const [column = 0, source = 0, sourceLine = 0, sourceColumn = 0] = read;
      const place = places[source] ?? -1;
      if (place === -1 && !inOwn) continue;
      inOwn = place !== -1;
      const values = inOwn ? [place, sourceLine, sourceColumn] : [];
      segments.push(
        encode([column - writtenColumn, ...values.map((value, field) => value - (written[field] ?? 0))]),
      );
      writtenColumn = column;
      values.forEach((value, field) => (written[field] = value));
    }
    return segments.join(',');
  });
  return JSON.stringify({ ...rest, sources: kept, names: [], mappings: lines.join(';') });
}

function decode(segment: string): number[] {
  const values: number[] = [];
  let value = 0;
  let shift = 0;
  for (const character of segment) {
    const digit = DIGITS.indexOf(character);
    value |= (digit & 31) << shift;
    shift += 5;
    if ((digit & 32) !== 0) continue;
    values.push((value & 1) === 1 ? -(value >>> 1) : value >>> 1);
    value = shift = 0;
  }
  return values;
}

function encode(values: readonly number[]): string {
  let text = '';
  for (const value of values) {
    let rest = value < 0 ? (-value << 1) | 1 : value << 1;
    do {
      text += DIGITS[(rest & 31) | (rest > 31 ? 32 : 0)];
      rest >>>= 5;
    } while (rest > 0);
  }
  return text;
}
