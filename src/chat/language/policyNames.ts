import type { Command } from './command.ts';
import { isOnlyClosing, withoutClosing } from './courtesies.ts';
import { nameOf } from './edges.ts';
import { pronouns, sentence, times } from './nameWords.ts';
import { endsInColon, isMention, phraseAt, phrases, sliceOf, type Word } from './words.ts';

const policyArticles = phrases('for| the| policy|');

/** The name of the policy as typed, without article and the word "policy"; undefined if the words are a sentence. */
export function policyIn(words: readonly Word[], text: string): string | undefined {
  let named = withoutClosing(words);
  const article = phraseAt(named, 0, policyArticles);
  if (named.length > article) named = named.slice(article);
  if (named.length > 1 && named.at(-1)?.key === 'policy') named = named.slice(0, -1);
  if (named.length === 0 || named.length > 6 || named.some(isMention)) return undefined;
  const keys = named.map(({ key }) => key);
  if (keys.some((key) => sentence.has(key)) || pronouns.has(keys[0] ?? '') || times.has(keys.at(-1) ?? '')) {
    return undefined;
  }
  const name = nameOf(sliceOf(text, named));
  return /[:：\n]/u.test(name) ? undefined : name;
}

export function policyCommand(
  kind: 'test' | 'onCall',
  words: readonly Word[],
  verb: number,
  text: string,
): Command | undefined {
  if (verb === 0) return undefined;
  const rest = words.slice(verb);
  if (isOnlyClosing(rest) || endsInColon(words[verb - 1], text)) {
    return { kind: 'incomplete', of: kind, missing: 'policy' };
  }
  const policy = policyIn(rest, text);
  return policy === undefined ? { kind: 'unknown', near: kind } : { kind, policy };
}
