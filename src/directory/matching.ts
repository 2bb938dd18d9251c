/**
 * Who is meant by a name? Pure: candidates in, decision out. Where they come from is graphDirectory's affair.
 *
 * Only a single clear winner may be called without asking: somebody's full name, or whole words of it, that fit one
 * person only. What merely begins alike or has a typing error is suggested.
 */
import { guid } from '../config/guids.ts';
import { callableOf } from './callable.ts';
import type { Asker, Person } from './directory.ts';
import { atomsOf, clean, isOneErrorApart, joined } from './folding.ts';
import type { Atom } from './folding.ts';

/** What a text is, before anybody is looked up. */
export type TextQuery =
  | { kind: 'objectId'; id: string }
  /** A mail address or user principal name. */
  | { kind: 'address'; address: string }
  /** `8:orgid:…` and its like: a Teams user of a cloud. */
  | { kind: 'teamsUser'; id: string; cloud: Cloud }
  /** `28:orgid:…`: a voice application. */
  | { kind: 'voiceApp'; id: string; cloud: Cloud }
  /** `8:acs:…`: not in the directory. */
  | { kind: 'communicationUser'; rawId: string }
  | { kind: 'name'; text: string }
  /** No letter and no digit in it, or too long for a name. */
  | { kind: 'nothing' };

type Cloud = 'public' | 'gcch' | 'dod';

const objectIdPattern = new RegExp(`^\\{?(${guid})\\}?$`);
const rawIdPattern = new RegExp(`^(8|28):(orgid|gcch|dod):(${guid})$`);
const communicationUserPattern = /^8:(?:(?:gcch|dod)-)?acs:[^\s:]+$/;
const addressPattern = /^[^\s@<>"(),;:\\]+@[^\s@<>"(),;:\\]+$/;
const longest = 256;
const mostWords = 8;
/** Of a name in the directory; what comes after is not compared. */
const mostAtoms = 12;

