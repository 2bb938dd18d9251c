import type { Directory, Person } from './directory.ts';

/** Whom some words name: one person, or nobody, and by which word. */
export type First = { person: Person } | { person: null; reason: 'ambiguous' | 'notFound'; word: string };

/**
 * The person whom the first of these words names that the directory knows at all. Calendars have several words for a
 * person: the mail address first, then the name.
 *
 * @throws RingdownError directory_unavailable
 */
export async function findFirst(
  words: readonly string[],
  directory: Pick<Directory, 'find'>,
): Promise<First> {
  for (const word of words) {
    const found = await directory.find({ text: word }, null);
    if (found.kind === 'one') return { person: found.person };
    if (found.kind === 'several') return { person: null, reason: 'ambiguous', word };
  }
  return { person: null, reason: 'notFound', word: words[0] ?? '' };
}
