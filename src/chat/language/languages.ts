/** The languages of chat commands, ready to read messages with. Their phrases are in src/texts/commands. */
import { z } from 'zod';
import { clean, expanded } from '../../directory/folding.ts';
import { commandFileOf, commandLanguages } from '../../texts/commandFiles.ts';
import { commandPhrases, nearKinds, spelling as spellingShape } from '../../texts/commands/commandPhrases.ts';
import { framesIn, isSlot, phrasesIn, wordsIn, type Slot } from '../../texts/commands/notation.ts';
import { languagePart } from '../../texts/languageFiles.ts';
import type { NearCommand } from './command.ts';
import type { Mention } from './mentions.ts';
import { apostrophe, phraseOf, phrasesOf, type Phrase, type Phrases, type Spelling } from './words.ts';

/** The phrases around slots: one part more than slots. A part without words is null. */
export interface Frame {
  readonly parts: readonly (Phrases | null)[];
  readonly slots: readonly Slot[];
}

type Read = z.infer<ReturnType<typeof commandPhrases<Phrases, readonly Frame[]>>>;

export interface Language extends Omit<Read, 'script' | 'splits' | 'near'> {
  readonly spelling: Spelling;
  /** Signs of a command in an unclear message, by their first word. */
  readonly hints: ReadonlyMap<string, readonly Hint[]>;
}

/** A message as one language reads it. */
export interface Context {
  readonly text: string;
  readonly mentions: readonly Mention[];
  /** The words of each voice app's name, joined by spaces. */
  readonly voiceApps: readonly string[];
  readonly language: Language;
}

interface Hint {
  readonly near: NearCommand;
  readonly phrase: Phrase;
}

/** Most languages: words between spaces. */
const SPACED: Spelling = { script: 'spaces', split: null };

const languages = new Map<string, Language>();

/** @param tag a language of {@link commandLanguages}. Its file is read when it is first needed. */
function languageOf(tag: string): Language {
  const known = languages.get(tag);
  if (known) return known;
  const language = readLanguage(commandFileOf(tag));
  languages.set(tag, language);
  return language;
}

export const english = (): Language => languageOf(commandLanguages[0] ?? 'en');

/** The language of commands for a locale (BCP 47): English if it has none of its own. */
export const languageFor = (locale: string): Language =>
  languageOf(commandLanguages.find((tag) => languagePart(tag) === languagePart(locale)) ?? 'en');

/** A call with a message: "call Adele: the build is red". */
export const suggestionOf = ({ suggestion }: Language, person: string, message: string): string =>
  suggestion.replace('{person}', () => person).replace('{message}', () => message);

/** Any letter of Japanese. */
export const japanese = /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}]/u;

/**
 * The other languages that a text could be in.
 *
 * @param own the writer's language (BCP 47). It comes first: some phrases belong to two languages.
 */
export function* otherLanguages(text: string, own = ''): Generator<Language> {
  const isOwn = (other: string): boolean => languagePart(other) === languagePart(own);
  const others = commandLanguages.slice(1);
  for (const tag of [...others.filter(isOwn), ...others.filter((other) => !isOwn(other))]) {
    const language = languageOf(tag);
    if (language.spelling.script === 'spaces' || japanese.test(text)) yield language;
  }
}

const shape = z.object(spellingShape);

/** @throws ZodError if the file is malformed; a test says in plain words what is wrong with one */
function readLanguage(file: unknown): Language {
  const { script, splits } = shape.parse(file);
  const spelling: Spelling =
    script === 'spaces' && !splits
      ? SPACED
      : { script, split: splits ? splitAt(splits.apostrophe, splits.hyphen) : null };
  const keysOf = (text: string): Phrase => (spelling === SPACED ? text.split(' ') : phraseOf(text, spelling));
  // People leave out accents, but a wrong one makes another word: "llamé" (I called) is not "llame" (call).
  const spelt = (text: string): Phrase[] =>
    isAscii.test(text) ? [keysOf(text)] : [...new Set([text, expanded(clean(text))])].map(keysOf);
  const phrases = (rows: readonly string[]): Phrases => phrasesOf(rows.flatMap(phrasesIn).flatMap(spelt));
  const words = (rows: readonly string[]): Phrases => phrasesOf(rows.flatMap(wordsIn).flatMap(spelt));
  const frames = (rows: readonly string[]): Frame[] =>
    rows.flatMap(framesIn).map(({ parts, slots }) => ({
      parts: parts.map((part) => (part === '' ? null : phrases([part]))),
      slots: slots.filter(isSlot),
    }));
  const { near, ...lists } = commandPhrases({ phrases, words, frames }).parse(file);
  const hints = nearKinds.flatMap((kind) =>
    [...(near[kind]?.byFirst.values() ?? [])].flat().map((phrase) => ({ near: kind, phrase })),
  );
  return { ...lists, spelling, hints: Map.groupBy(hints, ({ phrase }) => phrase[0] ?? '') };
}

const isAscii = /^[\0-\x7f]*$/;

/** @param before words that an apostrophe follows; @param after words that a hyphen precedes */
function splitAt(before: string, after: string): RegExp {
  const either = (words: string): string => words.split(' ').join('|');
  const first = `^[^\\p{L}\\p{N}]*(?:${either(before)})${apostrophe.source}`;
  const last = `[-‐‑](?:${either(after)})(?![\\p{L}\\p{N}])`;
  return new RegExp(`(?<=${first})|(?=${last})`, 'iu');
}
