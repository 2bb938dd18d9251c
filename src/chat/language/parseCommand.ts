/**
 * Parses a message into a command. A message places a call only if all of it reads as a request for one: it must begin
 * with a verb such as "call" (after greetings and polite words), and what follows must look like a person. Everything
 * else is `unknown`, with the command that was probably meant.
 *
 * The words are read from left to right. No pattern has nested repetition, so the time is linear.
 */
import type { Command, ParseOptions } from './command.ts';
import { endsInRequest, leadIn } from './courtesies.ts';
import { trimEdges, unquote } from './edges.ts';
import { english, otherLanguages, type Language, type Context } from './languages.ts';
import { maximumLength, namesOf, placeholders, tidy, type Mention } from './mentions.ts';
import { spokenPart } from './spokenPart.ts';
import { unknown } from './nearMisses.ts';
import { changesNothing, isCarriedOut, isTickedOff, moodOf, withoutMarks } from './questions.ts';
import { parseCall } from './verbs/calls.ts';
import { parseChoice } from './verbs/choice.ts';
import { parseCover, parseOnCall } from './verbs/duty.ts';
import { parseEscalate, parseTest } from './verbs/escalations.ts';
import { parseFixedWording } from './verbs/fixedWordings.ts';
import { parseLanguage } from './verbs/language.ts';
import { parseLimit } from './verbs/limits.ts';
import { parseSwap } from './verbs/swap.ts';
import { parseWhoIs } from './verbs/whoIs.ts';
import { joinedKeys, phraseOf, phrasesOf, wordsOf, type Spelling, type Word } from './words.ts';

/** The first parser that recognises the words decides. */
const parsers: readonly ((words: readonly Word[], context: Context) => Command | undefined)[] = [
  parseFixedWording,
  parseChoice,
  parseLanguage,
  parseLimit,
  parseOnCall,
  parseWhoIs,
  parseTest,
  parseSwap,
  parseCover,
  parseEscalate,
  parseCall,
];

/**
 * Parses one chat message.
 *
 * @param text from {@link readMentions}; any other string works too.
 * @param mentions the mentions that the placeholders in the text refer to.
 * @returns always a command, whatever the text.
 * @throws ZodError, SyntaxError if a language's file of phrases is malformed: it is read when it is first needed.
 */
export function parseCommand(
  text: string,
  mentions: readonly Mention[],
  options: ParseOptions = {},
): Command {
  if (text.trim().length > maximumLength) return { kind: 'tooLong' };
  const clean = tidy(keepKnownPlaceholders(text, mentions));
  if (clean === '') return { kind: 'empty' };
  const whole = unquote(clean);
  if (!/[\p{L}\p{N}]/u.test(whole)) return /^[?？\s]+$/u.test(whole) ? { kind: 'help' } : { kind: 'unknown' };
  // What is clear in English is English, in every chat.
  const read = new Map<Spelling, Word[]>();
  const parse = (language: Language): Command => {
    const words = read.get(language.spelling) ?? wordsOf(whole, language.spelling);
    read.set(language.spelling, words);
    return parseIn(language, whole, words, mentions, options);
  };
  let command = parse(english());
  for (const language of otherLanguages(whole, options.locale)) {
    if (command.kind !== 'unknown') return command;
    const other = parse(language);
    if (other.kind !== 'unknown' || clarity(other) > clarity(command)) command = other;
  }
  return command;
}

/** How much an answer to an unknown message can say. */
const clarity = ({ near, say }: Extract<Command, { kind: 'unknown' }>): number =>
  say !== undefined ? 2 : near !== undefined ? 1 : 0;

function parseIn(
  language: Language,
  text: string,
  words: readonly Word[],
  mentions: readonly Mention[],
  { botNames = ['Ringdown'], voiceApps = [] }: ParseOptions,
): Command {
  const { spelling } = language;
  const lead = leadIn(words, phrasesOf(botNames.map((name) => phraseOf(name, spelling))), language);
  const rest = words.slice(lead.length);
  const apps = voiceApps.map((name) => joinedKeys(wordsOf(name, spelling)));
  const context: Context = { text, mentions, voiceApps: apps, language };
  if (rest.length === 0) return lead.greets ? { kind: 'greeting' } : unknown(words, language);

  const command = commandOf(rest, context) ?? unknown(words, language);
  if (changesNothing(command)) return command;
  const said = text.slice(rest[0]?.start);
  const isSpoken = 'message' in command && command.message !== undefined;
  const [before, spoken, after] = isSpoken ? spokenPart(said, context) : [said, '', ''];
  const own = `${before}${after}`;
  if (isTickedOff(command, `${text.slice(0, rest[0]?.start)}${own}`)) return unknown(words, language);
  const mood = moodOf(own, lead.asks || endsInRequest(wordsOf(own, spelling), language));
  if (isCarriedOut(command, mood)) return command;
  const plain = `${withoutMarks(before)}${spoken}${withoutMarks(after)}`;
  return { kind: 'question', say: trimEdges(namesOf(plain, mentions)) };
}

function commandOf(words: readonly Word[], context: Context): Command | undefined {
  for (const parse of parsers) {
    const command = parse(words, context);
    if (command) return command;
  }
  return undefined;
}

function keepKnownPlaceholders(text: string, mentions: readonly Mention[]): string {
  return text
    .replace(placeholders, (token, index: string) => (Number(index) < mentions.length ? token : ' '))
    .replace(/\uE000(?!\d{1,3}\uE001)/g, '')
    .replace(/(?<!\uE000\d{1,3})\uE001/g, '');
}
