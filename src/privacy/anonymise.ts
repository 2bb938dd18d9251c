import { isGuid } from '../config/guids.ts';

/** Removes a person from stored data. Pure. */

/** These replace the id and the name of a forgotten person. */
export const FORGOTTEN = 'forgotten';
export const FORGOTTEN_NAME = '(forgotten)';
/** Shorter names would match parts of other words. */
const SHORTEST_NAME = 4;

/** Fields that say more about a person and are removed beside their id. */
const besideAnId: ReadonlySet<string> = new Set([
  'givenName',
  'jobTitle',
  'userPrincipalName',
  'named',
  'personId',
]);
/** Fields that hold an id. `personId`: of the person whose phone it is, and `id` is its number. */
const idFields: ReadonlySet<string> = new Set(['id', 'key', 'personId']);

/** The person to forget. */
export interface WhoIs {
  /** Entra object id, `8:acs:…`, or the key of another channel's user: `webchat|…`. */
  key: string;
  /** Their stored display names and addresses. */
  names: readonly string[];
}

/**
 * Makes a function that removes the person from any JSON. It replaces their id everywhere, and their full names and
 * addresses even within sentences. Beside their id it drops the fields that say more about them.
 */
export function anonymiser({ key, names }: WhoIs): <T>(value: T) => T {
  const long = names.filter((name) => name.trim().length >= SHORTEST_NAME);
  // The longest first, because one may be part of another.
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
    const isTheirPhone = own && 'personId' in value;
    return Object.fromEntries(
      Object.entries(value).flatMap(([name, part]) => {
        if (own && besideAnId.has(name)) return [];
        return [[name, isTheirPhone && name === 'id' ? FORGOTTEN : inside(part)]];
      }),
    );
  };
  // The result has the same type: only optional fields are dropped.
  function without<T>(value: T): T;
  function without(value: unknown): unknown {
    return inside(value);
  }
  return without;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
