import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The bundle has this folder too. */
const FOLDER = fileURLToPath(new URL('../texts/commands/', import.meta.url));
/** What is clear in English is English, in every chat. */
const BASE = 'en';

/** The BCP 47 tags of the languages that commands can be written in, English first. */
export const commandLanguages: readonly string[] = readdirSync(FOLDER)
  .flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -'.json'.length)] : []))
  .toSorted((a, b) => Number(b === BASE) - Number(a === BASE) || (a < b ? -1 : 1));

/**
 * The phrases of one of the {@link commandLanguages}, unchecked.
 *
 * @throws SyntaxError if the file is not JSON
 */
export const commandFileOf = (language: string): unknown =>
  JSON.parse(readFileSync(`${FOLDER}${language}.json`, 'utf8'));
