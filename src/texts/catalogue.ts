import { z } from 'zod';
import { languageFiles } from './languageFiles.ts';
import type { Catalogue } from './textsIn.ts';

const schema: z.ZodType<Catalogue> = z.record(
  z.string(),
  z.lazy(() => z.union([z.string(), schema])),
);

/** Groups at the top of a file that only translators read. */
const HEAD = 'glossary';

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
