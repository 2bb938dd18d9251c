/**
 * Finds what the pseudo-locale en-XA shows outside its brackets: text that did not come from a catalogue, and sentences
 * that code joined with a space.
 */

/** Properties of cards and activities that people do not read. */
const forPrograms = new Set(
  (
    '$schema type version id verb data c style size weight color spacing width height minHeight url href maxLength ' +
    'horizontalAlignment verticalContentAlignment fontType contentType dataset targetElements attachmentLayout ' +
    'textFormat inputHint from recipient conversation channelId serviceUrl timestamp localTimestamp replyToId ' +
    'channelData entities locale deliveryMode emulator'
  ).split(' '),
);
/** What is the same in every language: times, addresses, identifiers, dates. */
const sameEverywhere =
  /\{\{(?:DATE|TIME)\([^)]*\)\}\}|https?:\/\/\S+|[\w.'+-]+@[\w.-]+\w|\b[A-Z][a-z]{2} \d{1,2}, |\b[AP]M\b|[A-Z][a-z]+\/[A-Z][a-z]+|docs\/\S+/gu;

/** A text in brackets, or the beginning of one that was cut. Brackets inside were removed before. */
const inBrackets = /⟦[^⟦⟧]*(?:⟧|$)/gu;
const MARK = '\u0001';
const joinedWithASpace = new RegExp(`${MARK} ${MARK}|^ ${MARK}`, 'u');

/**
 * @param shown a text, or everything that a message or a page contains
 * @param foreign names and messages of people, which may stand outside
 * @returns the texts that have something plain in them
 */
export function plainIn(shown: unknown, foreign: readonly string[]): string[] {
  if (typeof shown === 'string') return isPlain(shown, foreign) ? [shown] : [];
  if (Array.isArray(shown)) return shown.flatMap((part) => plainIn(part, foreign));
  if (typeof shown !== 'object' || shown === null) return [];
  // Commands for a shell are the same in every language.
  if ('fontType' in shown && 'text' in shown && /^(?:az|Set-|Get-)/.test(String(shown.text))) return [];
  return Object.entries(shown).flatMap(([name, value]) =>
    forPrograms.has(name) ? [] : plainIn(value, foreign),
  );
}

function isPlain(text: string, foreign: readonly string[]): boolean {
  let rest = text.replaceAll(MARK, '');
  for (let before = ''; before !== rest;) {
    before = rest;
    rest = rest.replace(inBrackets, MARK);
  }
  if (joinedWithASpace.test(rest)) return true;
  rest = rest.replaceAll('\\', '').replace(sameEverywhere, '');
  for (const words of foreign.toSorted((a, b) => b.length - a.length)) rest = rest.replaceAll(words, '');
  // Initials of a name stand in place of a photo.
  return /\p{L}|⟧/u.test(rest) && !/^\p{Lu}{1,2}$/u.test(text);
}
