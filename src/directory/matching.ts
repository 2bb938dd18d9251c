/**
 * Decides whom a name means. Pure: candidates in, decision out. peopleSearch.ts finds the candidates.
 *
 * A person may be called without asking only if they are the single clear winner: the text is the full name, or whole
 * words of the name, of nobody else. Names that only begin like the text or have a typing error are suggestions.
 */
import { callableOf } from './callable.ts';
import type { Asker, Person } from './directory.ts';
import { clean } from './folding.ts';
import { bestFit, compareFits, readQuery, uniqueBy, type Fit, type Query } from './nameFit.ts';

/** What makes one candidate likelier than another whose name fits equally well. */
export interface Likelihood extends Omit<Asker, 'recentCallees'> {
  /** Object ids, the last call first. */
  recentCalleeIds?: readonly string[];
  /** People with the same manager as the asker, and people whose manager is the asker. */
  teamIds?: readonly string[];
}

export interface Candidate {
  person: Person;
  fit: Fit;
}

/** Everybody whose name fits, the likeliest first. The order of `people` does not matter. */
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

/** The smaller, the likelier; earlier elements count more. */
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

const maxChoices = 5;
const maxSuggestions = 3;

export type Decision =
  | { kind: 'one'; person: Person }
  | { kind: 'several'; people: readonly Person[]; more: boolean }
  | { kind: 'none'; suggestions: readonly Person[] };

/**
 * Decides whom a name means.
 *
 * One person wins only if the full name, or whole words of the name, fit nobody else. Disabled accounts do not compete
 * with enabled ones. The asker's colleagues and recent calls only change the order: two people with one name are always
 * a choice.
 *
 * @param complete whether `people` includes everybody who could fit. If not, nobody wins
 */
export function decide(
  text: string,
  people: Iterable<Person>,
  asker: Likelihood | null,
  complete = true,
): Decision {
  const query = readQuery(text);
  const ranked = rank(text, people, asker);
  const certain = ranked.filter(({ fit }) => fit.grade === 'fullName' || fit.grade === 'words');
  const enabled = certain.filter(({ person }) => person.accountEnabled !== false);
  const pool = namesakes(enabled.length > 0 ? enabled : certain, query);
  const [winner, ...others] = pool;
  if (winner && others.length === 0 && complete) return { kind: 'one', person: winner.person };

  const beginnings = ranked.filter(
    ({ fit, person }) => fit.grade === 'beginning' && person.accountEnabled !== false,
  );
  const plausible = enabled.length > 0 ? enabled : certain;
  const choices = plausible.length > 1 ? plausible : [...plausible, ...beginnings];
  if (choices.length > 1 || (winner && choices.length > 0)) {
    return {
      kind: 'several',
      people: choices.slice(0, maxChoices).map(({ person }) => person),
      more: !complete || choices.length > maxChoices,
    };
  }
  const near = ranked.filter(({ person }) => person.accountEnabled !== false);
  return { kind: 'none', suggestions: near.slice(0, maxSuggestions).map(({ person }) => person) };
}

/**
 * The candidates between whom only a question can decide. A full name of several words excludes longer names with these
 * words (Adele Vance, Adele Marie Vance); typed accents exclude names without them.
 */
function namesakes(candidates: readonly Candidate[], { hasAccents, words }: Query): readonly Candidate[] {
  const fullNames = words > 1 ? candidates.filter(({ fit }) => fit.grade === 'fullName') : [];
  const pool = fullNames.length > 0 ? fullNames : candidates;
  const written = hasAccents ? pool.filter(({ fit }) => fit.asWritten) : [];
  return written.length > 0 ? written : pool;
}

function compareAll(a: readonly number[], b: readonly number[]): number {
  for (const [at, value] of a.entries()) {
    const other = b[at] ?? 0;
    if (value !== other) return value < other ? -1 : 1;
  }
  return 0;
}

/** By code points, so that the order does not depend on the machine's language. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
