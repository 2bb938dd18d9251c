/**
 * What Graph is asked, as text. Pure. What people typed is data in it: quoted here, percent-encoded when it is sent,
 * never an operator.
 */
import { clean, plain } from './folding.ts';
import { beginningsOf, mistypedFormsOf, rareSpellingsOf, spellingsOf } from './spellings.ts';

/** The properties of a user that Ringdown reads. `User.ReadBasic.All` shows the first six only. */
export const userProperties =
  'id,displayName,givenName,surname,userPrincipalName,mail,proxyAddresses,jobTitle,department,accountEnabled,userType,assignedPlans';

/** Enough to rank people by: the long lists of plans and addresses are left out. */
export const rankingProperties =
  'id,displayName,givenName,surname,userPrincipalName,mail,jobTitle,department,accountEnabled,userType';

/** A query of `/users`. */
export interface UserQuery {
  search?: string;
  filter?: string;
  /** Whether all who can be meant are among its results: if there are more than a page, nobody is certain. */
  decisive: boolean;
  /** It finds many others too. */
  wide?: true;
}

type SearchProperty = 'displayName' | 'givenName' | 'surname' | 'userPrincipalName' | 'mail';

/** `"displayName:Adele"`: in double quotes, with `\` before quotes and backslashes ("search-query-parameter"). */
function searchClause(property: SearchProperty, value: string): string {
  return `"${property}:${value.replace(/["\\]/g, '\\$&')}"`;
}

