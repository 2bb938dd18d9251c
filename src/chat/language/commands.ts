/**
 * From a message to what its writer wants. Nothing places a call unless the whole message reads as the wish for
 * one: it must begin with a verb of calling (after greetings and polite words), and what follows must look like
 * a person. All else is `unknown`, with the command that may have been meant.
 *
 * The text is read as words from left to right. No pattern repeats within a repetition, so the time is linear.
 */
import { maximumLength, placeholders, tidy } from './mentions.ts';
import type { Mention } from './mentions.ts';
import { isCarriedOut, moodOf, withoutMarks } from './questions.ts';
import type { Limit } from '../../texts/texts.ts';

/**
 * A person as named in chat; `text` is a name, UPN, mail address, object id or raw id as it was typed. What is
 * `doubtful` reads like a piece of a sentence too ("An Li", "you two"): only somebody of this very name is meant.
 */
export type PersonQuery =
  | { readonly by: 'text'; readonly text: string; readonly doubtful?: true }
  | { readonly by: 'mention'; readonly id: string; readonly name: string }
  | { readonly by: 'self' };

/** A command that an unknown message comes near to. */
export type NearCommand =
  | 'call'
  | 'escalate'
  | 'test'
  | 'acknowledge'
  | 'resolve'
  | 'hangUp'
  | 'status'
  | 'history'
  | 'whoIs'
  | 'onCall'
  | 'cover'
  | 'stopCallingMe'
  | 'allowCalls'
  | 'forgetMe'
  | 'pause'
  | 'resume'
  | 'help';

export type Command =
  /** `call Adele`, `call Adele: …`. The message keeps its own wording. */
  | { readonly kind: 'call'; readonly person: PersonQuery; readonly message?: string }
  /** `call Adele and Alex: …`: asked which of them, because a call has one callee. */
  | {
      readonly kind: 'callSeveral';
      readonly people: readonly PersonQuery[];
      readonly message?: string;
    }
  /** `escalate payments: …`, `escalate Adele, Alex: …`. Whether a text names a policy or a person is decided later. */
  | { readonly kind: 'escalate'; readonly targets: readonly PersonQuery[]; readonly message: string }
  /** `test payments` */
  | { readonly kind: 'test'; readonly policy: string }
  /** `ack` */
  | { readonly kind: 'acknowledge' }
  /** `resolve` */
  | { readonly kind: 'resolve' }
  /** `hang up`, `cancel` */
  | { readonly kind: 'hangUp' }
  /** `status` */
  | { readonly kind: 'status' }
  /** `history` */
  | { readonly kind: 'history' }
  /** `who is Adele` */
  | { readonly kind: 'whoIs'; readonly person: PersonQuery }
  /** `on call payments` */
  | { readonly kind: 'onCall'; readonly policy: string }
  /** `cover payments until 18:00`; `until` in the writer's own words. */
  | { readonly kind: 'cover'; readonly policy: string; readonly until: string }
  /** `stop calling me` */
  | { readonly kind: 'stopCallingMe' }
  /** `allow calls` */
  | { readonly kind: 'allowCalls' }
  /** `forget me` */
  | { readonly kind: 'forgetMe' }
  /** `pause`: the operator's stop. */
  | { readonly kind: 'pause' }
  /** `resume` */
  | { readonly kind: 'resume' }
  /** `help` */
  | { readonly kind: 'help' }
  /** `hi`, or nothing but the bot's name. */
  | { readonly kind: 'greeting' }
  /** `thanks` */
  | { readonly kind: 'thanks' }
  /** `2`, `call 2`: the answer to a choice, from 1. */
  | { readonly kind: 'choice'; readonly number: number }
  /** A command without the part that it cannot do without. */
  | {
      readonly kind: 'incomplete';
      readonly of: 'call' | 'escalate' | 'test' | 'whoIs' | 'onCall' | 'cover';
      readonly missing: 'person' | 'message' | 'targets' | 'policy' | 'until';
    }
  /** `call 112`, `call +49 30 …`, `call the police`: telephone numbers and emergency services cannot be called. */
  | { readonly kind: 'outsideTeams' }
  /** `record the call`, `add Megan to the call`, …: what a call to a Teams user does not offer. */
  | { readonly kind: 'limit'; readonly limit: Limit }
  | { readonly kind: 'empty' }
  | { readonly kind: 'tooLong' }
  /** `ack?`, `call Adele?`: a command put as a question, which does nothing; `say` is how it would be one. */
  | { readonly kind: 'question'; readonly say: string }
  /** `say`: how it would be one, as in `call Adele: the build is red` for what lacks the colon. */
  | { readonly kind: 'unknown'; readonly near?: NearCommand; readonly say?: string };

