import type { PersonQuery } from './command.ts';
import { isOnlyClosing } from './courtesies.ts';
import { nameOf, unquote } from './edges.ts';
import { byIdentifier } from './identifiers.ts';
import { english, type Language, type Context } from './languages.ts';
import { tidy } from './mentions.ts';
import {
  isMention,
  joinedKeys,
  keyOf,
  phraseAt,
  phraseAtEnd,
  sliceOf,
  wordsOf,
  type NoPerson,
  type Phrases,
  type Word,
} from './words.ts';

const timeLike = /^\d{1,2}(?:[:.]\d{2}|\s?[ap]m|h)$|\d:\d\d|:\/\//;

/**
 * The person that a text names, or why it names nobody. Quoted text is taken as a name as it is; other text is `unclear`
 * if it could be part of a sentence.
 */
export function readPerson(text: string, context: Context, hasMessage = false): PersonQuery | NoPerson {
  const { language } = context;
  const { polite, spelling } = language;
  let words: readonly Word[] = wordsOf(text, spelling);
  if (words.length === 0) return 'missing';
  if (words.length > 60) return 'unclear';
  for (;;) {
    const part = sliceOf(text, words);
    const quoted = unquote(part);
    if (quoted !== part && !words.some(isMention))
      return { by: 'text', text: tidy(quoted).replace(/\n/g, ' ') };
    const app = voiceAppIn(words, part, context);
    if (app) return app;
    const ends = [
      polite.hastes,
      polite.byPhone,
      ...(hasMessage ? [] : [polite.closings, polite.requestsAtEnd]),
    ];
    const { length } = words;
    const closing = Math.max(...ends.map((phrases) => phraseAtEnd(words, length, phrases)));
    if (closing === 0 || closing === words.length) break;
    words = words.slice(0, -closing);
  }
  if (isOnlyClosing(words, language)) return 'missing';
  words = withoutAddress(words, language);
  const name = nameOf(sliceOf(text, words));
  return (
    mentioned(words, context) ??
    byIdentifier(name, words, language) ??
    byName(name, words, hasMessage, language)
  );
}

/** "Frau Vance", "田中さん" */
function withoutAddress(words: readonly Word[], { names }: Language): readonly Word[] {
  const before = phraseAt(words, 0, names.addressBefore);
  const after = phraseAtEnd(words, words.length, names.addressAfter);
  return before + after < words.length ? words.slice(before, words.length - after) : words;
}

/** Recognises the name of a voice app, which may be any words, with or without "the". */
function voiceAppIn(
  words: readonly Word[],
  part: string,
  { voiceApps, language }: Context,
): PersonQuery | undefined {
  const named = words.slice(phraseAt(words, 0, language.names.articles));
  for (const candidate of [words, named]) {
    const [first] = candidate;
    if (first && voiceApps.includes(joinedKeys(candidate))) {
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

/** The most words in a name. */
const longest = { spaces: 8, characters: 20 };

function byName(
  name: string,
  words: readonly Word[],
  hasMessage: boolean,
  language: Language,
): PersonQuery | NoPerson {
  const { names } = language;
  const last = words.length - 1;
  if (words.length > longest[language.spelling.script] || name.length > 150 || name.includes('\n'))
    return 'unclear';
  // A longer name with such a word in it is a name: 明日香 is not 明日.
  const has = (at: number, list: Phrases): boolean => {
    const length = phraseAt(words, at, list);
    return length > 0 && length >= phraseAt(words, at, names.alsoNames);
  };
  if (words.some((_, at) => has(at, names.and)) || name.split(/[,，、;；]/u).length > 2) return 'several';
  const ordinary = english().names;
  const isDoubt = ({ key }: Word, at: number): boolean =>
    has(at, names.sentence) ||
    has(at, ordinary.sentence) ||
    has(at, names.notInNames) ||
    has(at, ordinary.notInNames) ||
    timeLike.test(key) ||
    key.endsWith("'s") ||
    (at === 0 && (has(at, names.notFirst) || has(at, names.pronouns))) ||
    ((at > 0 || last === 0) && has(at, names.notAfterFirst)) ||
    (at > 0 && at < last && has(at, names.notWithin));
  const doubts = [...words.entries()].filter(([at, word]) => isDoubt(word, at));
  if (endsSentenceWithin(name, names.titles) || /\s[a–—-]\s/i.test(name)) return 'unclear';
  const isJapanese = language.spelling.script === 'characters';
  if (isJapanese && (particleWithin.test(name) || japaneseTime.test(name))) return 'unclear';
  if (doubts.length === 0) {
    const isDoubtful = isJapanese && particleAfterName.test(name);
    return { by: 'text', text: name, ...(isDoubtful && { doubtful: true }) };
  }
  // Such a word alone is more likely the start of a sentence that was sent too early.
  const mayBeName = doubts.every(
    ([at, { key }]) =>
      (has(at, names.alsoNames) && !(key === 'or' && at > 0)) ||
      (hasMessage && has(at, names.namesWithMessage)),
  );
  const isEnough = doubts.length < 3 && (words.length > 1 || hasMessage);
  return mayBeName && isEnough ? { by: 'text', text: name, doubtful: true } : 'unclear';
}

/** Hiragana between other letters is a particle or an ending: アレックスが田中. In names it stands at the end. */
const particleWithin =
  /[\p{sc=Hira}][\p{sc=Han}\p{sc=Kana}\p{sc=Latn}]|[\p{sc=Han}\p{sc=Kana}\p{sc=Latn}ー]\s?[はがのをもとにへでや]\s/u;
/** 5時, 10分 */
const japaneseTime = /\p{Nd}\s?[時分日月]/u;
/** 田中はるか is a name, アレックスから is not. */
const particleAfterName = /[\p{sc=Han}\p{sc=Kana}\p{sc=Latn}ー][はがのをもとにへでやか]/u;

/** "Adele. Build red" is two sentences; "Dr. Adele V. Vance" is a name. */
function endsSentenceWithin(name: string, titles: Phrases): boolean {
  return name
    .split(/\s+/)
    .slice(0, -1)
    .some((raw) => /[!?！？。]$/u.test(raw) || (/\p{L}{4}\.$/u.test(raw) && !titles.byFirst.has(keyOf(raw))));
}