/** Tells identifiers from names. Never throws. */
export function classify(text: string): TextQuery {
  if (text.length > 4 * longest) return { kind: 'nothing' };
  const tidy = text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .trim();
  // "Adele Vance <adele@contoso.example>", as mail programs copy it
  const bare = /^[^<>]*<([^<>]+)>$/.exec(tidy)?.[1]?.trim() ?? tidy;
  const small = bare.toLowerCase();
  const id = objectIdPattern.exec(small)?.[1];
  if (id !== undefined) return { kind: 'objectId', id };
  const [, prefix, cloudName, rawId] = rawIdPattern.exec(small) ?? [];
  if (rawId !== undefined) {
    const cloud: Cloud = cloudName === 'gcch' || cloudName === 'dod' ? cloudName : 'public';
    return { kind: prefix === '28' ? 'voiceApp' : 'teamsUser', id: rawId, cloud };
  }
  if (communicationUserPattern.test(small)) return { kind: 'communicationUser', rawId: bare };
  const address = bare
    .replace(/^(?:mailto:|smtp:|sip:)/i, '')
    .replace(/[’‘ʼ`´]/g, "'")
    .normalize('NFC');
  if (address.length <= longest && addressPattern.test(address)) return { kind: 'address', address };
  const words = atomsOf(tidy);
  if (tidy.length > longest || words.length === 0 || words.length > mostWords) return { kind: 'nothing' };
  return { kind: 'name', text: tidy };
}

/** How well a name fits, the best first. */
const rungs = ['fullName', 'words', 'beginning', 'typingError'] as const;
export type Rung = (typeof rungs)[number];

export interface Fit {
  rung: Rung;
  /** With the very accents that were typed. */
  asWritten: boolean;
  /** In the order of the name. */
  inOrder: boolean;
}

// ------------------------------------------------------------------------------------------- the query

/** One way to read what was typed. */
interface Reading {
  /** All of these must be found. */
  words: readonly Atom[];
  whole: Atom;
}

interface Query {
  readings: readonly Reading[];
  /** It was typed with accents: then they are meant. */
  marked: boolean;
  words: number;
}

function readQuery(text: string): Query {
  const [before = '', after, ...more] = text.split(/[,，、]/u);
  const orders = after !== undefined && more.length === 0 ? [text, `${after} ${before}`] : [text];
  const readings = orders
    .flatMap((order) => [gluedAtoms(order), atomsOf(order)])
    .filter((words) => words.length > 0)
    .map((words) => ({ words, whole: joined(words) }));
  return {
    readings: uniqueBy(readings, ({ words }) => words.map(({ written }) => written).join(' ')),
    marked: atomsOf(text).some(({ written, plain }) => written !== plain),
    words: Math.min(...readings.map(({ words }) => words.length)),
  };
}

/** Words with what apostrophes, hyphens and dots hold together as one: O'Connor, Anne-Marie, adele.vance. */
function gluedAtoms(text: string): Atom[] {
  return clean(text)
    .split(/[\s,，、()[\]|/]+/u)
    .map((word) => joined(atomsOf(word)))
    .filter((word) => word.written !== '');
}

// ------------------------------------------------------------------------------------------ the person

/** One way in which a person's name is written. */
interface Line {
  atoms: readonly Atom[];
  whole: Atom;
  runs: readonly Run[];
  /** Whether all of it is the full name; an account's name is not. */
  full: boolean;
}

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
    const compared = atoms.slice(0, mostAtoms);
    return { atoms: compared, whole: joined(compared), runs: runsOf(compared), full: isFull };
  });
  knownLines.set(person, lines);
  return lines;
}

// -------------------------------------------------------------------------------------------- the fit

/** How a name fits a person; null if it does not. */
export function fitOf(text: string, person: Person): Fit | null {
  return bestFit(readQuery(text), person);
}

/** Whether these are words of somebody's name, whole and in their order. */
export function isNamed(text: string, person: Person): boolean {
  const fit = fitOf(text, person);
  return fit !== null && fit.inOrder && (fit.rung === 'fullName' || fit.rung === 'words');
}

function bestFit(query: Query, person: Person): Fit | null {
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
    return { rung: full ? 'fullName' : 'words', asWritten, inOrder: true };
  }
  const fit = words.length <= atoms.length ? placed(words, runs) : null;
  if (fit) return fit;
  // The whole name with one typing error, however it is divided: "adelevnce".
  return full && differsByOneError(typed, whole)
    ? { rung: 'typingError', asWritten: false, inOrder: true }
    : null;
}

/** Which ways of fitting are let through, from the strictest. */
const allowances = [
  { rung: 'words', beginnings: false, errors: 0 },
  { rung: 'beginning', beginnings: true, errors: 0 },
  { rung: 'typingError', beginnings: false, errors: 1 },
] as const;

/** A name's words are cut into at most this many atoms that one typed word may cover (O'Connor: 2). */
const longestRun = 4;

/** Finds a place among the atoms for each word: a word may cover several atoms, an atom serves one word. */
function placed(words: readonly Atom[], runs: readonly Run[]): Fit | null {
  for (const { rung, ...allowed } of allowances) {
    const places = words.map((word) => placesOf(word, runs, allowed));
    const found = places.every(({ length }) => length > 0) && place(places, allowed.errors);
    if (found) return { rung, ...found };
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

/** One place for each word, none taken twice, with so many errors at most; the order of the name is tried first. */
function place(words: readonly (readonly Place[])[], errors: number): Omit<Fit, 'rung'> | null {
  const failed = new Set<string>();
  const next = (at: number, taken: number, after: number, left: number): Omit<Fit, 'rung'> | null => {
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
    const lengths = Array.from({ length: Math.min(longestRun, atoms.length - start) }, (__, i) => i + 1);
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

/** Shorter words have too many neighbours. */
const shortestForErrors = 4;

function differsByOneError(one: Atom, another: Atom): boolean {
  if (one.plain.length < shortestForErrors || another.plain.length < shortestForErrors - 1) return false;
  return isOneErrorApart(one.plain, another.plain) || isOneErrorApart(one.plain, another.expanded);
}

function compareFits(a: Fit, b: Fit): number {
  return (
    rungs.indexOf(a.rung) - rungs.indexOf(b.rung) ||
    Number(b.asWritten) - Number(a.asWritten) ||
    Number(b.inOrder) - Number(a.inOrder)
  );
}

// ------------------------------------------------------------------------------- ranking and deciding

/** What makes one candidate likelier than another that fits as well. */
export interface Likelihood extends Omit<Asker, 'recentCallees'> {
  /** Object ids, the last call first. */
  recentCalleeIds?: readonly string[];
  /** Those who have the asker's manager, and those whose manager the asker is. */
  teamIds?: readonly string[];
}

export interface Candidate {
  person: Person;
  fit: Fit;
}

/** Everybody who fits, the likeliest first. The order of `people` does not matter. */
export function rank(text: string, people: Iterable<Person>, asker: Likelihood | null): Candidate[] {
  const query = readQuery(text);
  const candidates: { person: Person; fit: Fit; order: readonly number[]; name: string }[] = [];
  for (const person of uniqueBy([...people], ({ id }) => id)) {
    const fit = bestFit(query, person);
    if (fit)
      candidates.push({ person, fit, order: likelihood(person, asker), name: clean(person.displayName) });
  }
  return candidates.toSorted(
    (a, b) =>
      compareFits(a.fit, b.fit) ||
      compareAll(a.order, b.order) ||
      compareText(a.name, b.name) ||
      compareText(a.person.id, b.person.id),
  );
}

/** Smaller is likelier, member by member. */
function likelihood(person: Person, asker: Likelihood | null): number[] {
  const recent = asker?.recentCalleeIds?.indexOf(person.id) ?? -1;
  const isClose = person.id === asker?.managerId || (asker?.teamIds?.includes(person.id) ?? false);
  const sameDepartment =
    person.department !== null &&
    asker?.department !== undefined &&
    clean(person.department) === clean(asker.department);
  return [
    Number(person.accountEnabled === false),
    Number(!callableOf(person).callable),
    recent < 0 ? Infinity : recent,
    Number(!isClose),
    Number(!sameDepartment),
  ];
}

const mostChoices = 5;
const mostSuggestions = 3;

export type Decision =
  | { kind: 'one'; person: Person }
  | { kind: 'several'; people: readonly Person[]; more: boolean }
  | { kind: 'none'; suggestions: readonly Person[] };

/**
 * Whom a name means among these people.
 *
 * One person wins only if the full name, or whole words of the name, fit that one alone; who can no longer be called
 * because the account is disabled does not stand in the way of somebody who can. The asker's surroundings decide the
 * order and nothing else: two people of one name are always a choice.
 *
 * @param complete whether these are all who could fit. If not, nobody wins.
 */
export function decide(
  text: string,
  people: Iterable<Person>,
  asker: Likelihood | null,
  complete = true,
): Decision {
  const query = readQuery(text);
  const ranked = rank(text, people, asker);
  const certain = ranked.filter(({ fit }) => fit.rung === 'fullName' || fit.rung === 'words');
  const enabled = certain.filter(({ person }) => person.accountEnabled !== false);
  const pool = namesakes(enabled.length > 0 ? enabled : certain, query);
  const [winner, ...others] = pool;
  if (winner && others.length === 0 && complete) return { kind: 'one', person: winner.person };

  const beginnings = ranked.filter(
    ({ fit, person }) => fit.rung === 'beginning' && person.accountEnabled !== false,
  );
  const plausible = enabled.length > 0 ? enabled : certain;
  const choices = plausible.length > 1 ? plausible : [...plausible, ...beginnings];
  if (choices.length > 1 || (winner && choices.length > 0)) {
    return {
      kind: 'several',
      people: choices.slice(0, mostChoices).map(({ person }) => person),
      more: !complete || choices.length > mostChoices,
    };
  }
  const near = ranked.filter(({ person }) => person.accountEnabled !== false);
  return { kind: 'none', suggestions: near.slice(0, mostSuggestions).map(({ person }) => person) };
}

/**
 * Those between whom only asking can tell. A full name of several words leaves out who merely has these words among
 * others (Adele Vance, Adele Marie Vance); accents that were typed leave out who is written without.
 */
function namesakes(candidates: readonly Candidate[], { marked, words }: Query): readonly Candidate[] {
  const fullNames = words > 1 ? candidates.filter(({ fit }) => fit.rung === 'fullName') : [];
  const pool = fullNames.length > 0 ? fullNames : candidates;
  const written = marked ? pool.filter(({ fit }) => fit.asWritten) : [];
  return written.length > 0 ? written : pool;
}

function compareAll(a: readonly number[], b: readonly number[]): number {
  for (const [at, value] of a.entries()) {
    const other = b[at] ?? 0;
    if (value !== other) return value < other ? -1 : 1;
  }
  return 0;
}

/** By code points: the same everywhere, whatever the machine's language. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The first of those with the same key. */
function uniqueBy<T>(items: readonly T[], keyOf: (item: T) => string): T[] {
  const byKey = new Map<string, T>();
  for (const item of items) {
    const key = keyOf(item);
    if (!byKey.has(key)) byKey.set(key, item);
  }
  return [...byKey.values()];
}
