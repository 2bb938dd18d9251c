import { isGuid } from '../config/guids.ts';

/** Takes a person out of what was stored, pure. */

/** What stands in the place of whoever was forgotten. */
export const FORGOTTEN = 'forgotten';
export const FORGOTTEN_NAME = '(forgotten)';
/** Shorter names would be found in words that are none. */
const SHORTEST_NAME = 4;

const besideAnId: ReadonlySet<string> = new Set(['givenName', 'jobTitle', 'userPrincipalName', 'named']);
/** Where an id stands. */
const idFields: ReadonlySet<string> = new Set(['id', 'key']);

/** Who is to be forgotten. */
export interface WhoIs {
  /** Entra object id, `8:acs:…`, or the key of somebody in another channel: `webchat|…`. */
  key: string;
  /** Their display names and addresses, as they were stored. */
  names: readonly string[];
}

/**
 * Makes a function that replaces the person in any JSON: their id wherever it stands, their full names and addresses
 * also within sentences; what else says who they are beside their id goes. What is not theirs stays as it is.
 */
export function anonymiser({ key, names }: WhoIs): <T>(value: T) => T {
  const long = names.filter((name) => name.trim().length >= SHORTEST_NAME);
  // The longest first: one may be part of another.
  const searched = long.toSorted((a, b) => b.length - a.length).map(escaped);
  const named = searched.length > 0 ? new RegExp(searched.join('|'), 'giu') : null;
  const identified = isGuid(key) ? new RegExp(key, 'giu') : null;
  const exact = new Set(names.map((name) => name.toLowerCase()));
  const inText = (text: string): string => {
    if (text.toLowerCase() === key.toLowerCase()) return FORGOTTEN;
    if (exact.has(text.toLowerCase())) return FORGOTTEN_NAME;
    const withoutId = identified ? text.replace(identified, FORGOTTEN) : text;
    return named ? withoutId.replace(named, FORGOTTEN_NAME) : withoutId;
  };
  const isTheirs = (value: object): boolean =>
    Object.entries(value).some(
      ([field, id]) =>
        idFields.has(field) && typeof id === 'string' && id.toLowerCase() === key.toLowerCase(),
    );
  const inside = (value: unknown): unknown => {
    if (typeof value === 'string') return inText(value);
    if (Array.isArray(value)) return value.map(inside);
    if (typeof value !== 'object' || value === null) return value;
    const own = isTheirs(value);
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, part]) =>
        own && besideAnId.has(name) ? [] : [[name, inside(part)]],
      ),
    );
  };
  // What comes out has the form that went in, but for what may be missing there too.
  function without<T>(value: T): T;
  function without(value: unknown): unknown {
    return inside(value);
  }
  return without;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
