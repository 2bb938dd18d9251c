import { fillCallAndSay } from './frames.ts';
import { splitMessage } from './messages.ts';
import type { Context } from './languages.ts';
import { wordsOf } from './words.ts';

/**
 * Splits a command with a message into what comes before the message, the message and what comes after it. A question
 * in the message is for the callee.
 */
export function spokenPart(said: string, context: Context): readonly [string, string, string] {
  const both = fillCallAndSay(wordsOf(said, context.language.spelling), said, context.language);
  if (both) return [said.slice(0, both.start), said.slice(both.start, both.end), said.slice(both.end)];
  const { head } = splitMessage(said, 0, context);
  return [head, said.slice(head.length), ''];
}
