/** Names that ringdown.yaml accepts, and no two alike. */

/** Room for a number at the end: ringdown.yaml allows 64. */
const MAX_LETTERS = 58;

/**
 * Makes names for one kind of thing.
 *
 * @param fallback the name if nothing of it can be kept
 * @returns a function that gives each name once, without regard to case
 */
export function namer(fallback: string): (name: string) => string {
  const given = new Set<string>();
  return (name) => {
    const kept = name
      .normalize('NFC')
      .replaceAll(/[\p{M}'’`´]/gu, '')
      .replaceAll(/[^\p{L}\p{N} ._-]+/gu, ' ')
      .replaceAll(/ +/g, ' ')
      .replace(/^[ ._-]+/, '');
    const short = [...kept].slice(0, MAX_LETTERS).join('').trim() || fallback;
    return unique(short, given, ' ');
  };
}

/** Makes names of environment variables: `ICAL_PAYMENTS`. Letters that they cannot have are left out. */
export function variableNamer(): (name: string) => string {
  const given = new Set<string>();
  return (name) => {
    const kept = name
      .normalize('NFD')
      .toUpperCase()
      .replaceAll(/[^A-Z0-9]+/g, '_')
      .replaceAll(/^_+|_+$/g, '');
    return unique(`ICAL_${kept || 'ROTATION'}`, given, '_');
  };
}

function unique(name: string, given: Set<string>, separator: string): string {
  let free = name;
  for (let count = 2; given.has(free.toLowerCase()); count += 1) free = `${name}${separator}${count}`;
  given.add(free.toLowerCase());
  return free;
}
