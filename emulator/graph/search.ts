import { indexedProperties, words } from '../people/userIndex.ts';
import type { IndexedProperty, UserIndex } from '../people/userIndex.ts';
import type { Person } from '../people/person.ts';
import { badRequest } from './errors.ts';

export type Search =
  | { kind: 'clause'; property: IndexedProperty; value: string }
  | { kind: 'AND' | 'OR'; left: Search; right: Search };

const token = /\s*(?:"((?:[^"\\]|\\.)*)"|(AND|OR)(?![\w])|([()]))/y;

/**
 * `$search`: clauses `"property:value"` in double quotes, with `\` before `"` and `\`, joined by AND and OR
 * (documentation, "search-query-parameter").
 *
 * @throws Refusal 400
 */
export function parseSearch(source: string): Search {
  const tokens = tokenize(source);
  let at = 0;
  const chain = (): Search => {
    let left = term();
    for (;;) {
      const operator = tokens[at]?.operator;
      if (operator === undefined) return left;
      at += 1;
      left = { kind: operator, left, right: term() };
    }
  };
  const term = (): Search => {
    const next = tokens[at++];
    if (next?.mark === '(') {
      const inner = chain();
      if (tokens[at++]?.mark !== ')') throw invalid(source);
      return inner;
    }
    if (next?.clause === undefined) throw invalid(source);
    return clause(next.clause, source);
  };
  const search = chain();
  if (at !== tokens.length) throw invalid(source);
  return search;
}

interface Token {
  clause?: string;
  operator?: 'AND' | 'OR';
  mark?: string;
}

function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  const end = source.trimEnd().length;
  token.lastIndex = 0;
  while (token.lastIndex < end) {
    const found = token.exec(source);
    if (!found) throw invalid(source);
    const [, clauseText, operator, mark] = found;
    if (clauseText !== undefined) tokens.push({ clause: clauseText.replace(/\\(.)/gs, '$1') });
    else if (operator === 'AND' || operator === 'OR') tokens.push({ operator });
    else if (mark !== undefined) tokens.push({ mark });
  }
  return tokens;
}

function clause(text: string, source: string): Search {
  const colon = text.indexOf(':');
  const name = text.slice(0, colon);
  const property = indexedProperties.find((candidate) => candidate === name);
  if (colon === -1 || property === undefined) throw invalid(source);
  return { kind: 'clause', property, value: text.slice(colon + 1) };
}

function invalid(source: string): Error {
  return badRequest(`Syntax error: the search clause is not valid: ${source}`);
}

/**
 * Only the display name is split into words: each word of the query must begin a word of the name. Other properties
 * must start with the value.
 */
export function usersFound(search: Search, index: UserIndex): Set<Person> {
  if (search.kind === 'clause') {
    const { property, value } = search;
    return property === 'displayName' ? withAllWords(value, index) : index.startingWith(property, value);
  }
  const left = usersFound(search.left, index);
  const right = usersFound(search.right, index);
  return search.kind === 'AND' ? left.intersection(right) : left.union(right);
}

function withAllWords(value: string, index: UserIndex): Set<Person> {
  const [first = new Set<Person>(), ...rest] = words(value).map((word) => index.withWord(word));
  return rest.reduce((found, more) => found.intersection(more), first);
}
