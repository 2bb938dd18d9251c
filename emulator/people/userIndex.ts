import { isInDirectory } from './person.ts';
import type { Person } from './person.ts';

/** The indexed properties of Graph's users. */
export const indexedProperties = [
  'displayName',
  'givenName',
  'surname',
  'mail',
  'userPrincipalName',
] as const;
export type IndexedProperty = (typeof indexedProperties)[number];

interface Entry {
  key: string;
  person: Person;
}

/** Ignores case. Composed and decomposed accents are equal; a letter with and without an accent are not. */
function fold(value: string): string {
  return value.normalize('NFC').toLowerCase();
}

/** The words of a display name, as `$search` splits it: at everything but letters and digits. */
export function words(value: string): string[] {
  return fold(value).match(/[\p{L}\p{M}]+|\p{N}+/gu) ?? [];
}

/** Sorted keys of all users, so that a look-up among 50,000 people takes microseconds. */
export class UserIndex {
  readonly users: Person[];
  readonly #byProperty = new Map<IndexedProperty, Entry[]>();
  readonly #byProxyAddress: Entry[];
  readonly #byWord: Entry[];
  readonly #position = new Map<Person, number>();

  constructor(people: Person[]) {
    this.users = people.filter(isInDirectory);
    this.users.forEach((person, position) => this.#position.set(person, position));
    for (const property of indexedProperties) {
      this.#byProperty.set(
        property,
        sorted(this.users, (person) => [person[property] ?? '']),
      );
    }
    this.#byProxyAddress = sorted(this.users, (person) => person.proxyAddresses);
    this.#byWord = sorted(this.users, (person) => words(person.displayName));
  }

  equal(property: IndexedProperty, value: string): Set<Person> {
    const wanted = fold(value);
    return new Set(from(this.#byProperty.get(property) ?? [], wanted, (key) => key === wanted));
  }

  startingWith(property: IndexedProperty, prefix: string): Set<Person> {
    return prefixed(this.#byProperty.get(property) ?? [], fold(prefix));
  }

  withProxyAddress(address: string): Set<Person> {
    const wanted = fold(address);
    return new Set(from(this.#byProxyAddress, wanted, (key) => key === wanted));
  }

  /** People with a word in their display name that starts with the prefix. */
  withWord(prefix: string): Set<Person> {
    return prefixed(this.#byWord, fold(prefix));
  }

  /** The same people in directory order. */
  inOrder(people: Set<Person>): Person[] {
    const positions = Float64Array.from(
      people,
      (person) => this.#position.get(person) ?? Infinity,
    ).toSorted();
    return Array.from(positions, (position) => this.users[position]).filter((person) => person !== undefined);
  }
}

function sorted(people: Person[], keysOf: (person: Person) => string[]): Entry[] {
  const entries = people.flatMap((person) =>
    keysOf(person)
      .filter((key) => key !== '')
      .map((key) => ({ key: fold(key), person })),
  );
  return entries.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

function prefixed(entries: Entry[], prefix: string): Set<Person> {
  return new Set(from(entries, prefix, (key) => key.startsWith(prefix)));
}

function* from(entries: Entry[], start: string, fits: (key: string) => boolean): Iterable<Person> {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((entries[middle]?.key ?? '') < start) low = middle + 1;
    else high = middle;
  }
  for (let at = low; at < entries.length; at += 1) {
    const entry = entries[at];
    if (entry === undefined || !fits(entry.key)) return;
    yield entry.person;
  }
}
