/**
 * Other spellings of a word that people type without accents, apostrophes and hyphens, for a search that may distinguish
 * them. The likeliest come first. Pure.
 */
import { expanded, plain } from './folding.ts';

/** The accented forms of a letter, the likeliest first. */
const accents: Readonly<Record<string, string>> = {
  a: 'áäàâåãąă', e: 'éèêëęě', i: 'íïîı', o: 'óöøôõő', u: 'úüůűù', y: 'ý', n: 'ñńň', c: 'çčć', s: 'šśş', z: 'žżź',
  l: 'ł', r: 'ř', g: 'ğ', d: 'đðď', t: 'ť', е: 'ё', α: 'ά', ε: 'έ', η: 'ή', ι: 'ί', ο: 'ό', υ: 'ύ', ω: 'ώ',
}; // prettier-ignore
const maxAccents = 8;

/** Further forms in Vietnamese, where one letter may have two marks. */
const vietnamese: Readonly<Record<string, string>> = {
  a: 'ạảấầẩẫậắằẳẵặ', e: 'ẹẻẽếềểễệ', i: 'ìỉĩị', o: 'òọỏốồổỗộơớờởỡợ', u: 'ụủũưứừửữự', y: 'ỳỷỹỵ',
}; // prettier-ignore

/**
 * Beginnings of all accented spellings of a word. They have the same length, which is the largest that gives at most
 * `most` of them. A search for them finds everybody whose name is this word without its accents, and others.
 */
export function beginningsOf(word: string, most: number): string[] {
  let beginnings = [''];
  for (const letter of plain(word)) {
    const ways = [letter, ...(accents[letter] ?? ''), ...(vietnamese[letter] ?? '')];
    if (beginnings.length * ways.length > most) break;
    beginnings = beginnings.flatMap((before) => ways.map((way) => before + way));
  }
  return beginnings.filter((beginning) => beginning !== '');
}

/** What two letters may stand for. */
const contractions: readonly (readonly [string, string])[] = [
  ['ae', 'ä'], ['oe', 'ö'], ['ue', 'ü'], ['ss', 'ß'], ['oe', 'ø'], ['ae', 'æ'], ['aa', 'å'], ['th', 'þ'],
]; // prettier-ignore

/** Accented letters of one language, which may occur together in a word. */
const alphabets: readonly string[] = [
  'ąćęłńóśźż', 'áčďéěíňóřšťúůýž', 'áéíóúñãõç', 'çğıöşü', 'áéíóöőúüű', 'éèêëçôî', 'áðéíóúýþæö',
]; // prettier-ignore

/**
 * The word itself, and spellings that differ from it in one place.
 *
 * @param word in lower case; it may contain apostrophes and hyphens
 * @param most the maximum number
 */
export function spellingsOf(word: string, most: number): string[] {
  const bare = word.replace(/['\-.]+/g, '');
  const letters = plain(bare);
  const spellings = new Set([bare, word.replace(/['\-.]+/g, ' ').trim(), letters, expanded(bare)]);
  for (const spelling of withOneChange(letters)) {
    if (spellings.size >= most) break;
    spellings.add(spelling);
  }
  return [...spellings].slice(0, most);
}

function* withOneChange(word: string): Generator<string> {
  // O'Connor, D'Angelo
  if (/^[od][a-z]{4,}$/.test(word)) yield spaced(word, 1);
  if (word.endsWith('σ')) yield replaceAt(word, word.length - 1, 'ς');
  const letters = [...word];
  // 渡辺健一 for 渡辺 健一
  if (
    letters.length <= 6 &&
    /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]+$/u.test(word)
  ) {
    for (let at = 1; at < letters.length; at += 1) yield spaced(word, letters.slice(0, at).join('').length);
  }
  for (const [pair, letter] of contractions) {
    const at = word.indexOf(pair);
    if (at >= 0) yield replaceAt(word, at, letter, pair.length);
  }
  for (let choice = 0; choice < maxAccents; choice += 1) {
    for (const [at, letter] of letters.entries()) {
      const accent = accents[letter]?.[choice];
      if (accent !== undefined) yield replaceAt(word, at, accent);
    }
    // Anne-Marie
    if (choice === 1 && /^[a-z]{7,}$/.test(word)) {
      for (let at = 3; at <= word.length - 3; at += 1) yield spaced(word, at);
    }
  }
}

/**
 * Spellings with two or three accents, as a list for each language that has them. There are many, so the search tries
 * them only if nothing else matches.
 *
 * @param most the maximum number per language
 */
export function rareSpellingsOf(word: string, most: number): string[][] {
  const letters = plain(word.replace(/['\-.]+/g, ''));
  return alphabets.flatMap((alphabet) => {
    const spellings = new Set<string>();
    for (const count of [2, 3]) {
      for (const spelling of withAccents(letters, alphabet, count, 0)) {
        if (spellings.size >= most) break;
        spellings.add(spelling);
      }
    }
    return spellings.size === 0 ? [] : [[...spellings]];
  });
}

/** Adds `count` accents of an alphabet, none of them before `from`. */
function* withAccents(word: string, alphabet: string, count: number, from: number): Generator<string> {
  if (count === 0) {
    yield word;
    return;
  }
  for (let at = from; at < word.length; at += 1) {
    for (const accent of accents[word.charAt(at)] ?? '') {
      if (alphabet.includes(accent))
        yield* withAccents(replaceAt(word, at, accent), alphabet, count - 1, at + 1);
    }
  }
}

const spaced = (word: string, at: number): string => `${word.slice(0, at)} ${word.slice(at)}`;

function replaceAt(word: string, at: number, by: string, length = 1): string {
  return word.slice(0, at) + by + word.slice(at + length);
}

const latinLetters = 'etaoinsrlhdcumgpfybwkvjzxq'.split('');

/**
 * Words that may have been mistyped as this one, for a search that finds beginnings. If only the end is wrong, the
 * beginning is enough.
 */
export function* mistypedFormsOf(word: string): Generator<string> {
  const letters = [...word];
  const half = Math.max(3, Math.ceil(letters.length / 2));
  const start = (end: number): string => letters.slice(0, end).join('');
  yield start(half);
  for (let at = 0; at < half; at += 1) {
    const [one = '', two = ''] = letters.slice(at, at + 2);
    const before = start(at);
    if (two !== '' && one !== two) yield before + two + one + letters.slice(at + 2).join('');
    yield before + letters.slice(at + 1).join('');
  }
  if (!/^[a-z]+$/.test(word)) return;
  for (let at = 0; at < half; at += 1) {
    for (const letter of latinLetters) {
      yield start(at) + letter + letters.slice(at).join('');
      yield start(at) + letter + letters.slice(at + 1).join('');
    }
  }
}
