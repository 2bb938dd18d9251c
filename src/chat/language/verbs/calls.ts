import type { Command } from '../command.ts';
import { isOnlyClosing, withoutClosing } from '../courtesies.ts';
import { nameOf } from '../edges.ts';
import { fill, fillCallAndSay, fillWithMessage, withoutColon } from '../frames.ts';
import { namesIn } from '../lists.ts';
import { namesOf } from '../mentions.ts';
import { messageOf, splitMessage } from '../messages.ts';
import { readPerson } from '../people.ts';
import { suggestionOf, type Context } from '../languages.ts';
import { endsInColon, phraseAt, wordsOf, type Word } from '../words.ts';

const noPerson: Command = { kind: 'incomplete', of: 'call', missing: 'person' };

export function parseCall(words: readonly Word[], context: Context): Command | undefined {
  const { language, text, mentions } = context;
  const { call } = language.frames;
  const me = parseCallMe(words, context);
  if (me) return me;
  const both = fillCallAndSay(words, text, language);
  if (both) {
    const spoken = text.slice(both.start, both.end).replace(/^[\s,、:：，]+/u, '');
    return callOf(both.named, messageOf(spoken, mentions), context);
  }
  const filled = fillWithMessage(words, call, context);
  if (filled === 'colon') return noPerson;
  if (filled) return callOf(filled.named, filled.message, context);
  const whole = call.filter(({ slots }) => slots.length === 0);
  if (fill(withoutClosing(words, language), whole)) return noPerson;
  const late = withoutColon(words, call, context);
  return late && suggested('call', late.who, late.rest, context);
}

/** "llámame": the verb already contains the person. */
function parseCallMe(words: readonly Word[], context: Context): Command | undefined {
  const { language, text } = context;
  const last = words[phraseAt(words, 0, language.frames.callMe) - 1];
  if (!last) return undefined;
  const { head, message } = splitMessage(text, endsInColon(last, text) ? last.end - 1 : last.end, context);
  if (!isOnlyClosing(wordsOf(head, language.spelling), language)) return undefined;
  if (message === '') return { kind: 'incomplete', of: 'call', missing: 'message' };
  return { kind: 'call', person: { by: 'self' }, ...(message !== undefined && { message }) };
}

function callOf(named: string, message: string | undefined, context: Context): Command {
  const { language } = context;
  const [only, ...more] = withoutClosing(wordsOf(named, language.spelling), language);
  if (only && more.length === 0 && /^[1-9]$/.test(only.key) && message === undefined) {
    return { kind: 'choice', number: Number(only.key) };
  }
  const person = readPerson(named, context, message !== undefined);
  if (person === 'missing') return noPerson;
  if (person === 'outsideTeams') return { kind: 'outsideTeams' };
  if (person === 'several') {
    const people = namesIn(named, language).map((part) => readPerson(part, context));
    const known = people.filter((one) => typeof one !== 'string');
    if (known.length < people.length || message === '')
      return unclearCall('escalate', named, message, context);
    return message === undefined
      ? { kind: 'callSeveral', people: known }
      : { kind: 'callSeveral', people: known, message };
  }
  if (person === 'unclear') return unclearCall('call', named, message, context);
  if (message === '') return { kind: 'incomplete', of: 'call', missing: 'message' };
  return message === undefined ? { kind: 'call', person } : { kind: 'call', person, message };
}

/** Where a message without a colon may start: "Adele, the build", "Adele - the build", "Adele. The build". */
const afterName = /[,，;、\n]|\s[–—-]\s|[.!。]\s|(?<=\uE001)\s|\s(?=the\s)/iu;

/** "call Adele, the build is red": suggests the same with a colon. */
function unclearCall(
  near: 'call' | 'escalate',
  named: string,
  message: string | undefined,
  context: Context,
): Command {
  const text = named.trim();
  const cut = message === undefined ? afterName.exec(text) : null;
  const who = text.slice(0, cut?.index);
  const rest = cut ? text.slice(cut.index + cut[0].length).trim() : '';
  return suggested(near, who, rest, context);
}

/** @param rest the message, if it is one */
function suggested(near: 'call' | 'escalate', who: string, rest: string, context: Context): Command {
  const { language, mentions } = context;
  const isMessage =
    wordsOf(rest, language.spelling).length > 1 && typeof readPerson(who, context) !== 'string';
  if (!isMessage) return { kind: 'unknown', near };
  return { kind: 'unknown', near, say: namesOf(suggestionOf(language, nameOf(who), rest), mentions) };
}
