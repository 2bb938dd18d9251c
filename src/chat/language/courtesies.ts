import type { Language } from './languages.ts';
import { phraseAt, phraseAtEnd, type Phrases, type Word } from './words.ts';

/** Counts the words at the beginning that only greet, ask or are polite. */
export function leadIn(words: readonly Word[], botNames: Phrases, { polite }: Language) {
  let [length, greets, asks] = [0, false, false];
  for (;;) {
    const greeting = Math.max(phraseAt(words, length, polite.greetings), phraseAt(words, length, botNames));
    const request = phraseAt(words, length, polite.requests);
    const step = Math.max(greeting, request, phraseAt(words, length, polite.courtesies));
    if (step === 0) return { length, greets, asks };
    greets ||= greeting === step;
    asks ||= request === step;
    length += step;
  }
}

/** Number of polite words right before `end`. */
const closingAt = (words: readonly Word[], end: number, polite: Language['polite']): number =>
  Math.max(
    phraseAtEnd(words, end, polite.hastes),
    phraseAtEnd(words, end, polite.closings),
    phraseAtEnd(words, end, polite.requestsAtEnd),
  );

/** Removes polite words from the end, unless nothing would remain. */
export function withoutClosing(words: readonly Word[], { polite }: Language): readonly Word[] {
  let end = words.length;
  for (;;) {
    const closing = closingAt(words, end, polite);
    if (closing === 0 || closing === end) return words.slice(0, end);
    end -= closing;
  }
}

/** Recognises "call Adele, would you". */
export function endsInRequest(words: readonly Word[], language: Language): boolean {
  const { length } = withoutClosing(words, language);
  return words.some((_, at) => at >= length && phraseAt(words, at, language.polite.requestsAtEnd) > 0);
}

export function isOnlyClosing(words: readonly Word[], language: Language): boolean {
  const left = withoutClosing(words, language);
  return left.length === closingAt(left, left.length, language.polite);
}
