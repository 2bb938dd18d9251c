import type { Command } from '../command.ts';
import { withoutClosing } from '../courtesies.ts';
import { nameOf } from '../edges.ts';
import { fill } from '../frames.ts';
import type { Context } from '../languages.ts';
import { isMention, sliceOf, type Word } from '../words.ts';

/** Longer names of languages do not exist: "language is not the problem here". */
const LONGEST_NAME = 4;

/** `language French`. Whether there is such a language is decided later. */
export function parseLanguage(words: readonly Word[], { language, text }: Context): Command | undefined {
  const name = fill(withoutClosing(words, language), language.frames.language)?.slot;
  if (!name || name.length > LONGEST_NAME || name.some(isMention)) return undefined;
  return name.length === 0 ? { kind: 'languages' } : { kind: 'language', name: nameOf(sliceOf(text, name)) };
}
