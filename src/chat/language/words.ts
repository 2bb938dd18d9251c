import type { Mention } from './mentions.ts';

export interface Word {
  /** In lower case and without surrounding punctuation; for a mention, its placeholder. */
  readonly key: string;
  readonly start: number;
  readonly end: number;
}

export type Phrase = readonly string[];

export interface Context {
  readonly text: string;
  readonly mentions: readonly Mention[];
  readonly voiceApps: readonly string[];
}

/** Why a text names nobody. */
export type NoPerson = 'missing' | 'unclear' | 'several' | 'outsideTeams';

const wordPattern = /\uE000\d{1,3}\uE001|[^\s\uE000\uE001]+/gu;

export const smile = /(?::[\w+-]{2,30}:|[:;]-?[DPO()/|*])(?=\s|$)/iy;

export const isMention = (word: Word | undefined): boolean => word?.key.startsWith('\uE000') ?? false;

/** The words of a text. Anything without a letter or digit is not a word. */
export function wordsOf(text: string): Word[] {
  return [...text.matchAll(wordPattern)].flatMap((match) => {
    const [raw] = match;
    const key = raw.startsWith('\uE000') ? raw : matchEnd(smile, raw, 0) > 0 ? '' : keyOf(raw);
    return key === '' ? [] : [{ key, start: match.index, end: match.index + raw.length }];
  });
}

export function keyOf(raw: string): string {
  const folded = raw
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\u200C\u200D]/g, '')
    .replace(/[’‘ʼ`´]/g, "'");
  return /[\p{L}\p{N}](?:.*[\p{L}\p{N}])?/su.exec(folded)?.[0] ?? '';
}

export const phraseOf = (text: string): Phrase => wordsOf(text).map(({ key }) => key);

export const joinedKeys = (text: string): string => phraseOf(text).join(' ');

/**
 * Expands phrases from a short notation. A comma separates phrases, `a|b` are alternatives for one place, an empty
 * alternative makes the place optional, and `_` is a space within an alternative: `show|show_me| my| calls`.
 */
export function phrases(...rows: readonly string[]): readonly Phrase[] {
  const product = (pattern: string): string[] =>
    pattern
      .split(' ')
      .map((place) => place.split('|'))
      .reduce((heads, tails) => heads.flatMap((head) => tails.map((tail) => `${head}_${tail}`)), ['']);
  return rows
    .flatMap((row) => row.split(', ').flatMap(product))
    .map((phrase) => phrase.split('_').filter((word) => word !== ''));
}

export const wordSet = (...words: readonly string[]): ReadonlySet<string> =>
  new Set(words.flatMap((row) => row.split(' ')));

/** Number of words in the longest of these phrases that starts at `at`; 0 if none does. */
export function phraseAt(words: readonly Word[], at: number, candidates: readonly Phrase[]): number {
  let longest = 0;
  for (const phrase of candidates) {
    if (phrase.length > longest && phrase.every((key, i) => words[at + i]?.key === key))
      longest = phrase.length;
  }
  return longest;
}

/** Number of words in the longest of these phrases that ends right before `end`; 0 if none does. */
export function phraseAtEnd(words: readonly Word[], end: number, candidates: readonly Phrase[]): number {
  const fits = candidates.filter((phrase) => phraseAt(words, end - phrase.length, [phrase]) > 0);
  return Math.max(0, ...fits.map((phrase) => phrase.length));
}

export const sliceOf = (text: string, words: readonly Word[]): string =>
  text.slice(words[0]?.start ?? 0, words.at(-1)?.end ?? 0);

const colons = ':：';

export const endsInColon = (word: Word | undefined, text: string): boolean =>
  word !== undefined && colons.includes(text.charAt(word.end - 1));

/** Where the match of a sticky pattern at `at` ends; -1 if there is none. */
export function matchEnd(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : -1;
}
