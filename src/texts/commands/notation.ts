/**
 * The notation for phrases. A comma separates phrases, `a|b` are alternatives for one place, an empty alternative makes
 * the place optional, and `_` is a space within an alternative: `show|show_me| my| calls`. `{person}` is a place for
 * words of the writer.
 */

export const slots = ['person', 'message', 'targets', 'policy', 'until', 'when', 'name', 'rest'] as const;
export type Slot = (typeof slots)[number];

export const isSlot = (name: string): name is Slot => slots.some((slot) => slot === name);

/** Each phrase that a row stands for, as words separated by spaces. */
export function phrasesIn(row: string): string[] {
  return row.split(', ').flatMap((pattern) =>
    pattern
      .split(' ')
      .map((place) => place.split('|'))
      .reduce((heads, tails) => heads.flatMap((head) => tails.map((tail) => `${head} ${tail}`)), [''])
      .map((phrase) => phrase.replace(/[ _]+/g, ' ').trim()),
  );
}

/** A row of single words; `_` is a space within one. */
export const wordsIn = (row: string): string[] => row.split(' ').map((word) => word.replace(/_/g, ' '));

export interface Framed {
  /** The notation before, between and after the slots: one more than there are slots. */
  readonly parts: readonly string[];
  readonly slots: readonly string[];
}

/** The frames of a row: `get me| {person} on the phone|line`. */
export function framesIn(row: string): Framed[] {
  return row.split(', ').map((pattern) => {
    const pieces = pattern.split(/\{(\w+)\}/);
    return {
      parts: pieces.filter((_, at) => at % 2 === 0).map((part) => part.trim()),
      slots: pieces.filter((_, at) => at % 2 === 1),
    };
  });
}
