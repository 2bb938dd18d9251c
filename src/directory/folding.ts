/**
 * Different spellings of the same name. Names keep their own script; nothing is transliterated.
 */

/** Letters that Unicode does not decompose. */
const plainLetters: Readonly<Record<string, string>> = {
  ł: 'l', ø: 'o', ß: 'ss', æ: 'ae', œ: 'oe', đ: 'd', ð: 'd', þ: 'th', ħ: 'h', ı: 'i', ŋ: 'n', ĸ: 'k', ŧ: 't',
  ς: 'σ', ё: 'е', ѓ: 'г', ґ: 'г',
}; // prettier-ignore

/** How German and the Nordic languages write these letters on other keyboards. */
const expandedLetters: Readonly<Record<string, string>> = { ä: 'ae', ö: 'oe', ü: 'ue', å: 'aa', ø: 'oe' };

/** In lower case and composed; without control characters, zero-width characters and direction marks. */
export function clean(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .toLowerCase()
    .normalize('NFC');
}

/**
 * Removes accents from Latin and Greek letters. In other scripts the marks make different letters (й is not и, が is not
 * か, vowels of Devanagari are marks).
 *
 * @param cleaned a result of {@link clean}
 */
export function plain(cleaned: string): string {
  return cleaned
    .normalize('NFD')
    .replace(/([\p{Script=Latin}\p{Script=Greek}])\p{M}+/gu, '$1')
    .normalize('NFC')
    .replace(/[łøßæœđðþħıŋĸŧςёѓґ]/g, (letter) => plainLetters[letter] ?? letter);
}

/** Like `plain`, but ä becomes ae, and so on. */
export function expanded(cleaned: string): string {
  return plain(cleaned.replace(/[äöüåø]/g, (letter) => expandedLetters[letter] ?? letter));
}

/** A piece of a name between separators (spaces, apostrophes, hyphens, dots, brackets), or a number. */
export interface Atom {
  /** As written, in lower case. */
  readonly written: string;
  readonly plain: string;
  readonly expanded: string;
}

const atomPattern = /[\p{L}\p{M}\p{N}]+/gu;

export function atomsOf(text: string): Atom[] {
  return [...clean(text).matchAll(atomPattern)].map(([written]) => atom(written));
}

function atom(written: string): Atom {
  return { written, plain: plain(written), expanded: expanded(written) };
}

/** Several atoms written as one: O'Connor as oconnor. */
export function joined(atoms: readonly Atom[]): Atom {
  return {
    written: atoms.map(({ written }) => written).join(''),
    plain: atoms.map(({ plain: letters }) => letters).join(''),
    expanded: atoms.map(({ expanded: letters }) => letters).join(''),
  };
}

/**
 * Whether two words differ by one typing error: a letter added, missing or replaced, or two neighbours swapped. Letters
 * are code points.
 */
export function isOneErrorApart(one: string, another: string): boolean {
  // A code point is at most two units.
  if (Math.abs(one.length - another.length) > 2) return false;
  const [short, long] = [[...one], [...another]].toSorted((a, b) => a.length - b.length);
  if (!short || !long || long.length - short.length > 1 || one === another) return false;
  let start = 0;
  while (start < short.length && short[start] === long[start]) start += 1;
  let end = 0;
  while (end < short.length - start && short.at(-1 - end) === long.at(-1 - end)) end += 1;
  const shortRest = short.length - start - end;
  const longRest = long.length - start - end;
  if (longRest === 1) return shortRest <= 1;
  return (
    shortRest === 2 && longRest === 2 && short[start] === long[start + 1] && short[start + 1] === long[start]
  );
}
