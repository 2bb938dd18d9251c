import type { Command } from '../command.ts';
import { readPerson } from '../people.ts';
import { phraseAt, phrases, sliceOf, type Context, type Word } from '../words.ts';

const whoAmI = phrases('who am i');

const whoIsWords = phrases("who is, who's, whos, whois");

export function parseWhoIs(words: readonly Word[], context: Context): Command | undefined {
  if (phraseAt(words, 0, whoAmI) === words.length) return { kind: 'whoIs', person: { by: 'self' } };
  const verb = phraseAt(words, 0, whoIsWords);
  if (verb === 0) return undefined;
  const person = readPerson(sliceOf(context.text, words.slice(verb)), context);
  if (typeof person !== 'string') return { kind: 'whoIs', person };
  return person === 'missing'
    ? { kind: 'incomplete', of: 'whoIs', missing: 'person' }
    : { kind: 'unknown', near: 'whoIs' };
}
