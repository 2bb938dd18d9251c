import { indexedProperties } from '../people/userIndex.ts';
import type { IndexedProperty, UserIndex } from '../people/userIndex.ts';
import type { Person } from '../people/person.ts';
import { badRequest } from './errors.ts';
import { isUserProperty, propertyOf } from './userResource.ts';

type Value = string | boolean | null;

export type Filter =
  | { kind: 'or' | 'and'; left: Filter; right: Filter }
  | { kind: 'not'; of: Filter }
  | { kind: 'compare'; property: string; operator: 'eq' | 'ne'; value: Value }
  | { kind: 'in'; property: string; values: Value[] }
  | { kind: 'startswith' | 'endswith'; property: string; value: string }
  | { kind: 'anyProxyAddress'; operator: 'eq' | 'startswith'; value: string };

const token = /\s*(?:'((?:[^']|'')*)'|([()/,:])|([A-Za-z_$][\w$]*))/y;

type Token = { text: string } | { mark: string } | { word: string };

/** The subset of OData's filter language that Graph accepts for users. @throws Refusal 400 */
export function parseFilter(source: string): Filter {
  const tokens = tokenize(source);
  let at = 0;
  const peek = (): Token | undefined => tokens[at];
  const word = (): string | null => {
    const next = peek();
    return next && 'word' in next ? next.word : null;
  };
  const expectMark = (mark: string): void => {
    const next = tokens[at++];
    if (!next || !('mark' in next) || next.mark !== mark) throw invalid(source);
  };
  const isMark = (mark: string): boolean => {
    const next = peek();
    return next !== undefined && 'mark' in next && next.mark === mark;
  };
  const expectWord = (): string => {
    const next = tokens[at++];
    if (!next || !('word' in next)) throw invalid(source);
    return next.word;
  };
  const value = (): Value => {
    const next = tokens[at++];
    if (next && 'text' in next) return next.text;
    if (next && 'word' in next && next.word === 'null') return null;
    if (next && 'word' in next && (next.word === 'true' || next.word === 'false'))
      return next.word === 'true';
    throw invalid(source);
  };
  const text = (): string => {
    const found = value();
    if (typeof found !== 'string') throw invalid(source);
    return found;
  };
  const property = (): string => {
    const name = expectWord();
    if (!isUserProperty(name)) throw badRequest(`Invalid property '${name}'.`);
    return name;
  };
  const or = (): Filter => {
    let left = and();
    while (word() === 'or') {
      at += 1;
      left = { kind: 'or', left, right: and() };
    }
    return left;
  };
  const and = (): Filter => {
    let left = unary();
    while (word() === 'and') {
      at += 1;
      left = { kind: 'and', left, right: unary() };
    }
    return left;
  };
  const unary = (): Filter => {
    if (word() === 'not') {
      at += 1;
      return { kind: 'not', of: unary() };
    }
    if (isMark('(')) {
      at += 1;
      const inner = or();
      expectMark(')');
      return inner;
    }
    const name = word();
    if (name === 'startswith' || name === 'endswith') {
      at += 1;
      expectMark('(');
      const of = property();
      expectMark(',');
      const prefix = text();
      expectMark(')');
      return { kind: name, property: of, value: prefix };
    }
    if (name === 'proxyAddresses') return anyProxyAddress();
    return comparison();
  };
  const comparison = (): Filter => {
    const of = property();
    const operator = expectWord();
    if (operator === 'eq' || operator === 'ne')
      return { kind: 'compare', property: of, operator, value: value() };
    if (operator !== 'in') throw invalid(source);
    expectMark('(');
    const values = [value()];
    while (isMark(',')) {
      at += 1;
      values.push(value());
    }
    expectMark(')');
    return { kind: 'in', property: of, values };
  };
  /** `proxyAddresses/any(p:p eq 'smtp:…')`, or with `startswith(p,'…')`. */
  const anyProxyAddress = (): Filter => {
    at += 1;
    expectMark('/');
    if (expectWord() !== 'any') throw invalid(source);
    expectMark('(');
    const variable = expectWord();
    expectMark(':');
    const first = expectWord();
    let found: Filter;
    if (first === 'startswith') {
      expectMark('(');
      if (expectWord() !== variable) throw invalid(source);
      expectMark(',');
      found = { kind: 'anyProxyAddress', operator: 'startswith', value: text() };
      expectMark(')');
    } else {
      if (first !== variable || expectWord() !== 'eq') throw invalid(source);
      found = { kind: 'anyProxyAddress', operator: 'eq', value: text() };
    }
    expectMark(')');
    return found;
  };
  const filter = or();
  if (at !== tokens.length) throw invalid(source);
  return filter;
}

