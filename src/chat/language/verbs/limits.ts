import { limitKinds } from '../../../texts/commands/commandPhrases.ts';
import type { Command } from '../command.ts';
import { withoutClosing } from '../courtesies.ts';
import { fill } from '../frames.ts';
import type { Context } from '../languages.ts';
import type { Word } from '../words.ts';

/** `record the call`, `add Megan to the call` */
export function parseLimit(words: readonly Word[], { language }: Context): Command | undefined {
  const said = withoutClosing(words, language);
  if (said.length > 12) return undefined;
  const limit = limitKinds.find((one) => fill(said, language.limits[one] ?? []));
  return limit && { kind: 'limit', limit };
}
