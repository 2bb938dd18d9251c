import type { PersonQuery } from './command.ts';
import { closings, hastes, isOnlyClosing } from './courtesies.ts';
import { nameOf, unquote } from './edges.ts';
import { byIdentifier } from './identifiers.ts';
import { tidy } from './mentions.ts';
import {
  alsoNames,
  namesWithMessage,
  notAfterFirst,
  notFirst,
  notInNames,
  notWithin,
  pronouns,
  sentence,
  titles,
} from './nameWords.ts';
import {
  isMention,
  keyOf,
  phraseAtEnd,
  phrases,
  sliceOf,
  wordsOf,
  type Context,
  type NoPerson,
  type Word,
} from './words.ts';

const byPhone = phrases('on the phone, by phone, on|in|via teams');

const timeLike = /^\d{1,2}(?:[:.]\d{2}|\s?[ap]m|h)$|\d:\d\d|:\/\//;

/**
 * The person that a text names, or why it names nobody. Quoted text is taken as a name as it is; other text is `unclear`
 * if it could be part of a sentence.
 */
export function readPerson(text: string, context: Context, hasMessage = false): PersonQuery | NoPerson {
  let words = wordsOf(text);
  if (words.length === 0) return 'missing';
  if (words.length > 40) return 'unclear';
  for (;;) {
    const part = sliceOf(text, words);
    const quoted = unquote(part);
    if (quoted !== part && !wordsOf(part).some(isMention))
      return { by: 'text', text: tidy(quoted).replace(/\n/g, ' ') };
    const app = voiceAppIn(words, part, context);
    if (app) return app;
    const closing = phraseAtEnd(words, words.length, [...(hasMessage ? hastes : closings), ...byPhone]);
    if (closing === 0 || closing === words.length) break;
    words = words.slice(0, -closing);
  }
  if (isOnlyClosing(words)) return 'missing';
  const name = nameOf(sliceOf(text, words));
  return mentioned(words, context) ?? byIdentifier(name, words) ?? byName(name, words, hasMessage);
}

/** Recognises the name of a voice app, which may be any words, with or without "the". */
function voiceAppIn(words: readonly Word[], part: string, { voiceApps }: Context): PersonQuery | undefined {
  const named = words[0]?.key === 'the' ? words.slice(1) : words;
  for (const candidate of [words, named]) {
    const keys = candidate.map(({ key }) => key).join(' ');
    const [first] = candidate;
    if (first && voiceApps.includes(keys)) {
      return { by: 'text', text: nameOf(part.slice(first.start - (words[0]?.start ?? 0))) };
    }
  }
  return undefined;
}

function mentioned(words: readonly Word[], { mentions }: Context): PersonQuery | NoPerson | undefined {
  if (!words.some(isMention)) return undefined;
  const people = new Set(words.filter(isMention).map(({ key }) => key));
  if (people.size > 1) return 'several';
  const mention = mentions[Number.parseInt(words.find(isMention)?.key.slice(1) ?? '', 10)];
  return words.every(isMention) && mention
    ? { by: 'mention', id: mention.id, name: mention.name }
    : 'unclear';
}

function byName(name: string, words: readonly Word[], hasMessage: boolean): PersonQuery | NoPerson {
  const keys = words.map(({ key }) => key);
  const last = keys.length - 1;
  if (keys.length > 8 || name.length > 150 || name.includes('\n')) return 'unclear';
  if (keys.includes('and') || name.split(/[,，、;；]/u).length > 2) return 'several';
  const doubts = [...keys.entries()].filter(
    ([at, key]) =>
      sentence.has(key) ||
      notInNames.has(key) ||
      timeLike.test(key) ||
      key.endsWith("'s") ||
      (at === 0 && (notFirst.has(key) || pronouns.has(key))) ||
      ((at > 0 || last === 0) && notAfterFirst.has(key)) ||
      (at > 0 && at < last && notWithin.has(key)),
  );
  if (endsSentenceWithin(name) || /\s[a–—-]\s/i.test(name)) return 'unclear';
  if (doubts.length === 0) return { by: 'text', text: name };
  // Such a word alone is more likely the start of a sentence that was sent too early.
  const mayBeName = doubts.every(
    ([at, key]) =>
      (alsoNames.has(key) && !(key === 'or' && at > 0)) || (hasMessage && namesWithMessage.has(key)),
  );
  const isEnough = doubts.length < 3 && (keys.length > 1 || hasMessage);
  return mayBeName && isEnough ? { by: 'text', text: name, doubtful: true } : 'unclear';
}

/** "Adele. Build red" is two sentences; "Dr. Adele V. Vance" is a name. */
function endsSentenceWithin(name: string): boolean {
  return name
    .split(/\s+/)
    .slice(0, -1)
    .some((raw) => /[!?！？。]$/u.test(raw) || (/\p{L}{4}\.$/u.test(raw) && !titles.has(keyOf(raw))));
}
