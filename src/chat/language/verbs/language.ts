import type { Command } from '../command.ts';
import { withoutClosing } from '../courtesies.ts';
import { nameOf } from '../edges.ts';
import { isMention, phraseAt, phrases, sliceOf, type Context, type Word } from '../words.ts';

const languageWords = phrases('language, my language, set|change|switch |my|the language |to');

/** Longer names of languages do not exist: "language is not the problem here". */
const LONGEST_NAME = 4;

/** `language French`. Whether there is such a language is decided later. */
export function parseLanguage(said: readonly Word[], context: Context): Command | undefined {
  const words = withoutClosing(said);
  const verb = phraseAt(words, 0, languageWords);
  const name = words.slice(verb);
  if (verb === 0 || name.length > LONGEST_NAME || name.some(isMention)) return undefined;
  return name.length === 0
    ? { kind: 'languages' }
    : { kind: 'language', name: nameOf(sliceOf(context.text, name)) };
}
