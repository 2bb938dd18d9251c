import { z } from 'zod';
import { BASE, languageFiles } from './languageFiles.ts';
import { parseMessage, type Values } from './message.ts';
import type { Formats } from './formats.ts';

/** The texts of one language as they stand in its file: sentences in ICU MessageFormat, grouped by names. */
export interface Catalogue {
  readonly [name: string]: string | Catalogue;
}

const schema: z.ZodType<Catalogue> = z.record(
  z.string(),
  z.lazy(() => z.union([z.string(), schema])),
);

/** A locale that shows English with each text in brackets: what has none did not come from a catalogue, or is a setting. */
export const PSEUDO = 'en-XA';
/** Groups at the top of a file that only translators read. */
const HEAD = 'glossary';
/** The group of settings: how the language is spoken. */
const SETTINGS = 'speech';

const files = languageFiles('../texts/');
/** The BCP 47 tags of the languages that have a file, English first. */
export const { languages } = files;

const read = new Map<string, Catalogue>();

/**
 * The file of one of the {@link languages}, read once, without its glossary.
 *
 * @throws SyntaxError if it is not JSON; ZodError if it is not made of groups and sentences
 */
export function catalogueOf(language: string): Catalogue {
  let catalogue = read.get(language);
  if (catalogue === undefined) {
    const file = schema.parse(files.read(language));
    catalogue = Object.fromEntries(Object.entries(file).filter(([name]) => name !== HEAD));
    read.set(language, catalogue);
  }
  return catalogue;
}

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

function sentence(original: string, translated: string | null, formats: Formats): unknown {
  const english = parseMessage(original, formats);
  const message = translated === null ? english : parseMessage(translated, formats);
  const say = formats.locale === PSEUDO ? (values: Values) => `⟦${message.format(values)}⟧` : message.format;
  return english.parameters.size === 0 ? say({}) : say;
}
