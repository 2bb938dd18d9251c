import type { Command } from '../command.ts';
import { withoutClosing } from '../courtesies.ts';
import { fill } from '../frames.ts';
import { readPerson } from '../people.ts';
import type { Context } from '../languages.ts';
import { isPhrase, sliceOf, type Word } from '../words.ts';

export function parseWhoIs(words: readonly Word[], context: Context): Command | undefined {
  const { language, text } = context;
  if (isPhrase(words, language.frames.whoAmI)) return { kind: 'whoIs', person: { by: 'self' } };
  const filled =
    fill(words, language.frames.whoIs) ?? fill(withoutClosing(words, language), language.frames.whoIs);
  if (!filled) return undefined;
  const person = readPerson(sliceOf(text, filled.slot), context);
  if (typeof person !== 'string') return { kind: 'whoIs', person };
  return person === 'missing'
    ? { kind: 'incomplete', of: 'whoIs', missing: 'person' }
    : { kind: 'unknown', near: 'whoIs' };
}