export interface ParseOptions {
  /** Names by which the bot is spoken to without a mention; `Ringdown` by default. */
  readonly botNames?: readonly string[];
  /** Names of voice applications. They are taken whole where a person's name would be doubted: `call the help desk`. */
  readonly voiceApps?: readonly string[];
}

/**
 * Parses one chat message.
 *
 * @param text of {@link readMentions}; any other string is taken too.
 * @param mentions to which the placeholders in the text point.
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

function commandOf(rest: readonly Word[], context: Context): Command | undefined {
  return (
    fixedCommand(rest) ??
    parseLimit(rest) ??
    parseOnCall(rest, context) ??
    parseWhoIs(rest, context) ??
    parseTest(rest, context) ??
    parseCover(rest, context) ??
    parseEscalate(rest, context) ??
    parseCall(rest, context)
  );
}

// ---------------------------------------------------------------------------------------------- words

interface Word {
  /** Lower case, without punctuation around it; of a mention its placeholder. */
  readonly key: string;
  readonly start: number;
  readonly end: number;
}

type Phrase = readonly string[];

interface Context {
  readonly text: string;
  readonly mentions: readonly Mention[];
  readonly voiceApps: readonly string[];
}

const wordPattern = /\uE000\d{1,3}\uE001|[^\s\uE000\uE001]+/gu;
const smile = /(?::[\w+-]{2,30}:|[:;]-?[DPO()/|*])(?=\s|$)/iy;
const alphanumeric = /[\p{L}\p{N}]/u;

const isMention = (word: Word | undefined): boolean => word?.key.startsWith('\uE000') ?? false;

/** The words of a text; what has neither letter nor digit is none. */
function wordsOf(text: string): Word[] {
  return [...text.matchAll(wordPattern)].flatMap((match) => {
    const [raw] = match;
    const key = raw.startsWith('\uE000') ? raw : matchEnd(smile, raw, 0) > 0 ? '' : keyOf(raw);
    return key === '' ? [] : [{ key, start: match.index, end: match.index + raw.length }];
  });
}

