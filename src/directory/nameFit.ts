/** How well a typed name fits a person. Pure. */
import type { Person } from './directory.ts';
import { atomsOf, clean, isOneErrorApart, joined } from './folding.ts';
import type { Atom } from './folding.ts';

/** How well a name fits, from best to worst. */
const grades = ['fullName', 'words', 'beginning', 'typingError'] as const;
export type Grade = (typeof grades)[number];

export interface Fit {
  grade: Grade;
  /** Whether the accents are those that were typed. */
  asWritten: boolean;
  /** Whether the words are in the order of the name. */
  inOrder: boolean;
}

/** One way to read typed text. */
interface Reading {
  /** The name must have all of these. */
  words: readonly Atom[];
  whole: Atom;
}

export interface Query {
  readings: readonly Reading[];
  /** Whether it was typed with accents. If so, they count. */
  hasAccents: boolean;
  words: number;
}

export function readQuery(text: string): Query {
  const [before = '', after, ...more] = text.split(/[,，、]/u);
  const orders = after !== undefined && more.length === 0 ? [text, `${after} ${before}`] : [text];
  const readings = orders
    .flatMap((order) => [gluedAtoms(order), atomsOf(order)])
    .filter((words) => words.length > 0)
    .map((words) => ({ words, whole: joined(words) }));
  return {
    readings: uniqueBy(readings, ({ words }) => words.map(({ written }) => written).join(' ')),
    hasAccents: atomsOf(text).some(({ written, plain }) => written !== plain),
    words: Math.min(...readings.map(({ words }) => words.length)),
  };
}

/** Words in which apostrophes, hyphens and dots join atoms: O'Connor, Anne-Marie, adele.vance. */
function gluedAtoms(text: string): Atom[] {
  return clean(text)
    .split(/[\s,，、()[\]|/]+/u)
    .map((word) => joined(atomsOf(word)))
    .filter((word) => word.written !== '');
}

/** One way to write a person's name. */
interface Line {
  atoms: readonly Atom[];
  whole: Atom;
  runs: readonly Run[];
  /** Whether it is the full name; an account name is not. */
  full: boolean;
}

/** Later atoms of a name in the directory are ignored. */
const maxAtoms = 12;

const cjk = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
const knownLines = new WeakMap<Person, readonly Line[]>();

function linesOf(person: Person): readonly Line[] {
  const known = knownLines.get(person);
  if (known) return known;
  const { displayName, userPrincipalName, mail } = person;
  const given = person.givenName ?? '';
  const surname = person.surname ?? '';
  // "Vance, Adele (Retail)", "Adele Vance | Contoso"
  const bare = displayName.replace(/[([（［][^)\]）］]*[)\]）］]/gu, ' ').replace(/\s[|–—]\s.*$/su, '');
  const [last = '', first, ...more] = bare.split(/[,，]/u);
  const texts = [displayName, bare];
  if (first !== undefined && more.length === 0) texts.push(`${first} ${last}`);
  if (given !== '' && surname !== '') {
    texts.push(`${given} ${surname}`);
    if (cjk.test(given + surname)) texts.push(`${surname} ${given}`);
  }
  const full = texts.map((text) => ({ atoms: atomsOf(text), full: true }));
  const parts = [given, surname].map((text) => ({ atoms: atomsOf(text), full: false }));
  const accounts = [userPrincipalName, mail ?? ''].map((address) => ({
    atoms: atomsOf(address.split('@', 1)[0] ?? ''),
    full: false,
  }));
  const lines = uniqueBy(
    [...full, ...parts, ...accounts].filter(({ atoms }) => atoms.length > 0),
    ({ atoms }) => atoms.map(({ written }) => written).join(' '),
  ).map(({ atoms, full: isFull }) => {
    const compared = atoms.slice(0, maxAtoms);
    return { atoms: compared, whole: joined(compared), runs: runsOf(compared), full: isFull };
  });
  knownLines.set(person, lines);
  return lines;
}

/** How a typed name fits a person; null if it does not. */
export function fitOf(text: string, person: Person): Fit | null {
  return bestFit(readQuery(text), person);
}

/** Whether a text consists of whole words of a person's name, in the order of the name. */
export function isNamed(text: string, person: Person): boolean {
  const fit = fitOf(text, person);
  return fit !== null && fit.inOrder && (fit.grade === 'fullName' || fit.grade === 'words');
}

export function bestFit(query: Query, person: Person): Fit | null {
  let best: Fit | null = null;
  for (const line of linesOf(person)) {
    for (const reading of query.readings) {
      const fit = fitLine(reading, line);
      if (fit && (!best || compareFits(fit, best) < 0)) best = fit;
    }
  }
  return best;
}

