import type { Formatters } from 'intl-messageformat';

/** Intl's formatters for a locale. Creating one is slow, so each is created once. */
export interface Formats extends Formatters {
  readonly locale: string;
}

/** @param locale a valid BCP 47 tag */
export function formatsFor(locale: string): Formats {
  const numbers = new Intl.NumberFormat(locale);
  const cardinals = new Intl.PluralRules(locale);
  // Texts use numbers and plurals only in their plain form (message.ts).
  return {
    locale,
    getNumberFormat: () => numbers,
    getDateTimeFormat: () => new Intl.DateTimeFormat(locale),
    getPluralRules: () => cardinals,
  };
}
