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
import { maximumLength, namesOf, placeholders, tidy, type Mention } from './mentions.ts';
import { splitMessage } from './messages.ts';
import { unknown } from './nearMisses.ts';
import { isCarriedOut, moodOf, withoutMarks } from './questions.ts';
import { parseCall } from './verbs/calls.ts';
import { parseChoice } from './verbs/choice.ts';
import { parseCover, parseOnCall } from './verbs/duty.ts';
import { parseEscalate, parseTest } from './verbs/escalations.ts';
import { parseFixedWording } from './verbs/fixedWordings.ts';
import { parseLanguage } from './verbs/language.ts';
import { parseLimit } from './verbs/limits.ts';
import { parseWhoIs } from './verbs/whoIs.ts';
import { joinedKeys, phraseOf, wordsOf, type Context, type Word } from './words.ts';

/** The first parser that recognises the words decides. */
const parsers: readonly ((words: readonly Word[], context: Context) => Command | undefined)[] = [
  parseFixedWording,
  parseChoice,
  parseLanguage,
  parseLimit,
  parseOnCall,
  parseWhoIs,
  parseTest,
  parseCover,
  parseEscalate,
  parseCall,
];

/**
 * Parses one chat message.
 *
 * @param text from {@link readMentions}; any other string works too.
 * @param mentions the mentions that the placeholders in the text refer to.
 * @returns always a command; never throws.
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
  const words = wordsOf(whole);
  if (words.length === 0) return /^[?？\s]+$/u.test(whole) ? { kind: 'help' } : { kind: 'unknown' };

  const lead = leadIn(words, (options.botNames ?? ['Ringdown']).map(phraseOf));
  const rest = words.slice(lead.length);
  const context: Context = { text: whole, mentions, voiceApps: (options.voiceApps ?? []).map(joinedKeys) };
  if (rest.length === 0) return lead.greets ? { kind: 'greeting' } : unknown(words);

  const command = commandOf(rest, context) ?? unknown(words);
  const said = whole.slice(rest[0]?.start);
  const message = 'message' in command && command.message !== undefined;
  const head = message ? splitMessage(said, 0, mentions).head : said;
  const mood = moodOf(head, lead.asks || endsInRequest(wordsOf(head)));
  if (isCarriedOut(command, mood)) return command;
  const names = namesOf(withoutMarks(head) + said.slice(head.length), mentions);
  return { kind: 'question', say: trimEdges(names) };
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