function fitLine({ words, whole: typed }: Reading, { atoms, whole, runs, full }: Line): Fit | null {
  if (sameWord(typed, whole)) {
    const asWritten = typed.written === whole.written;
    return { grade: full ? 'fullName' : 'words', asWritten, inOrder: true };
  }
  const fit = words.length <= atoms.length ? placed(words, runs) : null;
  if (fit) return fit;
  // The whole name with one typing error, and divided in any way: "adelevnce".
  return full && differsByOneError(typed, whole)
    ? { grade: 'typingError', asWritten: false, inOrder: true }
    : null;
}

/** What each grade below `fullName` allows, from the strictest. */
const allowances = [
  { grade: 'words', beginnings: false, errors: 0 },
  { grade: 'beginning', beginnings: true, errors: 0 },
  { grade: 'typingError', beginnings: false, errors: 1 },
] as const;

/** One typed word covers at most this many atoms (O'Connor: 2). */
const maxRun = 4;

/** Finds a place for each word: it may cover several atoms, but two words never share an atom. */
function placed(words: readonly Atom[], runs: readonly Run[]): Fit | null {
  for (const { grade, ...allowed } of allowances) {
    const places = words.map((word) => placesOf(word, runs, allowed));
    const found = places.every(({ length }) => length > 0) && place(places, allowed.errors);
    if (found) return { grade, ...found };
  }
  return null;
}

interface Place extends Run {
  asWritten: boolean;
  errs: boolean;
}

function placesOf(
  word: Atom,
  runs: readonly Run[],
  { beginnings, errors }: { beginnings: boolean; errors: number },
): Place[] {
  return runs.flatMap((run): Place[] => {
    const asWritten = run.atom.written.startsWith(word.written);
    if (sameWord(word, run.atom) || (beginnings && isBeginning(word, run.atom)))
      return [{ ...run, asWritten, errs: false }];
    return errors > 0 && differsByOneError(word, run.atom) ? [{ ...run, asWritten: false, errs: true }] : [];
  });
}

/** Assigns each word a place of its own, with at most this many errors. Prefers the order of the name. */
function place(words: readonly (readonly Place[])[], errors: number): Omit<Fit, 'grade'> | null {
  const failed = new Set<string>();
  const next = (at: number, taken: number, after: number, left: number): Omit<Fit, 'grade'> | null => {
    const places = words[at];
    if (!places) return { asWritten: true, inOrder: true };
    const state = `${at} ${taken} ${left}`;
    if (failed.has(state)) return null;
    for (const ahead of [true, false]) {
      for (const { start, mask, asWritten, errs } of places) {
        if (start > after !== ahead || (mask & taken) !== 0 || (errs && left === 0)) continue;
        const rest = next(at + 1, taken | mask, start, left - Number(errs));
        if (rest) return { asWritten: rest.asWritten && asWritten, inOrder: rest.inOrder && ahead };
      }
    }
    failed.add(state);
    return null;
  };
  return next(0, 0, -1, errors);
}

interface Run {
  start: number;
  mask: number;
  atom: Atom;
}

function runsOf(atoms: readonly Atom[]): Run[] {
  return atoms.flatMap((_, start) => {
    const lengths = Array.from({ length: Math.min(maxRun, atoms.length - start) }, (__, i) => i + 1);
    return lengths.map((length) => ({
      start,
      mask: ((1 << length) - 1) << start,
      atom: joined(atoms.slice(start, start + length)),
    }));
  });
}

/** Müller is Muller is Mueller. */
function sameWord(one: Atom, another: Atom): boolean {
  return one.plain === another.plain || one.plain === another.expanded || one.expanded === another.plain;
}

function isBeginning(word: Atom, of: Atom): boolean {
  return (
    of.plain.startsWith(word.plain) ||
    of.expanded.startsWith(word.plain) ||
    of.plain.startsWith(word.expanded)
  );
}

/** Too many words differ from a shorter one by one letter. */
const minLengthForErrors = 4;

function differsByOneError(one: Atom, another: Atom): boolean {
  if (one.plain.length < minLengthForErrors || another.plain.length < minLengthForErrors - 1) return false;
  return isOneErrorApart(one.plain, another.plain) || isOneErrorApart(one.plain, another.expanded);
}

export function compareFits(a: Fit, b: Fit): number {
  return (
    grades.indexOf(a.grade) - grades.indexOf(b.grade) ||
    Number(b.asWritten) - Number(a.asWritten) ||
    Number(b.inOrder) - Number(a.inOrder)
  );
}

/** Keeps the first item of each key. */
export function uniqueBy<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  const byKey = new Map<string, T>();
  for (const item of items) {
    const key = keyOf(item);
    if (!byKey.has(key)) byKey.set(key, item);
  }
  return [...byKey.values()];
}
