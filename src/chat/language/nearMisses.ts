import { nearKinds } from '../../texts/commands/commandPhrases.ts';
import type { Command } from './command.ts';
import type { Language } from './languages.ts';
import { fits, type Word } from './words.ts';

export function unknown(words: readonly Word[], { hints }: Language): Command {
  const first = words[0]?.key ?? '';
  const found = new Set(
    words.flatMap(({ key }, at) =>
      (hints.get(key) ?? []).flatMap(({ near, phrase }) => (fits(words, at, phrase) ? [near] : [])),
    ),
  );
  if (found.size === 0) {
    for (const { near, phrase } of [...hints.values()].flat()) {
      if (phrase.length === 1 && isMistyped(first, phrase[0] ?? '')) found.add(near);
    }
  }
  const near = nearKinds.find((kind) => found.has(kind));
  return near ? { kind: 'unknown', near } : { kind: 'unknown' };
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
