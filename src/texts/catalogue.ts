import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
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

/** The bundle has this folder too. */
const FOLDER = fileURLToPath(new URL('../texts/', import.meta.url));
/** English is complete. Other languages fall back to it. */
export const BASE = 'en';
/** A locale that shows English with each text in brackets: what has none did not come from a catalogue. */
const PSEUDO = 'en-XA';
/** Groups at the top of a file that only translators read. */
const HEAD = 'glossary';

/** The BCP 47 tags of the languages that have a file, English first. */
export const languages: readonly string[] = readdirSync(FOLDER)
  .flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -'.json'.length)] : []))
  .toSorted((a, b) => Number(b === BASE) - Number(a === BASE) || (a < b ? -1 : 1));

const read = new Map<string, Catalogue>();

/**
 * The file of one of the {@link languages}, read once, without its glossary.
 *
 * @throws SyntaxError if it is not JSON; ZodError if it is not made of groups and sentences
 */
export function catalogueOf(language: string): Catalogue {
  let catalogue = read.get(language);
  if (catalogue === undefined) {
    const file = schema.parse(JSON.parse(readFileSync(`${FOLDER}${language}.json`, 'utf8')));
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
        : () => textsIn(original, typeof translated === 'object' ? translated : undefined, formats);
    let prepared: unknown;
    const get = (): unknown => (prepared ??= prepare());
    Object.defineProperty(texts, name, { enumerable: true, get });
  }
  return texts;
}

function sentence(original: string, translated: string | null, formats: Formats): unknown {
  const message = parseMessage(translated ?? original, formats);
  const say = formats.locale === PSEUDO ? (values: Values) => `⟦${message.format(values)}⟧` : message.format;
  return parseMessage(original, formats).parameters.size === 0 ? say({}) : say;
}