function keyOf(raw: string): string {
  const folded = raw
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\u200C\u200D]/g, '')
    .replace(/[’‘ʼ`´]/g, "'");
  return /[\p{L}\p{N}](?:.*[\p{L}\p{N}])?/su.exec(folded)?.[0] ?? '';
}

const phraseOf = (text: string): Phrase => wordsOf(text).map(({ key }) => key);
const joinedKeys = (text: string): string => phraseOf(text).join(' ');

/**
 * Phrases in a short notation: a comma separates phrases, `a|b` are alternatives for one place, an empty one makes
 * it optional, `_` is a space within an alternative: `show|show_me| my| calls`.
 */
function phrases(...rows: readonly string[]): readonly Phrase[] {
  const product = (pattern: string): string[] =>
    pattern
      .split(' ')
      .map((place) => place.split('|'))
      .reduce((heads, tails) => heads.flatMap((head) => tails.map((tail) => `${head}_${tail}`)), ['']);
  return rows
    .flatMap((row) => row.split(', ').flatMap(product))
    .map((phrase) => phrase.split('_').filter((word) => word !== ''));
}

/** Number of words of the longest of these phrases that stands at `at`; 0 if none does. */
function phraseAt(words: readonly Word[], at: number, candidates: readonly Phrase[]): number {
  let longest = 0;
  for (const phrase of candidates) {
    if (phrase.length > longest && phrase.every((key, i) => words[at + i]?.key === key))
      longest = phrase.length;
  }
  return longest;
}

/** Number of words of the longest of these phrases that ends before `end`. */
function phraseAtEnd(words: readonly Word[], end: number, candidates: readonly Phrase[]): number {
  const fits = candidates.filter((phrase) => phraseAt(words, end - phrase.length, [phrase]) > 0);
  return Math.max(0, ...fits.map((phrase) => phrase.length));
}

/** Commands are English; who greets in the other language of the cards is greeted too. */
const greetings = phrases(
  'hey|hi|hello there|, yo, howdy, dear, good morning|afternoon|evening',
  'hallo, servus, moin, guten morgen|tag|abend',
);
const courtesies = phrases(
  'please, pls, plz, kindly, just, now, ok, okay, quickly, immediately, asap, urgent, urgently, go ahead and',
);
/** Asks for something or tells a wish: enough for a call, not enough for an acknowledgement. */
const requests = phrases(
  "can|could|will|would you, can|could u, i need|want|would_like to|you_to, i'd like to|you_to",
);
const requestsAtEnd = phrases('can|could|will|would you');
/** Also between a name and its message: "call Adele now: …". */
const hastes = phrases(
  'now, right|straight now|away, at once, immediately, asap, as soon as possible, quickly, urgently, urgent',
  'again, please, pls, plz, for me',
);
const closings = [...hastes, ...phrases('thanks, thank you, thx, ok, okay'), ...requestsAtEnd];

/** How many words at the beginning only greet, ask or are polite. */
function leadIn(words: readonly Word[], botNames: readonly Phrase[]) {
  let [length, greets, asks] = [0, false, false];
  for (;;) {
    const greeting = Math.max(phraseAt(words, length, greetings), phraseAt(words, length, botNames));
    const request = phraseAt(words, length, requests);
    const step = Math.max(greeting, request, phraseAt(words, length, courtesies));
    if (step === 0) return { length, greets, asks };
    greets ||= greeting === step;
    asks ||= request === step;
    length += step;
  }
}

// ---------------------------------------------------------------------- commands of a fixed wording

const negations = "don't|dont|do_not|never";
const fixedWordings = {
  acknowledge: phrases(
    '|i ack|acknowledge |it|this|that, acknowledged, |i ack|acknowledge |the|this alert|escalation',
  ),
  resolve: phrases('resolve |it|this|that, resolved, resolve |the|this alert|escalation'),
  hangUp: phrases(
    'hang_up|hangup|cancel|stop|abort |it|this|that, hang_up|cancel|stop|abort |the|this|my call|escalation',
    'end |the|this|my call, hang up on him|her|them, stop calling |him|her|them',
  ),
  status: phrases(
    "|call|show|show_the|show_me_the status, what_is|what's|whats the status, what_is|what's running",
  ),
  history: phrases(
    '|show|show_me |my|the |call history, |show|show_me my |last|recent calls, last|recent calls',
  ),
  stopCallingMe: phrases(
    'stop calling|ringing|phoning me, no more calls, opt out',
    `${negations} call|ring|phone me |again|anymore|any_more|ever_again`,
  ),
  allowCalls: phrases(
    'allow calls |to_me |again, you can|may call me |again, start calling me |again, opt in',
  ),
  forgetMe: phrases('forget |about me, forget everything about me, delete my data'),
  pause: phrases('pause |all_calls|calls|all|calling|everything, stop all calls|calling'),
  resume: phrases('resume|unpause |all_calls|calls|all|calling|everything'),
  help: phrases(
    'help |me, i need help, call help, commands, usage, menu, what can|do you do, what can i say|do',
    'who|what are you, how does this work',
  ),
  thanks: phrases('thanks, |many thanks, thanks a lot, thank you |very_much, thx, ty, cheers'),
} satisfies Partial<Record<Command['kind'], readonly Phrase[]>>;
type FixedKind = keyof typeof fixedWordings;

const isFixedKind = (kind: string | undefined): kind is FixedKind =>
  kind !== undefined && kind in fixedWordings;
const fixedKinds = new Map(
  Object.entries(fixedWordings).flatMap(([kind, wordings]) =>
    wordings.map((wording) => [wording.join(' '), kind] as const),
  ),
);

const howTo = phrases('how do|can i|you, how to, how does');
const ordinals = ['first', 'second', 'third', 'fourth', 'fifth'];
const choicePrefixes = phrases('number, option, no, the, take, choose');

function fixedCommand(words: readonly Word[]): Command | undefined {
  for (const keys of [words, withoutClosing(words)]) {
    const kind = fixedKinds.get(keys.map(({ key }) => key).join(' '));
    if (isFixedKind(kind)) return { kind };
  }
  if (phraseAt(words, 0, howTo) > 0) return { kind: 'help' };
  return choice(words);
}

/** `2`, `#2`, `number 2`, `the second one` */
function choice(words: readonly Word[]): Command | undefined {
  const from = words.length > 1 ? phraseAt(words, 0, choicePrefixes) : 0;
  const [{ key } = { key: '' }, one, ...more] = withoutClosing(words).slice(from);
  if (more.length > 0 || (one && one.key !== 'one')) return undefined;
  if (!one && /^[1-9]\d?$/.test(key)) return { kind: 'choice', number: Number(key) };
  const ordinal = ordinals.indexOf(key);
  return ordinal < 0 ? undefined : { kind: 'choice', number: ordinal + 1 };
}

// --------------------------------------------------------------- what a call to a Teams user does not offer

const theCall = '|the_call|this_call|my_call|this|it|calls|all_calls|the_conversation';
/** The whole message reads so. */
const limitWordings: Readonly<
  Record<Exclude<Limit, 'groupCall' | 'forwarding' | 'transfer'>, readonly Phrase[]>
> = {
  recording: phrases(`record ${theCall}`, 'start|begin recording |the_call|this_call', 'call recording'),
  transcription: phrases(
    `transcribe ${theCall}`,
    'start|begin transcription|transcribing |the_call|this_call',
  ),
  voicemail: phrases(
    'voicemail, voice mail, leave|leave_a voicemail|voice_mail, send|send_it|go to voicemail|voice_mail',
  ),
  pickup: phrases('pick_up|pickup|answer the|that|this call, group|call pickup, group call pickup'),
  simultaneousRinging: phrases(
    'simultaneous ring|ringing, ring|call |all|both my phones|devices, ring everywhere',
  ),
  video: phrases('video call, start|make a video call, turn_on|start video, share my screen, screen sharing'),
  skypeForBusiness: phrases('call |somebody|someone|people on skype|skype_for_business, skype for business'),
};
const limitOf = new Map(
  Object.entries(limitWordings).flatMap(([limit, wordings]) =>
    wordings.map((wording) => [wording.join(' '), limit] as const),
  ),
);
const isLimit = (name: string): name is keyof typeof limitWordings => name in limitWordings;

/** The verb, and what must stand at the end; between them whom it is about. */
const limitFrames: readonly (readonly [Limit, readonly Phrase[], readonly Phrase[]])[] = [
  ['groupCall', phrases('add|invite|bring'), phrases('to|into|in the|this|my call, in')],
  ['groupCall', phrases('group|conference call, start|make a group|conference call'), []],
  ['forwarding', phrases('forward |my|the|this|all call|calls to'), []],
  ['transfer', phrases('transfer |me|the_call|this_call|it|him|her|them to'), []],
];

function parseLimit(words: readonly Word[]): Command | undefined {
  const keys = withoutClosing(words);
  const limit = limitOf.get(keys.map(({ key }) => key).join(' '));
  if (limit !== undefined && isLimit(limit)) return { kind: 'limit', limit };
  if (keys.length > 12) return undefined;
  for (const [framed, before, after] of limitFrames) {
    const start = phraseAt(keys, 0, before);
    if (start === 0) continue;
    const end = phraseAtEnd(keys, keys.length, after);
    if (after.length === 0 || (end > 0 && start + end < keys.length)) return { kind: 'limit', limit: framed };
  }
  return undefined;
}

// ------------------------------------------------------------------------------------------ policies

const policyArticles = phrases('for| the| policy|');

/** The policy's name in these words: as typed, without article and the word "policy"; undefined if it is a sentence. */
function policyIn(words: readonly Word[], text: string): string | undefined {
  let named = withoutClosing(words);
  const article = phraseAt(named, 0, policyArticles);
  if (named.length > article) named = named.slice(article);
  if (named.length > 1 && named.at(-1)?.key === 'policy') named = named.slice(0, -1);
  if (named.length === 0 || named.length > 6 || named.some(isMention)) return undefined;
  const keys = named.map(({ key }) => key);
  if (keys.some((key) => sentence.has(key)) || pronouns.has(keys[0] ?? '') || times.has(keys.at(-1) ?? '')) {
    return undefined;
  }
  const name = nameOf(sliceOf(text, named));
  return /[:：\n]/u.test(name) ? undefined : name;
}

const testVerbs = phrases('test');
const onCallWords = phrases("|who_is|who's|whos on_call|on-call|oncall, who_is|who's|whos on duty");

function parseTest(words: readonly Word[], { text }: Context): Command | undefined {
  return policyCommand('test', words, phraseAt(words, 0, testVerbs), text);
}

function parseOnCall(words: readonly Word[], { text }: Context): Command | undefined {
  return policyCommand('onCall', words, phraseAt(words, 0, onCallWords), text);
}

function policyCommand(
  kind: 'test' | 'onCall',
  words: readonly Word[],
  verb: number,
  text: string,
): Command | undefined {
  if (verb === 0) return undefined;
  const rest = words.slice(verb);
  if (isOnlyClosing(rest) || endsInColon(words[verb - 1], text)) {
    return { kind: 'incomplete', of: kind, missing: 'policy' };
  }
  const policy = policyIn(rest, text);
  return policy === undefined ? { kind: 'unknown', near: kind } : { kind, policy };
}

const coverVerbs = phrases("|i'll|i_will|let_me cover for|");
const untilWords = phrases('until, till, til');

function parseCover(words: readonly Word[], { text }: Context): Command | undefined {
  const verb = phraseAt(words, 0, coverVerbs);
  if (verb === 0) return undefined;
  const limit = words.findIndex((_, at) => at >= verb && phraseAt(words, at, untilWords) > 0);
  const named = words.slice(verb, limit < 0 ? undefined : limit);
  if (isOnlyClosing(named)) return { kind: 'incomplete', of: 'cover', missing: 'policy' };
  const policy = policyIn(named, text);
  if (policy === undefined) return { kind: 'unknown', near: 'cover' };
  const until = limit < 0 ? '' : trimEdges(sliceOf(text, withoutClosing(words.slice(limit + 1))));
  return until === ''
    ? { kind: 'incomplete', of: 'cover', missing: 'until' }
    : { kind: 'cover', policy, until };
}

// -------------------------------------------------------------------------------- people and targets

const whoAmI = phrases('who am i');
const whoIsWords = phrases("who is, who's, whos, whois");

function parseWhoIs(words: readonly Word[], context: Context): Command | undefined {
  if (phraseAt(words, 0, whoAmI) === words.length) return { kind: 'whoIs', person: { by: 'self' } };
  const verb = phraseAt(words, 0, whoIsWords);
  if (verb === 0) return undefined;
  const person = readPerson(sliceOf(context.text, words.slice(verb)), context);
  if (typeof person !== 'string') return { kind: 'whoIs', person };
  return person === 'missing'
    ? { kind: 'incomplete', of: 'whoIs', missing: 'person' }
    : { kind: 'unknown', near: 'whoIs' };
}

const escalateVerbs = phrases('escalate');
const escalateTo = phrases('it|this|that| to the|policy|, the|policy');

function parseEscalate(words: readonly Word[], context: Context): Command | undefined {
  const { text } = context;
  const [verb] = words;
  if (phraseAt(words, 0, escalateVerbs) === 0 || !verb) return undefined;
  const to = 1 + phraseAt(words, 1, escalateTo);
  const noTargets: Command = { kind: 'incomplete', of: 'escalate', missing: 'targets' };
  if (words.slice(0, to).some((word) => endsInColon(word, text))) return noTargets;

  const { head, message } = splitMessage(text, words[to - 1]?.end ?? verb.end, context.mentions);
  const named = withoutClosing(wordsOf(head));
  if (named.length === 0) return noTargets;
  const targets = splitTargets(sliceOf(head, named)).map((part) => readTarget(part, context));
  const people = targets.filter((target) => typeof target !== 'string');
  if (people.length < targets.length) return { kind: 'unknown', near: 'escalate' };
  if (people.length === 0) return noTargets;
  if (!message) return { kind: 'incomplete', of: 'escalate', missing: 'message' };
  return { kind: 'escalate', targets: people, message };
}

/** Parts between commas and between mentions. "A, B and C" has three; "sales and support" stays one. */
function splitTargets(text: string): string[] {
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
  return parts.flatMap((part, at) => splitAtAnd(part, at > 0 && at === parts.length - 1));
}

/** Each that may be a name of its own: "Adele and Alex" has two, "Vance, Adele" too. */
export function namesIn(text: string): string[] {
  return splitTargets(text).flatMap((part) => splitAtAnd(part, true));
}

/** Splits at mentions, and at "and" where it ends a list or stands beside a mention. */
function splitAtAnd(part: string, endsList: boolean): string[] {
  const words = wordsOf(part);
  if (unquote(part.trim()) !== part.trim()) return [part];
  const runs: Word[][] = [[]];
  for (const [at, word] of words.entries()) {
    const [before, after] = [words[at - 1], words[at + 1]];
    const separates = word.key === 'and' && (endsList || isMention(before) || isMention(after));
    if (separates || (isMention(word) && isMention(before))) runs.push([]);
    if (!separates) runs.at(-1)?.push(word);
  }
  return runs.filter((run) => run.length > 0).map((run) => sliceOf(part, run));
}

type NoPerson = 'missing' | 'unclear' | 'several' | 'outsideTeams';

/** A policy or a person. Names of policies may hold words that no person's name has: "out of hours". */
function readTarget(part: string, context: Context): PersonQuery | NoPerson {
  const words = wordsOf(part);
  const keys = words.map(({ key }) => key);
  if (unquote(part.trim()) !== part.trim() || words.some(isMention) || keys.join(' ') === 'me') {
    return readPerson(part, context);
  }
  const [first = ''] = keys;
  const isName = words.length > 1 && (alsoNames.has(first) || namesWithMessage.has(first));
  if (!isName && (pronouns.has(first) || (words.length > 1 && conjunctions.has(first)))) return 'unclear';
  if (words.length > 8 || keys.some((key) => sentence.has(key)) || part.includes('\n')) return 'unclear';
  return { by: 'text', text: nameOf(part) };
}

/** Ways to ask for a call: what stands before the person, and what must stand after them. */
const callWordings: readonly { readonly before: readonly Phrase[]; readonly after?: readonly Phrase[] }[] = [
  { before: phrases('call|phone|ring|dial|telephone up|please|') },
  { before: phrases('get me|'), after: phrases('on the phone|line') },
  { before: phrases('give'), after: phrases('a phone| call, a ring') },
  { before: phrases('connect me to|with, put me through to, make|place|start a call to|with') },
];
const byPhone = phrases('on the phone, by phone, on|in|via teams');

function parseCall(words: readonly Word[], context: Context): Command | undefined {
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

/** The person's part of a wording that must end in certain words; undefined if it does not. */
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

/** Where a message may begin that lacks its colon: "Adele, the build", "Adele - the build", "Adele. The build". */
const afterName = /[,，;、\n]|\s[–—-]\s|[.!。]\s|(?<=\uE001)\s|\s(?=the\s)/iu;

/** "call Adele, the build is red": with a colon it would be a message. */
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

// ------------------------------------------------------------------------------- is this a person?

const set = (...words: readonly string[]): ReadonlySet<string> =>
  new Set(words.flatMap((row) => row.split(' ')));

/** Words that make a sentence of what would be a name. None is a name in itself. */
const sentence = set(
  "is are was were be been being am isn't isnt aren't arent wasn't wasnt weren't had has have hasn't haven't",
  "would should could must might shall does did doing done doesn't doesnt didn't didnt don't dont won't wont",
  "can't cant cannot couldn't shouldn't wouldn't not never no i'm i'll i'd i've we're we'll you're it's its",
  'who whom whose what when where why which how if because unless whether while once whenever although though',
);
/** What no person's name has, though a policy's may. */
const notInNames = set(
  'about regarding concerning after before until since during without instead except off out then but also too',
  'maybe perhaps probably someday sometime eventually later yet already always next at in',
  'today tonight tomorrow yesterday morning afternoon evening midnight weekend minute minutes hour hours',
  'this that these those my your our their his her him them us me myself yourself it its we they she',
  'everybody everyone anybody anyone nobody',
  'called calls calling rang phoned dialled dialed',
);
/** Words with which a name may begin (Till, Soon, Just, Than), but not end. */
const notAfterFirst = set(
  'till til soon just than noon monday tuesday wednesday thursday friday saturday sunday',
);
/** Words that are names too (Will, Can, To, On, Or, He): doubted only where a name would not have them. */
const notWithin = set('the and or to on of from with by for will can do may an as so he into i is via per');
/** Words that no person's name begins with, or that make "call" a noun or an idiom. */
const notFirst = set(
  'a an the for from with to by about on of into upon over under through via between as so or and off out',
  'any some every each all both another no none back around ahead forth down away',
  'center centre centers centres queue queues log logs list lists recording recordings history status quality',
  'volume volumes rate rates stack flow flows forwarding waiting transfer sign sheet script button feature note',
  'notes summary transcript screen tone tones number numbers book plan plans road bell call calls group handler',
  'handling ended failed dropped started declined connected answered missed duration time timeout names attention',
  'dibs shenanigans bullshit quits bluff collect details detail leg legs control api function method duty',
  'road battery home system systems routing agent agents records record charges cost costs end setup settings options ring',
);
/** Words of these lists that are names as well (An Li, So Yeon, Do Minh, He Wei). */
const alsoNames = set('an any are bell can do he just may or she so soon than till we will you');
/** Those that are taken for names only where a message makes clear that somebody is called ("My Nguyen: hi"). */
const namesWithMessage = set('a as at back by her how i in is my no of off on the to');
const conjunctions = set('if when because unless whether while once or and but after before until');
const pronouns = set(
  'it this that these those me myself him her them us you yourself she they we i someone somebody anyone',
  'anybody everyone everybody nobody my your our their his its everything something nothing',
);
/** Alone they ask for a name. */
const unnamed = set('him her them us you yourself it this that someone somebody back up he she they please');
const times = set(
  'today tonight tomorrow yesterday later soon monday tuesday wednesday thursday friday saturday sunday',
);
const titles = set('dr prof mr mrs ms mx st jr sr ing dipl mag rev hon');
const emergency = new Set(
  phrases(
    'the|an|a| police|cops|ambulance|emergency|emergency_services|fire_department|fire_brigade|fire_service|doctor',
  ).map((phrase) => phrase.join(' ')),
);

const objectId = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
// 8:orgid:…, 8:acs:…, 8:gcch-acs:…, 28:orgid:…, 29:… of Teams. 4:+49… is a telephone.
const rawId = /(?:\d{1,2}:[a-z][a-z-]*:|\d{2}:(?=[\w-]{20}))[\w.@-]+/iy;
const mailAddress = /^[^\s@,:]+@[^\s@,:]+$/u;
const telephone = /^(?:4:)?[+(\d][\d\s()./-]*$/;
const timeLike = /^\d{1,2}(?:[:.]\d{2}|\s?[ap]m|h)$|\d:\d\d|:\/\//;

/**
 * Whom a piece of text names, or why nobody. Quoted text is taken whole; else it must read as a name: when it
 * could be part of a sentence it is `unclear`.
 */
function readPerson(text: string, context: Context, hasMessage = false): PersonQuery | NoPerson {
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

/** A voice application's name, which may be any words, with or without an article. */
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

/** What is no name but known by its form. */
function byIdentifier(name: string, words: readonly Word[]): PersonQuery | NoPerson | undefined {
  const keys = words.map(({ key }) => key).join(' ');
  if (keys === 'me' || keys === 'myself') return { by: 'self' };
  if (unnamed.has(keys)) return 'missing';
  const bare = name.replace(/^(?:mailto|sip|tel):/i, '');
  if (objectId.test(bare) || mailAddress.test(bare) || matchEnd(rawId, bare, 0) === bare.length) {
    return { by: 'text', text: bare };
  }
  return telephone.test(bare) || emergency.has(keys) ? 'outsideTeams' : undefined;
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
  // One such word alone is more likely the beginning of a sentence that was sent too early.
  const mayBeName = doubts.every(
    ([at, key]) =>
      (alsoNames.has(key) && !(key === 'or' && at > 0)) || (hasMessage && namesWithMessage.has(key)),
  );
  const isEnough = doubts.length < 3 && (keys.length > 1 || hasMessage);
  return mayBeName && isEnough ? { by: 'text', text: name, doubtful: true } : 'unclear';
}

/** "Adele. Build red" is two sentences, "Dr. Adele V. Vance" is a name. */
function endsSentenceWithin(name: string): boolean {
  return name
    .split(/\s+/)
    .slice(0, -1)
    .some((raw) => /[!?！？。]$/u.test(raw) || (/\p{L}{4}\.$/u.test(raw) && !titles.has(keyOf(raw))));
}

const nameOf = (text: string): string => {
  const trimmed = trimEdges(unquote(text.trim()));
  return trimmed.startsWith('@') ? trimEdges(trimmed.slice(1)) : trimmed;
};

// ------------------------------------------------------------------------------------------ messages

/** What leads over from the person to the words that are to be spoken. */
const connectors = phrases(
  'and|to|and_then|then say that|, saying that|, with the|this| message, with the message that',
  'and|to|and_then tell|inform him|her|them that|, telling him|her|them that|, and|to let him|her|them know that|',
);

interface Split {
  /** Who it is for. */
  readonly head: string;
  /** What is to be said; empty if that was announced and nothing came; undefined if it was not asked for. */
  readonly message: string | undefined;
}

/** Divides what follows a verb into person and message, at the first connector or colon. */
function splitMessage(text: string, from: number, mentions: readonly Mention[]): Split {
  const colon = separatorIn(text, from);
  const head = text.slice(from, colon);
  const words = wordsOf(head);
  const at = words.findIndex((_, index) => phraseAt(words, index, connectors) > 0);
  if (at < 0)
    return {
      head,
      message:
        colon === undefined ? undefined : messageOf(text.slice(colon).replace(/^[\s:：]+/u, ''), mentions),
    };
  const last = words[at + phraseAt(words, at, connectors) - 1];
  // ", " or ": " may stand between the connector and the message.
  const spoken = text.slice(from + (last?.end ?? 0)).replace(/^[\s,:：，]+/u, '');
  return { head: head.slice(0, words[at]?.start), message: messageOf(spoken, mentions) };
}

const namesOf = (text: string, mentions: readonly Mention[]): string =>
  text.replace(placeholders, (_, index: string) => mentions[Number(index)]?.name ?? '');

/** The message in its own wording; empty if nothing in it can be spoken. */
function messageOf(text: string, mentions: readonly Mention[]): string {
  const message = unquote(namesOf(text, mentions).trim()).trim();
  return alphanumeric.test(message) ? message : '';
}

const colons = ':：';
const doubleQuotes = '"“”„«»「」';

/** Index of the first colon that separates: none in quotes, ids, times, addresses and emoticons. */
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

/** Where the match of a sticky pattern at this place ends; -1 if there is none. */
function matchEnd(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : -1;
}

// ----------------------------------------------------------------------------------- quotes and edges

/** Opening and closing, two characters each. */
const quotePairs = `"" “” „“ „” ”” «» »« 「」 '' ‘’ ‚‘ \`\` () [] <> {}`.split(' ').map((pair) => [...pair]);

/** Without the quotes or brackets that hold the whole of it. */
function unquote(text: string): string {
  if (text.length < 3) return text;
  const pair = quotePairs.find(([open = '', close = '']) => text.startsWith(open) && text.endsWith(close));
  const inner = text.slice(1, -1);
  return pair && !pair.some((mark) => inner.includes(mark)) && alphanumeric.test(inner) ? inner.trim() : text;
}

/** Where the double quote that opens here closes, within the length of a name; -1 if none does. */
function quoteEnd(text: string, at: number): number {
  if (!doubleQuotes.includes(text.charAt(at))) return -1;
  const closers = quotePairs.flatMap(([open, close = '']) => (open === text.charAt(at) ? close : []));
  const ends = closers.map((close) => text.slice(at + 1, at + 200).indexOf(close)).filter((end) => end >= 0);
  return ends.length > 0 ? at + 1 + Math.min(...ends) : -1;
}

const edge =
  /[\s,.;:!?…。！？，、；：~*_`"“”„«»|\\/^=\-–—\p{Extended_Pictographic}\uFE0F\u200D\p{Emoji_Modifier}]/u;
const openings: Readonly<Record<string, string>> = { ')': '(', ']': '[', '>': '<', '}': '{' };

/** Without punctuation, marks and emoji around it; a bracket goes only if it has no partner. */
function trimEdges(text: string): string {
  const chars = [...text];
  const all = new Set(chars);
  const drops = (char: string | undefined): boolean =>
    char !== undefined && (edge.test(char) || (char in openings && !all.has(openings[char] ?? '')));
  let [start, end] = [0, chars.length];
  while (end > start && drops(chars[end - 1])) end -= 1;
  while (start < end && drops(chars[start])) start += 1;
  return chars.slice(start, end).join('');
}

const sliceOf = (text: string, words: readonly Word[]): string =>
  text.slice(words[0]?.start ?? 0, words.at(-1)?.end ?? 0);

const endsInColon = (word: Word | undefined, text: string): boolean =>
  word !== undefined && colons.includes(text.charAt(word.end - 1));

/** Without the polite words at the end, as long as something remains. */
function withoutClosing(words: readonly Word[]): readonly Word[] {
  let end = words.length;
  for (;;) {
    const closing = phraseAtEnd(words, end, closings);
    if (closing === 0 || closing === end) return words.slice(0, end);
    end -= closing;
  }
}

/** "Call Adele, would you" */
function endsInRequest(words: readonly Word[]): boolean {
  const { length } = withoutClosing(words);
  return words.some((_, at) => at >= length && phraseAt(words, at, requestsAtEnd) > 0);
}

function isOnlyClosing(words: readonly Word[]): boolean {
  const left = withoutClosing(words);
  return left.length === phraseAtEnd(left, left.length, closings);
}

function keepKnownPlaceholders(text: string, mentions: readonly Mention[]): string {
  return text
    .replace(placeholders, (token, index: string) => (Number(index) < mentions.length ? token : ' '))
    .replace(/\uE000(?!\d{1,3}\uE001)/g, '')
    .replace(/(?<!\uE000\d{1,3})\uE001/g, '');
}

// ------------------------------------------------------------------------------- what may be meant

const hints: readonly (readonly [near: NearCommand, keys: ReadonlySet<string>])[] = [
  ['escalate', set('escalate escalates escalated escalating escalation')],
  ['acknowledge', set('ack acknowledge acknowledged acknowledges acknowledging')],
  ['resolve', set('resolve resolved resolves resolving')],
  ['hangUp', set('hang hangup cancel abort')],
  [
    'call',
    set('call calls called calling phone phoned phoning ring rang ringing dial dialed dialled telephone'),
  ],
  ['cover', set('cover covers covering')],
  ['onCall', set('on-call oncall duty')],
  ['status', set('status')],
  ['history', set('history')],
  ['test', set('test tests testing')],
  ['pause', set('pause paused')],
  ['resume', set('resume resumed unpause')],
  ['forgetMe', set('forget')],
  ['whoIs', set('who whois')],
  ['help', set('help')],
];
const stopsCalls = phrases(`stop calling|ringing|phoning me, ${negations} call|ring|phone me`);

function unknown(words: readonly Word[]): Command {
  if (words.some((_, at) => phraseAt(words, at, stopsCalls) > 0))
    return { kind: 'unknown', near: 'stopCallingMe' };
  const keys = new Set(words.map(({ key }) => key));
  const first = words[0]?.key ?? '';
  const hint =
    hints.find(([, hinted]) => [...hinted].some((key) => keys.has(key))) ??
    hints.find(([, hinted]) => [...hinted].some((key) => isMistyped(first, key)));
  return hint ? { kind: 'unknown', near: hint[0] } : { kind: 'unknown' };
}

/** One letter too many, too few, another, or two changed places; never the first, and from four letters on. */
function isMistyped(typed: string, meant: string): boolean {
  if (meant.length < 4 || typed[0] !== meant[0] || Math.abs(typed.length - meant.length) > 1) return false;
  let at = 0;
  while (at < meant.length && typed[at] === meant[at]) at += 1;
  const [t, m] = [typed.slice(at), meant.slice(at)];
  const swapped = `${m.charAt(1)}${m.charAt(0)}${m.slice(2)}`;
  return t.slice(1) === m || t === m.slice(1) || t.slice(1) === m.slice(1) || (m.length > 1 && t === swapped);
}