/** A string in `$filter`: apostrophes are doubled. */
export function odataString(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** The filter for a mail address or user principal name, also an old one that still gets mail. */
export function addressFilter(address: string): string {
  const value = odataString(address);
  const proxy = odataString(`smtp:${address}`);
  return `mail eq ${value} or userPrincipalName eq ${value} or proxyAddresses/any(p:p eq ${proxy})`;
}

export function idsFilter(ids: readonly string[]): string {
  return `id in (${ids.map(odataString).join(',')})`;
}

/** Graph refuses filters with more alternatives. */
export const mostAlternatives = 15;

const oneOf = (clauses: readonly string[]): string =>
  clauses.length === 1 ? clauses.join('') : `(${clauses.join(' OR ')})`;
const allOf = (clauses: readonly string[]): string => clauses.join(' AND ');

/**
 * A word of a name, where Graph may have it: only the display name is taken into words, the others must begin so.
 */
function wordClause(word: string): string {
  return oneOf([
    searchClause('displayName', word),
    searchClause('givenName', word),
    searchClause('surname', word),
  ]);
}

/** The words of a name as people type it: what hyphens and apostrophes hold together stays together. */
function wordsTyped(text: string): string[] {
  return clean(text)
    .replace(/[’‘ʼ`´]/g, "'")
    .split(/[^\p{L}\p{M}\p{N}'\-.]+/u)
    .map((word) => word.replace(/^['\-.]+|['\-.]+$/g, ''))
    .filter((word) => word !== '');
}

const piecesOf = (words: readonly string[]): string[] =>
  words.flatMap((word) => word.split(/['\-.]+/)).filter((piece) => piece !== '');

/**
 * The queries that together find everybody whom a name can mean, for one batch: its words; other spellings of them
 * (whether Graph sees a letter under its accent is not documented, so both are asked for); account names; and
 * beginnings of names, because Graph's own way to take names into words differs.
 */
export function nameQueries(text: string): UserQuery[] {
  const words = wordsTyped(text);
  const pieces = piecesOf(words);
  const byWords = allOf(pieces.map(wordClause));
  const spelled = spelledSearches(words).filter((search) => search !== byWords);
  const accounts = accountSearch(pieces.map(plain));
  return [
    { search: byWords, decisive: true },
    ...spelled.map((search) => ({ search, decisive: true })),
    ...accounts.map((search) => ({ search, decisive: false })),
    { filter: beginningFilter(text), decisive: false },
  ];
}

/** Spellings by number of words: with more words fewer are needed, as the others narrow the search. */
const spellingsPerWord = [0, 60, 40, 25] as const;

/** That a search may have any number of clauses is documented. */
function spelledSearches(words: readonly string[]): string[] {
  const most = spellingsPerWord[words.length] ?? mostAlternatives;
  const spelled = words.map((word) => spellingsOf(word, most));
  if (spelled.every((spellings) => spellings.length === 1)) return [];
  return [
    allOf(
      spelled.map((spellings) => oneOf(spellings.map((spelling) => searchClause('displayName', spelling)))),
    ),
  ];
}

/** Account names are mostly written without accents: adele.vance, avance, vance.adele. */
function accountSearch(pieces: readonly string[]): string[] {
  const [first = '', last = pieces.at(-1) ?? ''] = [pieces[0], pieces.at(-1)];
  if (!pieces.every((piece) => /^[a-z\d]+$/.test(piece))) return [];
  const initial = first.slice(0, 1);
  const names =
    pieces.length === 1
      ? [first]
      : [
          `${first}.${last}`, `${first}${last}`, `${first}_${last}`, `${last}.${first}`, `${initial}${last}`,
          `${initial}.${last}`, pieces.join('.'),
        ]; // prettier-ignore
  return [
    oneOf(
      [...new Set(names)].flatMap((name) => [
        searchClause('userPrincipalName', name),
        searchClause('mail', name),
      ]),
    ),
  ];
}

function beginningFilter(text: string): string {
  const value = odataString(
    text
      .replace(/[\p{Cc}\p{Cf}]/gu, '')
      .replace(/\s+/gu, ' ')
      .normalize('NFC')
      .trim(),
  );
  return ['displayName', 'givenName', 'surname']
    .map((property) => `startswith(${property},${value})`)
    .join(' or ');
}

/** Those who have exactly this as a name: among thousands whose names begin so they would be lost. */
export function exactFilter(text: string): string {
  const value = odataString(text.normalize('NFC').trim());
  return ['displayName', 'givenName', 'surname'].map((property) => `${property} eq ${value}`).join(' or ');
}

/** The search for the words of a name alone, to be narrowed by a filter. */
export function wordsSearch(text: string): string {
  return allOf(piecesOf(wordsTyped(text)).map(wordClause));
}

/** More requests than this do not go into one batch. */
export const mostInBatch = 20;

/**
 * Queries for when nothing fits: for names with several accents typed without, and for names mistyped by one letter,
 * where each word that is right finds them alone, and of a single word the likely forms are tried.
 */
export function remoteQueries(text: string): UserQuery[] {
  const words = wordsTyped(text);
  const accented = words.flatMap((rare, at) => {
    const others = words.filter((_, other) => other !== at).map((word) => wordClause(plain(word)));
    return rareSpellingsOf(rare, mostClauses).map((spellings) =>
      allOf([...others, oneOf(spellings.map((spelling) => searchClause('displayName', spelling)))]),
    );
  });
  const mistyped = mistypedSearches(piecesOf(words).map(plain));
  const queries: UserQuery[] = [
    ...accented.map((search) => ({ search, decisive: true })),
    ...mistyped.map((search) => ({ search, decisive: false })),
  ];
  // Names with more accents than can be listed, such as Nguyễn Văn Anh. The first must succeed, and this is a long one.
  return [...queries.slice(0, 2 * mostInBatch - 1), ...beginningsSearch(piecesOf(words))];
}

function beginningsSearch(words: readonly string[]): UserQuery[] {
  const beginnings = words.map((word) => beginningsOf(word, mostClauses));
  // A single letter alone begins too many names.
  const tells = beginnings.some(([shortest = '']) => shortest.length > 1);
  if (!tells || beginnings.some(({ length }) => length === 0)) return [];
  const search = allOf(
    beginnings.map((some) => oneOf(some.map((beginning) => searchClause('displayName', beginning)))),
  );
  return [{ search, decisive: true, wide: true }];
}

/** That a search may have any number is documented; nobody has tried thousands. */
const mostClauses = 60;

function mistypedSearches(words: readonly string[]): string[] {
  const searches = words.flatMap((wrong, at) => {
    const others = words.filter((_, other) => other !== at).map(wordClause);
    if (others.length === 0 || wrong.length < 4) return [];
    return [allOf([...others, searchClause('displayName', wrong.slice(0, 2))]), allOf(others)];
  });
  if (searches.length === 0) {
    for (const word of words.filter(({ length }) => length >= 4)) {
      const [beginning, ...forms] = [...new Set(mistypedFormsOf(word))].map((form) =>
        searchClause('displayName', form),
      );
      if (beginning !== undefined) searches.push(beginning, ...chunks(forms, mostClauses).map(oneOf));
    }
  }
  return [...new Set(searches)];
}

/** Groups of so many at most. */
export function chunks<T>(items: readonly T[], size: number): T[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, i) => items.slice(i * size, (i + 1) * size));
}
