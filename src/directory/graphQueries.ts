/**
 * Queries for Graph, as text. Pure. Typed text is data in them and never an operator: it is quoted here and
 * percent-encoded when it is sent.
 */
import { clean, plain } from './folding.ts';
import { beginningsOf, mistypedFormsOf, rareSpellingsOf, spellingsOf } from './spellings.ts';

/** The properties of a user that Ringdown reads. `User.ReadBasic.All` shows only the first six. */
export const userProperties =
  'id,displayName,givenName,surname,userPrincipalName,mail,proxyAddresses,jobTitle,department,accountEnabled,userType,assignedPlans';

/** Read only for people who are called by number, and never kept. */
export const numberProperties = 'id,mobilePhone,businessPhones';

/** Enough to rank people by, without the long lists of plans and addresses. */
export const rankingProperties =
  'id,displayName,givenName,surname,userPrincipalName,mail,jobTitle,department,accountEnabled,userType';

/** A query for `/users`. */
export interface UserQuery {
  search?: string;
  filter?: string;
  /** Whether its results include everybody whom the name can mean. If they fill more than a page, no match is certain. */
  decisive: boolean;
  /** It also finds many others. */
  wide?: true;
}

type SearchProperty = 'displayName' | 'givenName' | 'surname' | 'userPrincipalName' | 'mail';

/** `"displayName:Adele"`: in double quotes, with `\` before quotes and backslashes ("search-query-parameter"). */
function searchClause(property: SearchProperty, value: string): string {
  return `"${property}:${value.replace(/["\\]/g, '\\$&')}"`;
}

/** A string for `$filter`, with doubled apostrophes. */
export function odataString(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** Finds a mail address or user principal name, including an old address that still receives mail. */
export function addressFilter(address: string): string {
  const value = odataString(address);
  const proxy = odataString(`smtp:${address}`);
  return `mail eq ${value} or userPrincipalName eq ${value} or proxyAddresses/any(p:p eq ${proxy})`;
}

export function idsFilter(ids: readonly string[]): string {
  return `id in (${ids.map(odataString).join(',')})`;
}

/** Graph rejects filters with more alternatives. */
export const mostAlternatives = 15;

const oneOf = (clauses: readonly string[]): string =>
  clauses.length === 1 ? clauses.join('') : `(${clauses.join(' OR ')})`;
const allOf = (clauses: readonly string[]): string => clauses.join(' AND ');

/**
 * A word of a name, in each property that may have it. Graph splits only the display name into words; the other
 * properties must begin with it.
 */
function wordClause(word: string): string {
  return oneOf([
    searchClause('displayName', word),
    searchClause('givenName', word),
    searchClause('surname', word),
  ]);
}

/** The words of a typed name. Hyphens and apostrophes do not split words. */
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
 * The queries that together find everybody whom a name can mean, for one batch: its words; other spellings of them (the
 * documentation does not say whether Graph ignores accents, so it is asked for both); account names; and beginnings of
 * names, because Graph splits names into words in its own way.
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

/** Spellings per word, by the number of words. More words need fewer spellings, because each narrows the search. */
const spellingsPerWord = [0, 60, 40, 25] as const;

/** Graph documents no limit for the clauses of a search. */
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

/** Account names usually have no accents: adele.vance, avance, vance.adele. */
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

/** Finds exactly this name, which would be lost among thousands that begin with it. */
export function exactFilter(text: string): string {
  const value = odataString(text.normalize('NFC').trim());
  return ['displayName', 'givenName', 'surname'].map((property) => `${property} eq ${value}`).join(' or ');
}

/** A search for just the words of a name, for use with a filter. */
export function wordsSearch(text: string): string {
  return allOf(piecesOf(wordsTyped(text)).map(wordClause));
}

/** Graph accepts at most this many requests in a batch. */
export const mostInBatch = 20;

/**
 * Queries for when nothing matches: for names whose several accents were not typed, and for names with one wrong letter.
 * With several words, the correct ones find the person; for a single word, they try its likely forms.
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
  // The last one is for names with too many accents to list, such as Nguyễn Văn Anh. It is long, and the first query must
  // succeed, so it goes last.
  return [...queries.slice(0, 2 * mostInBatch - 1), ...beginningsSearch(piecesOf(words))];
}

function beginningsSearch(words: readonly string[]): UserQuery[] {
  const beginnings = words.map((word) => beginningsOf(word, mostClauses));
  // Too many names begin with a single letter.
  const tells = beginnings.some(([shortest = '']) => shortest.length > 1);
  if (!tells || beginnings.some(({ length }) => length === 0)) return [];
  const search = allOf(
    beginnings.map((some) => oneOf(some.map((beginning) => searchClause('displayName', beginning)))),
  );
  return [{ search, decisive: true, wide: true }];
}

/** Graph documents no limit, but thousands of clauses are untested. */
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

/** Splits a list into chunks of at most `size` items. */
export function chunks<T>(items: readonly T[], size: number): T[][] {
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, i) => items.slice(i * size, (i + 1) * size));
}
