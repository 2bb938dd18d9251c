import { clean, plain } from '../directory/folding.ts';
import { languagePart } from '../texts/languageFiles.ts';
import { languageOf, languages } from '../texts/texts.ts';

/** Names of the languages that have texts. They come from Intl, and are cached. */

/** The language's name in the language itself: "français". */
export function ownName(tag: string): string {
  return new Intl.DisplayNames([tag], { type: 'language' }).of(tag) ?? tag;
}

/** The languages that have texts, each by its own name. */
export function ownNames(): string[] {
  return languages.map(ownName);
}

/**
 * The tag of the language that somebody names: "French", "français", "Französisch", "fr", "fr-CA". Case, accents and
 * punctuation do not matter.
 *
 * @returns undefined if there is no such language, or if it has no texts
 */
export function languageNamed(name: string): string | undefined {
  names ??= allNames();
  // "Portuguese (Portugal)" is understood as Portuguese.
  const [beforeBracket = ''] = name.split(/[(（]/);
  return names.get(folded(name)) ?? names.get(folded(beforeBracket)) ?? tagWritten(name.trim());
}

/** Made on first use: Intl needs some milliseconds for it. */
let names: ReadonlyMap<string, string> | undefined;

/** Every language's names in every language, by their folded form. */
function allNames(): ReadonlyMap<string, string> {
  const readers = languages.flatMap((reader) =>
    (['dialect', 'standard'] as const).map(
      (languageDisplay) => new Intl.DisplayNames([reader], { type: 'language', languageDisplay }),
    ),
  );
  const pairs = languages.flatMap((tag) =>
    [tag, languagePart(tag)].flatMap((written) =>
      [written, ...readers.map((reader) => reader.of(written) ?? written)].map(
        (name) => [folded(name), tag] as const,
      ),
    ),
  );
  // The first language keeps a name that two share.
  return new Map(pairs.toReversed());
}

function tagWritten(tag: string): string | undefined {
  return /^[a-z]{2,3}([-_][a-z\d]{2,8})+$/i.test(tag) ? languageOf(tag) : undefined;
}

function folded(name: string): string {
  return plain(clean(name))
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .trim();
}
