import type { Command, PersonQuery } from '../command.ts';
import { withoutClosing } from '../courtesies.ts';
import { nameOf, unquote } from '../edges.ts';
import { splitTargets } from '../lists.ts';
import { fillWithMessage } from '../frames.ts';
import { readPerson } from '../people.ts';
import { policyCommand } from '../policyNames.ts';
import type { Context } from '../languages.ts';
import {
  isMention,
  isPhrase,
  phraseAt,
  sliceOf,
  wordsOf,
  type NoPerson,
  type Phrases,
  type Word,
} from '../words.ts';

export const parseTest = (words: readonly Word[], context: Context): Command | undefined =>
  policyCommand('test', words, context);

export function parseEscalate(words: readonly Word[], context: Context): Command | undefined {
  const { language } = context;
  const noTargets: Command = { kind: 'incomplete', of: 'escalate', missing: 'targets' };
  const filled = fillWithMessage(words, language.frames.escalate, context);
  if (filled === undefined) return undefined;
  if (filled === 'colon') return noTargets;
  const named = withoutClosing(wordsOf(filled.named, language.spelling), language);
  if (named.length === 0) return noTargets;
  const parts = splitTargets(sliceOf(filled.named, named), language);
  const targets = parts.map((part) => readTarget(part, context));
  const people = targets.filter((target) => typeof target !== 'string');
  if (people.length < targets.length) return { kind: 'unknown', near: 'escalate' };
  if (people.length === 0) return noTargets;
  if (!filled.message) return { kind: 'incomplete', of: 'escalate', missing: 'message' };
  return { kind: 'escalate', targets: people, message: filled.message };
}

/** The most words in a target. */
const longest = { spaces: 8, characters: 30 };

/** A policy or a person. Names of policies may contain words that no person's name has: "out of hours". */
function readTarget(part: string, context: Context): PersonQuery | NoPerson {
  const { names, spelling } = context.language;
  const words = wordsOf(part, spelling);
  if (unquote(part.trim()) !== part.trim() || words.some(isMention) || isPhrase(words, names.me)) {
    return readPerson(part, context);
  }
  const starts = (list: Phrases): boolean => phraseAt(words, 0, list) > 0;
  const isName = words.length > 1 && (starts(names.alsoNames) || starts(names.namesWithMessage));
  if (!isName && (starts(names.pronouns) || (words.length > 1 && starts(names.conjunctions))))
    return 'unclear';
  const isSentence = words.some((_, at) => phraseAt(words, at, names.sentence) > 0);
  if (words.length > longest[spelling.script] || isSentence || part.includes('\n')) return 'unclear';
  const person = readPerson(part, context);
  if (typeof person !== 'string' && person.by === 'phone') return person;
  return { by: 'text', text: nameOf(part) };
}
