import type { Command } from '../command.ts';
import { withoutClosing } from '../courtesies.ts';
import { phraseAt, phrases, type Word } from '../words.ts';

const ordinals = ['first', 'second', 'third', 'fourth', 'fifth'];

const choicePrefixes = phrases('number, option, no, the, take, choose');

/** `2`, `#2`, `number 2`, `the second one` */
export function parseChoice(words: readonly Word[]): Command | undefined {
  const from = words.length > 1 ? phraseAt(words, 0, choicePrefixes) : 0;
  const [{ key } = { key: '' }, one, ...more] = withoutClosing(words).slice(from);
  if (more.length > 0 || (one && one.key !== 'one')) return undefined;
  if (!one && /^[1-9]\d?$/.test(key)) return { kind: 'choice', number: Number(key) };
  const ordinal = ordinals.indexOf(key);
  return ordinal < 0 ? undefined : { kind: 'choice', number: ordinal + 1 };
}
