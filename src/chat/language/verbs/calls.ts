import type { Command } from '../command.ts';
import { withoutClosing } from '../courtesies.ts';
import { nameOf } from '../edges.ts';
import { namesIn } from '../lists.ts';
import { namesOf } from '../mentions.ts';
import { splitMessage } from '../messages.ts';
import { readPerson } from '../people.ts';
import {
  endsInColon,
  phraseAt,
  phraseAtEnd,
  phrases,
  sliceOf,
  wordsOf,
  type Context,
  type Phrase,
  type Word,
} from '../words.ts';

/** Ways to ask for a call: the words before the person, and those that must follow. */
const callWordings: readonly { readonly before: readonly Phrase[]; readonly after?: readonly Phrase[] }[] = [
  { before: phrases('call|phone|ring|dial|telephone up|please|') },
  { before: phrases('get me|'), after: phrases('on the phone|line') },
  { before: phrases('give'), after: phrases('a phone| call, a ring') },
  { before: phrases('connect me to|with, put me through to, make|place|start a call to|with') },
];

export function parseCall(words: readonly Word[], context: Context): Command | undefined {
  const { text } = context;
  for (const { before, after } of callWordings) {
    const length = phraseAt(words, 0, before);
    const last = words[length - 1];
    if (!last) continue;
    if (endsInColon(last, text)) return { kind: 'incomplete', of: 'call', missing: 'person' };
    const { head, message } = splitMessage(text, last.end, context.mentions);
    const named = strippedOf(head, after);
    return named === undefined ? undefined : callOf(named, message, context);
  }
  return undefined;
}

/** Removes the words that must follow the person; undefined if they are missing. */
function strippedOf(head: string, after: readonly Phrase[] | undefined): string | undefined {
  const words = withoutClosing(wordsOf(head));
  if (!after) return head;
  const end = phraseAtEnd(words, words.length, after);
  return end === 0 || end === words.length ? undefined : sliceOf(head, words.slice(0, -end));
}

function callOf(named: string, message: string | undefined, context: Context): Command {
  const [only, ...more] = withoutClosing(wordsOf(named));
  if (only && more.length === 0 && /^[1-9]$/.test(only.key) && message === undefined) {
    return { kind: 'choice', number: Number(only.key) };
  }
  const person = readPerson(named, context, message !== undefined);
  if (person === 'missing') return { kind: 'incomplete', of: 'call', missing: 'person' };
  if (person === 'outsideTeams') return { kind: 'outsideTeams' };
  if (person === 'several') {
    const people = namesIn(named).map((part) => readPerson(part, context));
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
  const isMessage = wordsOf(rest).length > 1 && typeof readPerson(who, context) !== 'string';
  if (!isMessage) return { kind: 'unknown', near };
  return { kind: 'unknown', near, say: namesOf(`call ${nameOf(who)}: ${rest}`, context.mentions) };
}
