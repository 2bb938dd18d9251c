import type { Command } from './command.ts';
import { isOnlyClosing, withoutClosing } from './courtesies.ts';
import { nameOf } from './edges.ts';
import { fill } from './frames.ts';
import type { Context } from './languages.ts';
import { endsInColon, isMention, phraseAt, phraseAtEnd, sliceOf, type Word } from './words.ts';

/** The most words in the name of a policy. */
const longest = { spaces: 6, characters: 20 };

/** The name of the policy as typed, without article and the word "policy"; undefined if the words are a sentence. */
export function policyIn(words: readonly Word[], { text, language }: Context): string | undefined {
  const { names, policy } = language;
  let named = withoutClosing(words, language);
  const article = phraseAt(named, 0, policy.before);
  if (named.length > article) named = named.slice(article);
  const noun = phraseAtEnd(named, named.length, policy.after);
  if (noun > 0 && named.length > noun) named = named.slice(0, -noun);
  if (named.length === 0 || named.length > longest[language.spelling.script] || named.some(isMention)) {
    return undefined;
  }
  const isSentence =
    named.some((_, at) => phraseAt(named, at, names.sentence) > 0) ||
    phraseAt(named, 0, names.pronouns) > 0 ||
    phraseAtEnd(named, named.length, names.times) > 0;
  if (isSentence) return undefined;
  const name = nameOf(sliceOf(text, named));
  return /[:：\n]/u.test(name) ? undefined : name;
}

export function policyCommand(
  kind: 'test' | 'onCall',
  words: readonly Word[],
  context: Context,
): Command | undefined {
  const { language, text } = context;
  const filled = fill(withoutClosing(words, language), language.frames[kind]);
  if (!filled) return undefined;
  if (isOnlyClosing(filled.slot, language) || endsInColon(filled.verb.at(-1), text)) {
    return { kind: 'incomplete', of: kind, missing: 'policy' };
  }
  const policy = policyIn(filled.slot, context);
  return policy === undefined ? { kind: 'unknown', near: kind } : { kind, policy };
}
