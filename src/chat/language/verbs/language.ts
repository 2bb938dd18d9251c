import { AUTOMATIC, type Command } from '../command.ts';
import { withoutClosing } from '../courtesies.ts';
import { nameOf } from '../edges.ts';
import { fill } from '../frames.ts';
import type { Context } from '../languages.ts';
import { isMention, isPhrase, sliceOf, type Word } from '../words.ts';

/** Longer names of languages do not exist: "language is not the problem here". Words, or characters in Japanese. */
const LONGEST_NAME = { spaces: 4, characters: 12 };

/** `language French`. Whether there is such a language is decided later. */
export function parseLanguage(words: readonly Word[], { text, language }: Context): Command | undefined {
  const said = fill(withoutClosing(words, language), language.frames.language);
  if (!said || said.slot.length > LONGEST_NAME[language.spelling.script] || said.slot.some(isMention))
    return undefined;
  if (said.slot.length === 0) return { kind: 'languages' };
  if (isPhrase(said.slot, language.automatic)) return { kind: 'language', name: AUTOMATIC };
  return { kind: 'language', name: nameOf(sliceOf(text, said.slot)) };
}
