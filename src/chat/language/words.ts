/** How a language writes words. */
export interface Spelling {
  readonly script: 'spaces' | 'characters';
  /** Splits a word before or after an apostrophe or hyphen ("qu'elle", "dis-lui"). */
  readonly split: RegExp | null;
}

export interface Word {
  /** In lower case and without surrounding punctuation; for a mention, its placeholder. */
  readonly key: string;
  readonly start: number;
  readonly end: number;
}

export type Phrase = readonly string[];

/** Why a text names nobody. */
export type NoPerson = 'missing' | 'unclear' | 'several' | 'outsideTeams';

const spaced = /\uE000\d{1,3}\uE001|[^\s\uE000\uE001]+/gu;
/** In a script without spaces, each character is a word; foreign words stay whole. */
const characters =
  /\uE000\d{1,3}\uE001|[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}ー々]|[^\s\uE000\uE001\p{sc=Han}\p{sc=Hira}\p{sc=Kana}ー々]+/gu;

export const smile = /(?::[\w+-]{2,30}:|[:;]-?[DPO()/|*])(?=\s|$)/iy;

export const isMention = (word: Word | undefined): boolean => word?.key.startsWith('\uE000') ?? false;

/** The words of a text. Anything without a letter or digit is not a word. */
export function wordsOf(text: string, { script, split }: Spelling): Word[] {
  return [...text.matchAll(script === 'characters' ? characters : spaced)].flatMap(({ 0: raw, index }) => {
    if (raw.startsWith('\uE000')) return [{ key: raw, start: index, end: index + raw.length }];
    if (matchEnd(smile, raw, 0) > 0) return [];
    let end = index;
    return (split ? raw.split(split) : [raw]).flatMap((part) => {
      const start = end;
      end += part.length;
      const key = keyOf(part);
      return key === '' ? [] : [{ key, start, end }];
    });
  });
}

/** Marks that people and keyboards write for an apostrophe. */
export const apostrophe = /['’‘ʼ`´′＇]/g;

export function keyOf(raw: string): string {
  const folded = raw
    // NFKC would make a space of the accent.
    .replace(apostrophe, "'")
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .replace(/‐/g, '-');
  return /[\p{L}\p{N}](?:.*[\p{L}\p{N}])?/su.exec(folded)?.[0] ?? '';
}

export const phraseOf = (text: string, spelling: Spelling): Phrase =>
  wordsOf(text, spelling).map(({ key }) => key);

export const joinedKeys = (words: readonly Word[]): string => words.map(({ key }) => key).join(' ');

/** Phrases by their first and by their last word. */
export interface Phrases {
  readonly byFirst: ReadonlyMap<string, readonly Phrase[]>;
  readonly byLast: ReadonlyMap<string, readonly Phrase[]>;
}

export function phrasesOf(phrases: readonly Phrase[]): Phrases {
  const some = phrases.filter(({ length }) => length > 0);
  return {
    byFirst: Map.groupBy(some, (phrase) => phrase[0] ?? ''),
    byLast: Map.groupBy(some, (phrase) => phrase.at(-1) ?? ''),
  };
}

/** Number of words in the longest of these phrases that starts at `at`; 0 if none does. */
export function phraseAt(words: readonly Word[], at: number, { byFirst }: Phrases): number {
  let longest = 0;
  for (const phrase of byFirst.get(words[at]?.key ?? '') ?? []) {
    if (phrase.length > longest && fits(words, at, phrase)) longest = phrase.length;
  }
  return longest;
}

/** Number of words in the longest of these phrases that ends right before `end`; 0 if none does. */
export function phraseAtEnd(words: readonly Word[], end: number, { byLast }: Phrases): number {
  let longest = 0;
  for (const phrase of byLast.get(words[end - 1]?.key ?? '') ?? []) {
    if (phrase.length > longest && fits(words, end - phrase.length, phrase)) longest = phrase.length;
  }
  return longest;
}

export const fits = (words: readonly Word[], at: number, phrase: Phrase): boolean =>
  phrase.every((key, i) => words[at + i]?.key === key);

/** Whether these words are exactly one of the phrases. */
export const isPhrase = (words: readonly Word[], phrases: Phrases): boolean =>
  words.length > 0 && phraseAt(words, 0, phrases) === words.length;

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
