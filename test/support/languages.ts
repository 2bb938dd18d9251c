import { readFileSync } from 'node:fs';
import { z } from 'zod';

const file = z.looseObject({ glossary: z.looseObject({ incomplete: z.string().optional() }) });

/** Whether a language has all texts. Otherwise its glossary has an entry `incomplete`, and English fills the gaps. */
export function isComplete(language: string): boolean {
  const text = readFileSync(new URL(`../../src/texts/${language}.json`, import.meta.url), 'utf8');
  return file.parse(JSON.parse(text)).glossary.incomplete === undefined;
}
