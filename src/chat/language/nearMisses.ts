import { nearKinds } from '../../texts/commands/commandPhrases.ts';
import type { Command } from './command.ts';
import type { Language } from './languages.ts';
import { phraseAt, type Word } from './words.ts';

export function unknown(words: readonly Word[], { near }: Language): Command {
  const first = words[0]?.key ?? '';
  const kind =
    nearKinds.find((one) => {
      const hinted = near[one];
      return hinted && words.some((_, at) => phraseAt(words, at, hinted) > 0);
    }) ??
    nearKinds.find((one) =>
      near[one]?.byFirst
        .values()
        .some((hinted) => hinted.some(([key = '', ...more]) => more.length === 0 && isMistyped(first, key))),
    );
  return kind ? { kind: 'unknown', near: kind } : { kind: 'unknown' };
}

/**
 * Whether a word of at least four letters has one typo: an extra, missing or wrong letter, or two swapped ones. The
 * first letter must be right.
 */
function isMistyped(typed: string, meant: string): boolean {
  if (meant.length < 4 || typed[0] !== meant[0] || Math.abs(typed.length - meant.length) > 1) return false;
  let at = 0;
  while (at < meant.length && typed[at] === meant[at]) at += 1;
  const [t, m] = [typed.slice(at), meant.slice(at)];
  const swapped = `${m.charAt(1)}${m.charAt(0)}${m.slice(2)}`;
  return t.slice(1) === m || t === m.slice(1) || t.slice(1) === m.slice(1) || (m.length > 1 && t === swapped);
}