function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  const end = source.trimEnd().length;
  token.lastIndex = 0;
  while (token.lastIndex < end) {
    const found = token.exec(source);
    if (!found) throw invalid(source);
    const [, text, mark, word] = found;
    if (text !== undefined) tokens.push({ text: text.replaceAll("''", "'") });
    else if (mark !== undefined) tokens.push({ mark });
    else if (word !== undefined) tokens.push({ word });
  }
  return tokens;
}

function invalid(source: string): Error {
  return badRequest(`Invalid filter clause: ${source}`);
}

/** Whether Graph requires `ConsistencyLevel: eventual` and `$count=true` for the filter. */
export function needsEventualConsistency(filter: Filter): boolean {
  switch (filter.kind) {
    case 'or':
    case 'and':
      return needsEventualConsistency(filter.left) || needsEventualConsistency(filter.right);
    case 'not':
    case 'endswith':
      return true;
    case 'compare':
      return filter.operator === 'ne';
    default:
      return false;
  }
}

/**
 * The users that match. Indexed properties need no full scan.
 *
 * @param among only these users are considered
 */
export function usersFitting(filter: Filter, index: UserIndex, among?: Set<Person>): Set<Person> {
  const everybody = among ?? index.users;
  const those = (fits: (person: Person) => boolean): Set<Person> => {
    const found = new Set<Person>();
    for (const person of everybody) if (fits(person)) found.add(person);
    return found;
  };
  switch (filter.kind) {
    case 'or':
      return usersFitting(filter.left, index, among).union(usersFitting(filter.right, index, among));
    case 'and': {
      const left = usersFitting(filter.left, index, among);
      return left.intersection(usersFitting(filter.right, index, left));
    }
    case 'not': {
      const out = usersFitting(filter.of, index, among);
      return those((person) => !out.has(person));
    }
    case 'compare': {
      const { property, operator, value } = filter;
      if (operator === 'eq' && isIndexed(property) && typeof value === 'string')
        return index.equal(property, value);
      return those((person) => same(propertyOf(person, property), value) === (operator === 'eq'));
    }
    case 'in':
      return those((person) =>
        filter.values.some((value) => same(propertyOf(person, filter.property), value)),
      );
    case 'startswith':
      if (isIndexed(filter.property)) return index.startingWith(filter.property, filter.value);
      return those((person) => affix(propertyOf(person, filter.property), filter, 'startsWith'));
    case 'endswith':
      return those((person) => affix(propertyOf(person, filter.property), filter, 'endsWith'));
    case 'anyProxyAddress': {
      if (filter.operator === 'eq') return index.withProxyAddress(filter.value);
      const wanted = filter.value.toLowerCase();
      return those((person) =>
        person.proxyAddresses.some((address) => address.toLowerCase().startsWith(wanted)),
      );
    }
  }
}

function isIndexed(property: string): property is IndexedProperty {
  return (indexedProperties as readonly string[]).includes(property);
}

function same(actual: unknown, wanted: Value): boolean {
  if (typeof actual === 'string' && typeof wanted === 'string')
    return actual.toLowerCase() === wanted.toLowerCase();
  return actual === wanted;
}

function affix(actual: unknown, { value }: { value: string }, how: 'startsWith' | 'endsWith'): boolean {
  return typeof actual === 'string' && actual.toLowerCase()[how](value.toLowerCase());
}
