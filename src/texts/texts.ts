import { LRUCache } from 'lru-cache';
import { catalogueOf, languages } from './catalogue.ts';
import { formatsFor } from './formats.ts';
import { languagePart } from './languageFiles.ts';
import type { Format, SpeechWays, Texts } from './language.ts';
import type { Messages } from './messages.ts';
import { BASE, textsIn } from './textsIn.ts';
import { cut, oneLine } from './plainText.ts';
import { speakable } from './speakable.ts';

export type * from './language.ts';
export { languages } from './catalogue.ts';

/** The longest plain text that the service speaks at once, in characters. */
export const SPEECH_LIMIT = 4000;
/** How many locales are cached, and time zones for each. */
const MOST_KEPT = 50;

/**
 * The texts for a locale as clients send it ("en-GB"). English if it is missing or malformed, or if its language has
 * no texts yet. Times and numbers follow the region.
 */
export function textsFor(locale: string | undefined): Texts {
  return textsOf(locale ?? 'en');
}

const textsOf = madeOnce((locale) => textsOfTag(canonical(locale)));

/** The texts of the language's file, with times and numbers of the region. */
function textsOfTag(tag: string): Texts {
  const language = languageOf(tag);
  const locale = language === undefined ? BASE : tag;
  const own = language === undefined ? undefined : catalogueOf(language);
  // `npm run check` compares messages.ts with the English file.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const messages = textsIn(catalogueOf(BASE), own, formatsFor(locale)) as Messages;
  return { ...messages, format: formatFor(locale, messages.speech.fullStop) };
}

/**
 * The language whose texts serve this locale: its own, or one for another region.
 *
 * @param locale BCP 47, in any case; an underscore is understood too
 * @returns undefined if there is none
 */
export function languageOf(locale: string): string | undefined {
  const tag = locale.replaceAll('_', '-').toLowerCase();
  const main = languagePart(tag);
  return (
    languages.find((language) => language.toLowerCase() === tag) ??
    languages.find((language) => language === main) ??
    languages.find((language) => languagePart(language) === main)
  );
}

/** Caches the results. The cache is bounded, because clients may send any locale. */
function madeOnce<T extends object>(make: (name: string) => T): (name: string) => T {
  const made = new LRUCache<string, T>({ max: MOST_KEPT, memoMethod: make });
  return (name) => made.memo(name);
}

/** Creating Intl's formatters is slow, so each is created once. */
function formatFor(locale: string, fullStop: string): Format {
  const all = new Intl.ListFormat(locale, { type: 'conjunction' });
  const alternatives = new Intl.ListFormat(locale, { type: 'disjunction' });
  const comma = all.formatToParts(['a', 'b', 'c'])[1]?.value ?? ', ';
  const timesIn = madeOnce((timeZone) => new Intl.DateTimeFormat(locale, { timeStyle: 'short', timeZone }));
  return {
    locale,
    anyOf: (names) => alternatives.format(names),
    allOf: (names) => all.format(names),
    listOf: (names) => names.join(comma),
    time: (at, timeZone) => timesIn(timeZone).format(new Date(at)),
    duration: (seconds) => duration(seconds, locale),
    cut: (text, limit) => cut(text, limit, locale),
    speech: (message, limit = SPEECH_LIMIT, ways) => speech(message, limit, ways, { locale, fullStop }),
  };
}

function canonical(locale: string): string {
  try {
    return Intl.getCanonicalLocales(locale.replaceAll('_', '-'))[0] ?? 'en';
  } catch {
    return 'en';
  }
}

function speech(
  message: string,
  limit: number,
  ways: SpeechWays,
  { locale, fullStop }: { locale: string; fullStop: string },
): string {
  const whole = asSentence(speakable(oneLine(message)), fullStop);
  for (const spoken of [ways.twice(whole), ways.once(whole)]) {
    if (spoken.length <= limit) return spoken;
  }
  const room = limit - ways.part('').length - fullStop.length;
  return ways.part(asSentence(cut(whole, Math.max(0, room), locale), fullStop));
}

/** Ends with a full stop, so that the voice pauses. */
function asSentence(text: string, fullStop: string): string {
  return /[\p{Sentence_Terminal}…:;：；]["'”’»)\]」』）]*$/u.test(text) ? text : `${text}${fullStop}`;
}

function duration(seconds: number, locale: string): string {
  const whole = Math.max(0, Math.round(seconds));
  const units = [
    { unit: 'day', count: Math.floor(whole / 86_400) },
    { unit: 'hour', count: Math.floor(whole / 3600) % 24 },
    { unit: 'minute', count: Math.floor(whole / 60) % 60 },
    { unit: 'second', count: whole % 60 },
  ];
  const first = units.findIndex(({ count }) => count > 0);
  if (first < 0) units.splice(0, 3);
  const counted = units
    .slice(Math.max(0, first), Math.max(0, first) + 2)
    .filter(({ count }) => count > 0 || first < 0)
    .map(({ unit, count }) =>
      new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(count),
    );
  return new Intl.ListFormat(locale, { type: 'unit', style: 'narrow' }).format(counted);
}
