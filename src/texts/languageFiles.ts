import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BASE } from './textsIn.ts';

interface LanguageFiles {
  /** The BCP 47 tags of the languages that have a file, English first. */
  readonly languages: readonly string[];
  /**
   * The content of a language's file.
   *
   * @throws SyntaxError if it is not JSON
   */
  readonly read: (language: string) => unknown;
}

/** @param folder with a JSON file for each language, relative to this file. The bundle has the same folders. */
export function languageFiles(folder: '../texts/' | '../texts/commands/'): LanguageFiles {
  const path = fileURLToPath(new URL(folder, import.meta.url));
  return {
    languages: readdirSync(path)
      .flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -'.json'.length)] : []))
      .toSorted((a, b) => Number(b === BASE) - Number(a === BASE) || (a < b ? -1 : 1)),
    read: (language): unknown => JSON.parse(readFileSync(`${path}${language}.json`, 'utf8')),
  };
}

/** `pt` for `pt-BR`, `pt-pt` and `pt_PT`. */
export function languagePart(tag: string): string {
  return (tag.split(/[-_]/, 1)[0] ?? '').toLowerCase();
}
