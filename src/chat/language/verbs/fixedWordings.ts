import { wholeKinds } from '../../../texts/commands/commandPhrases.ts';
import type { Command } from '../command.ts';
import { withoutClosing } from '../courtesies.ts';
import type { Context } from '../languages.ts';
import { isPhrase, phraseAt, type Word } from '../words.ts';

/** Commands that are a whole message: `ack`, `hang up`. */
export function parseFixedWording(words: readonly Word[], { language }: Context): Command | undefined {
  for (const keys of [words, withoutClosing(words, language)]) {
    const kind = wholeKinds.find((one) => isPhrase(keys, language.whole[one]));
    if (kind) return { kind };
  }
  return phraseAt(words, 0, language.howTo) > 0 ? { kind: 'help' } : undefined;
}
