import type { Command, PersonQuery } from '../command.ts';
import { withoutClosing } from '../courtesies.ts';
import { nameOf, unquote } from '../edges.ts';
import { splitTargets } from '../lists.ts';
import { splitMessage } from '../messages.ts';
import { alsoNames, conjunctions, namesWithMessage, pronouns, sentence } from '../nameWords.ts';
import { readPerson } from '../people.ts';
import { policyCommand } from '../policyNames.ts';
import {
  endsInColon,
  isMention,
  phraseAt,
  phrases,
  sliceOf,
  wordsOf,
  type Context,
  type NoPerson,
  type Word,
} from '../words.ts';

const testVerbs = phrases('test');

export function parseTest(words: readonly Word[], { text }: Context): Command | undefined {
  return policyCommand('test', words, phraseAt(words, 0, testVerbs), text);
}

const escalateVerbs = phrases('escalate');

const escalateTo = phrases('it|this|that| to the|policy|, the|policy');

export function parseEscalate(words: readonly Word[], context: Context): Command | undefined {
  const { text } = context;
  const [verb] = words;
  if (phraseAt(words, 0, escalateVerbs) === 0 || !verb) return undefined;
  const to = 1 + phraseAt(words, 1, escalateTo);
  const noTargets: Command = { kind: 'incomplete', of: 'escalate', missing: 'targets' };
  if (words.slice(0, to).some((word) => endsInColon(word, text))) return noTargets;

  const { head, message } = splitMessage(text, words[to - 1]?.end ?? verb.end, context.mentions);
  const named = withoutClosing(wordsOf(head));
  if (named.length === 0) return noTargets;
  const targets = splitTargets(sliceOf(head, named)).map((part) => readTarget(part, context));
  const people = targets.filter((target) => typeof target !== 'string');
  if (people.length < targets.length) return { kind: 'unknown', near: 'escalate' };
  if (people.length === 0) return noTargets;
  if (!message) return { kind: 'incomplete', of: 'escalate', missing: 'message' };
  return { kind: 'escalate', targets: people, message };
}

/** A policy or a person. Names of policies may contain words that no person's name has: "out of hours". */
function readTarget(part: string, context: Context): PersonQuery | NoPerson {
  const words = wordsOf(part);
  const keys = words.map(({ key }) => key);
  if (unquote(part.trim()) !== part.trim() || words.some(isMention) || keys.join(' ') === 'me') {
    return readPerson(part, context);
  }
  const [first = ''] = keys;
  const isName = words.length > 1 && (alsoNames.has(first) || namesWithMessage.has(first));
  if (!isName && (pronouns.has(first) || (words.length > 1 && conjunctions.has(first)))) return 'unclear';
  if (words.length > 8 || keys.some((key) => sentence.has(key)) || part.includes('\n')) return 'unclear';
  return { by: 'text', text: nameOf(part) };
}
