/** Longer display names and queries are cut. */
const LONGEST_PART = 200;

/**
 * Removes from foreign text what could change how the words around it are shown or spoken: control characters and
 * marks that change the writing direction. Runs of white space become one space.
 */
export function oneLine(text: string): string {
  return text
    .toWellFormed()
    .replace(/\s+/g, ' ')
    .replace(/[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu, '')
    .trim();
}

/** Foreign text as part of a sentence: on one line, and cut if it is too long for a name or a query. */
export function inSentence(text: string, locale: string): string {
  const part = oneLine(text);
  return part.length > LONGEST_PART ? `${cut(part, LONGEST_PART - 1, locale)}…` : part;
}

/** @returns at most `limit` UTF-16 units of the text, cut between words */
export function cut(text: string, limit: number, locale: string): string {
  if (text.length <= limit) return text;
  // Segments find words also in Chinese and Japanese, which have no spaces. A word that is too long is cut by characters.
  for (const granularity of ['word', 'grapheme'] as const) {
    let end = 0;
    for (const { index, segment } of new Intl.Segmenter(locale, { granularity }).segment(text)) {
      if (index + segment.length > limit) break;
      end = index + segment.length;
    }
    const kept = text.slice(0, end).trimEnd();
    if (kept) return kept;
  }
  return '';
}
