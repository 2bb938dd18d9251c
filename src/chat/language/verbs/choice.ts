import type { Command } from '../command.ts';
import { withoutClosing } from '../courtesies.ts';
import type { Context } from '../languages.ts';
import { isPhrase, phraseAt, phraseAtEnd, type Word } from '../words.ts';

/** `2`, `#2`, `number 2`, `the second one` */
export function parseChoice(words: readonly Word[], { language }: Context): Command | undefined {
  const { before, after, ordinals } = language.choice;
  const from = words.length > 1 ? phraseAt(words, 0, before) : 0;
  let chosen = withoutClosing(words, language).slice(from);
  const noun = phraseAtEnd(chosen, chosen.length, after);
  if (noun > 0 && chosen.length > noun) chosen = chosen.slice(0, -noun);
  const number = chosen[0]?.key ?? '';
  if (chosen.length === 1 && /^[1-9]\d?$/.test(number)) return { kind: 'choice', number: Number(number) };
  const ordinal = ordinals.findIndex((phrases) => isPhrase(chosen, phrases));
  return ordinal < 0 ? undefined : { kind: 'choice', number: ordinal + 1 };
}
