import { doubleQuotes, unquote } from './edges.ts';
import { english, type Language } from './languages.ts';
import { isMention, phraseAt, sliceOf, wordsOf, type Word } from './words.ts';

/** Splits at commas and between mentions. "A, B and C" gives three parts; "sales and support" stays one. */
export function splitTargets(text: string, language: Language): string[] {
  const parts: string[] = [];
  let [start, quoted] = [0, false];
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (doubleQuotes.includes(char)) quoted = !quoted;
    if (quoted || !',;，、；'.includes(char)) continue;
    parts.push(text.slice(start, at));
    start = at + 1;
  }
  parts.push(text.slice(start));
  return parts.flatMap((part, at) => splitAtAnd(part, at > 0 && at === parts.length - 1, language));
}

/** Everything that could be a separate name: "Adele and Alex" gives two, and so does "Vance, Adele". */
export function namesIn(text: string, language = english()): string[] {
  return splitTargets(text, language).flatMap((part) => splitAtAnd(part, true, language));
}

/** Splits at mentions, and at an "and" that ends a list or is next to a mention. */
function splitAtAnd(part: string, endsList: boolean, { names, spelling }: Language): string[] {
  const words = wordsOf(part, spelling);
  if (unquote(part.trim()) !== part.trim()) return [part];
  const runs: Word[][] = [[]];
  for (const [at, word] of words.entries()) {
    const [before, after] = [words[at - 1], words[at + 1]];
    const separates =
      phraseAt(words, at, names.and) > 0 && (endsList || isMention(before) || isMention(after));
    if (separates || (isMention(word) && isMention(before))) runs.push([]);
    if (!separates) runs.at(-1)?.push(word);
  }
  return runs.filter((run) => run.length > 0).map((run) => sliceOf(part, run));
}
