import type { Formatters } from 'intl-messageformat';

/** Intl's formatters for a locale. Creating one is slow, so each is created once. */
export interface Formats extends Formatters {
  readonly locale: string;
}

/** @param locale a valid BCP 47 tag */
export function formatsFor(locale: string): Formats {
  return {
    locale,
    getNumberFormat: kept((_, options) => new Intl.NumberFormat(locale, options as Intl.NumberFormatOptions)),
    getDateTimeFormat: kept((_, options) => new Intl.DateTimeFormat(locale, options)),
    getPluralRules: kept((_, options) => new Intl.PluralRules(locale, options)),
  };
}

function kept<Options, Made>(
  make: (locales: unknown, options?: Options) => Made,
): (locales?: unknown, options?: Options) => Made {
  const made = new Map<string, Made>();
  return (locales, options) => {
    const key = JSON.stringify(options);
    const known = made.get(key);
    if (known !== undefined) return known;
    const fresh = make(locales, options);
    made.set(key, fresh);
    return fresh;
  };
}
