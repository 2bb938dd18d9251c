export const alphanumeric = /[\p{L}\p{N}]/u;

/** Pairs of an opening and a closing mark. */
const quotePairs = `"" “” „“ „” ”” «» »« 「」 '' ‘’ ‚‘ \`\` () [] <> {}`.split(' ').map((pair) => [...pair]);

export const doubleQuotes = '"“”„«»「」';

/** Removes quotes or brackets that enclose the whole text. */
export function unquote(text: string): string {
  if (text.length < 3) return text;
  const pair = quotePairs.find(([open = '', close = '']) => text.startsWith(open) && text.endsWith(close));
  const inner = text.slice(1, -1);
  return pair && !pair.some((mark) => inner.includes(mark)) && alphanumeric.test(inner) ? inner.trim() : text;
}

/** Where the double quote that opens at `at` closes, within the length of a name; -1 if it does not. */
export function quoteEnd(text: string, at: number): number {
  if (!doubleQuotes.includes(text.charAt(at))) return -1;
  const closers = quotePairs.flatMap(([open, close = '']) => (open === text.charAt(at) ? close : []));
  const ends = closers.map((close) => text.slice(at + 1, at + 200).indexOf(close)).filter((end) => end >= 0);
  return ends.length > 0 ? at + 1 + Math.min(...ends) : -1;
}

const edge =
  /[\s,.;:!?…。！？，、；：~*_`"“”„«»|\\/^=\-–—\p{Extended_Pictographic}\uFE0F\u200D\p{Emoji_Modifier}]/u;

const openings: Readonly<Record<string, string>> = { ')': '(', ']': '[', '>': '<', '}': '{' };

/** Removes punctuation and emoji around a text. Brackets are removed only if they have no partner. */
export function trimEdges(text: string): string {
  const chars = [...text];
  const all = new Set(chars);
  const drops = (char: string | undefined): boolean =>
    char !== undefined && (edge.test(char) || (char in openings && !all.has(openings[char] ?? '')));
  let [start, end] = [0, chars.length];
  while (end > start && drops(chars[end - 1])) end -= 1;
  while (start < end && drops(chars[start])) start += 1;
  return chars.slice(start, end).join('');
}

export const nameOf = (text: string): string => {
  const trimmed = trimEdges(unquote(text.trim()));
  return trimmed.startsWith('@') ? trimEdges(trimmed.slice(1)) : trimmed;
};
