import type { Formats } from './formats.ts';
import { parseMessage, type Values } from './message.ts';

/** The texts of one language as they stand in its file: sentences in ICU MessageFormat, grouped by names. */
export interface Catalogue {
  readonly [name: string]: string | Catalogue;
}

/** A locale that shows English with each text in brackets: what has none did not come from a catalogue, or is a setting. */
export const PSEUDO = 'en-XA';
/** The group of settings: how the language is spoken. */
const SETTINGS = 'speech';
/** English is complete. Other languages fall back to it. */
export const BASE = 'en';

/**
 * The texts as code uses them: a sentence without parameters is a string, one with parameters a function of them.
 * Groups and sentences are prepared when they are first used.
 *
 * @param own the language's texts; what it lacks comes from `base`
 * @param base decides which texts there are, and which have parameters
 */
export function textsIn(base: Catalogue, own: Catalogue | undefined, formats: Formats): object {
  const texts = {};
  for (const [name, original] of Object.entries(base)) {
    const translated = own?.[name];
    const prepare =
      typeof original === 'string'
        ? () => sentence(original, typeof translated === 'string' ? translated : null, formats)
        : () =>
            textsIn(
              original,
              typeof translated === 'object' ? translated : undefined,
              name === SETTINGS ? { ...formats, locale: BASE } : formats,
            );
    let prepared: unknown;
    const get = (): unknown => (prepared ??= prepare());
    Object.defineProperty(texts, name, { enumerable: true, get });
  }
  return texts;
}

/** A language's texts, with those of `base` where it has none. */
export function filled(base: Catalogue, own: Catalogue): Catalogue {
  return Object.fromEntries(
    Object.entries(base).map(([name, original]): [string, Catalogue[string]] => {
      const translated = own[name];
      if (typeof original === 'string') return [name, typeof translated === 'string' ? translated : original];
      return [name, filled(original, typeof translated === 'object' ? translated : {})];
    }),
  );
}

function sentence(original: string, translated: string | null, formats: Formats): unknown {
  const english = parseMessage(original, formats);
  const message = translated === null ? english : parseMessage(translated, formats);
  const say = formats.locale === PSEUDO ? (values: Values) => `⟦${message.format(values)}⟧` : message.format;
  return english.parameters.size === 0 ? say({}) : say;
}
