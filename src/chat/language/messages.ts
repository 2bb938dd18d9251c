import { alphanumeric, quoteEnd, unquote } from './edges.ts';
import { rawId } from './identifiers.ts';
import { namesOf, type Mention } from './mentions.ts';
import type { Context } from './languages.ts';
import { matchEnd, phraseAt, smile, wordsOf } from './words.ts';

interface Split {
  /** The part that names the person. */
  readonly head: string;
  /** The message to speak; empty if it was announced but is missing; undefined if there is none. */
  readonly message: string | undefined;
}

/** Splits what follows a verb into person and message, at the first connector or colon. */
export function splitMessage(
  text: string,
  from: number,
  { mentions, language }: Pick<Context, 'mentions' | 'language'>,
): Split {
  const colon = separatorIn(text, from);
  const head = text.slice(from, colon);
  const words = wordsOf(head, language.spelling);
  const connectors = language.message;
  const at = words.findIndex((_, index) => phraseAt(words, index, connectors) > 0);
  if (at < 0)
    return {
      head,
      message:
        colon === undefined ? undefined : messageOf(text.slice(colon).replace(/^[\s:：]+/u, ''), mentions),
    };
  const last = words[at + phraseAt(words, at, connectors) - 1];
  // The connector may be followed by ", " or ": ".
  const spoken = text.slice(from + (last?.end ?? 0)).replace(/^[\s,:：，]+/u, '');
  return { head: head.slice(0, words[at]?.start), message: messageOf(spoken, mentions) };
}

/** The message as written; empty if it has nothing to speak. */
export function messageOf(text: string, mentions: readonly Mention[]): string {
  const message = unquote(namesOf(text, mentions).trim()).trim();
  return alphanumeric.test(message) ? message : '';
}

/** Index of the first colon that is a separator, not part of a quote, id, time, address or emoticon. */
function separatorIn(text: string, from: number): number | undefined {
  for (let at = from; at < text.length; at += 1) {
    const startsWord = at === from || /[\s,;("“„]/u.test(text.charAt(at - 1));
    if (startsWord)
      at = Math.max(at, quoteEnd(text, at), matchEnd(rawId, text, at), matchEnd(smile, text, at));
    const char = text.charAt(at);
    if (char === '：' || (char === ':' && isSeparator(text, at))) return at;
  }
  return undefined;
}

function isSeparator(text: string, at: number): boolean {
  const before = text.slice(Math.max(0, at - 8), at);
  const after = text.slice(at + 1, at + 40);
  const time = /(?:^|[^\p{L}\p{N}])\d{1,2}$/u.test(before) && /^\d{2}(?!\d)/.test(after);
  const scheme = after.startsWith('//') || /(?:^|[\s<(])(?:mailto|sip|tel)$/i.test(before);
  const phone = after.startsWith('+') && /(?:^|\s)4$/.test(before);
  const gluedSmile = /^-?[()](?:\s|$)/.test(after);
  return !time && !scheme && !phone && !gluedSmile;
}
