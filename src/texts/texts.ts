import type { CaptureNote } from '../calls/captures.ts';
import type { Capture, Cause, DeferReason, Disposition, TakenOverHow, TimelineEntry } from '../calls/call.ts';
import type { EscalationStatus, SkipReason } from '../escalations/escalation.ts';
import type { PersonTexts } from './personTexts.ts';
import type { AlertTexts, OperatorTexts } from './alertTexts.ts';
import { german } from './de.ts';
import { english } from './en.ts';
import type { EscalationChatTexts } from './escalationTexts.ts';
import type { HistoryTexts } from './historyTexts.ts';
import { speakable } from './speakable.ts';
import type { TalkChatTexts, TalkPageTexts } from './talkTexts.ts';

/**
 * What people read and hear. One file a language; this one has the form that each must fill.
 *
 * All texts are plain text on one line (except where said): whoever shows them as Markdown, XML or HTML escapes
 * them there.
 */
export interface Texts {
  format: Format;
  /** BCP 47 tag of the voice that speaks the `spoken` texts. */
  speechLocale: string;
  /** Why a call ended, and the next best thing that the person can do. */
  cause: Record<Cause, CauseWords>;
  /** What an operator can mend; null where there is nothing to mend. */
  advice: Record<Cause, ((known: AdviceContext) => Advice) | null>;
  status: {
    running: Record<RunningState, StatusWords>;
    ended: Record<Disposition, StatusWords>;
  };
  /** What the callee hears: plain text for text to speech. */
  spoken: {
    message: (spoken: SpokenMessage) => string;
    /** Before the transfer to the asker. */
    connecting: (who: { givenName: string | null; requester: string }) => string;
    transferFailed: (who: { requester: string }) => string;
    test: () => string;
    acknowledged: () => string;
    /** To those who are still on the phone when somebody else has taken it. */
    takenOver: (who: { by: string; how?: TakenOverHow }) => string;
    /** The message of an escalation. Keys are named only where they are known to arrive. */
    alert: (alert: SpokenAlert) => string;
  };
  chat: ChatTexts;
  escalation: EscalationTexts;
  escalationChat: EscalationChatTexts;
  history: HistoryTexts;
  alerts: AlertTexts;
  operators: OperatorTexts;
  /** The browser page. */
  talkPage: TalkPageTexts;
  /** One line of a call's timeline. An unknown type is told by its name. */
  timeline: (entry: Pick<TimelineEntry, 'type' | 'data'>) => string;
}

/** What people read of an escalation. */
export interface EscalationTexts {
  status: Record<EscalationStatus, StatusWords>;
  /** One line of its timeline. An unknown type is told by its name. */
  timeline: (entry: Pick<TimelineEntry, 'type' | 'data'>) => string;
  /** Why somebody whom the policy names cannot be called; `name` as the policy has it. */
  skipped: (who: { name: string; reason: SkipReason }) => string;
  /** Told at once, when it is started. */
  nobodyCanBeCalled: () => string;
  /** To those whom `onExhausted` names. */
  exhausted: (what: { summary: string; policy: string | null }) => string;
}

export interface CauseWords {
  text: (who: { callee: string; requester: string | null }) => string;
  next: string | null;
}

/** What is known for filling in the command lines; a placeholder in angle brackets stands for what is not. */
export interface AdviceContext {
  acsResourceId?: string;
  userPrincipalName?: string;
}

export interface Advice {
  text: string;
  /** Lines for PowerShell (or the Azure CLI), ready to be copied. */
  commands: string[];
  /** Path and anchor in the repository. */
  docs: string;
}

export type RunningState =
  'queued' | 'waiting' | 'invited' | 'dialing' | 'connected' | 'speaking' | 'transferring' | 'hangingUp';

export interface StatusWords {
  text: string;
  /** Colour of an Adaptive Card's TextBlock. */
  color: 'good' | 'warning' | 'attention' | 'default';
}

export interface SpokenMessage {
  givenName: string | null;
  requester: string;
  message: string;
  /** Greatest length in characters; `SPEECH_LIMIT` if not given. */
  limit?: number;
  /** The callee finds the whole message on a card. Only then may the rest be promised there. */
  restOnCard?: boolean;
}

export interface SpokenAlert {
  givenName: string | null;
  summary: string;
  test: boolean;
  keys: boolean;
  /** Said after the first time. */
  again: boolean;
}

export interface Help {
  intro: string;
  /** `of` is the kind of command that it is about: what this Ringdown cannot do is left out. */
  groups: { title: string; commands: { of: string; say: string; does: string }[] }[];
}

/** What people ask for that cannot be had on a call to a Teams user (docs/limits.md). */
export type Limit =
  | 'recording'
  | 'transcription'
  | 'groupCall'
  | 'forwarding'
  | 'transfer'
  | 'voicemail'
  | 'pickup'
  | 'simultaneousRinging'
  | 'video'
  | 'skypeForBusiness';

/** What stands on cards. Callee and requester are names. */
export interface CardTexts {
  /** `time` is put in by the reader's own client. */
  since: (time: string) => string;
  /** Above the message that is spoken. */
  message: string;
  /** In its place, once it was deleted. */
  messageNotKept: string;
  connects: (who: { callee: string; requester: string }) => string;
  isTest: string;
  askedBy: (requester: string) => string;
  /** Why a call is not placed yet, in a sentence. */
  waitsFor: Record<DeferReason, string>;
  /** What is going on, in a sentence. */
  running: Record<Exclude<RunningState, 'waiting'>, (who: { callee: string; requester: string }) => string>;
  /** While it is done, and after the call if it was done. */
  captured: Record<Capture, { now: string; before: string }>;
  hangUp: string;
  callAgain: string;
  callInTeams: string;
  leaveMessage: string;
  leaveMessageHint: (callee: string) => string;
  messagePlaceholder: string;
  callAndSay: string;
  details: string;
  forAdministrators: string;
  /** The service's result and its name for the call, for support. */
  result: (result: { code: number; subCode: number }) => string;
  correlationId: (id: string) => string;
  readMore: (docs: string) => string;
  whichCall: string;
  helpTitle: string;
  /** `more` where the bot reads everything, `mentionMe` where it has to be mentioned. */
  welcome: { title: string; more: string; mentionMe: string };
}

export interface ChatTexts extends PersonTexts {
  help: Help;
  welcome: () => string;
  greeting: (name: string | null) => string;
  nobodyFits: (query: string, suggestions: readonly string[]) => string;
  severalFit: (query: string) => string;
  /** Several were named for one call; they follow. */
  oneAtATime: (named: string, message: string) => string;
  /** Nobody is called so, but so many nearly are; they follow. */
  didYouMean: (query: string, count: number) => string;
  /** To everybody who sees the card, at once: recording or transcription began or ended. */
  captured: (note: CaptureNote, callee: string) => string;
  /** What neither Ringdown nor the telephone service does, and what is done instead. */
  limits: Record<Limit, string>;
  /** What an auto attendant or a call queue is, where people have a title. */
  voiceApp: () => string;
  /** In a list of people, behind one of them. */
  cannotBeCalled: () => string;
  chooseByNumber: () => string;
  /** "call" without saying whom. */
  callIncomplete: () => string;
  empty: () => string;
  tooLong: (limit: number) => string;
  unknown: () => string;
  /** To a message that was edited after it had done something. */
  actsOnce: () => string;
  /** To a command put as a question; `say` is the command. */
  question: (say: string) => string;
  /** To "call Adele, the build is red"; `say` is how it would be one. */
  colonMissing: (say: string) => string;
  notAllowed: (callee: string) => string;
  /** Seconds until it may be tried again, if known. */
  rateLimited: (retryInSeconds: number | null) => string;
  directoryUnavailable: () => string;
  speechNotConfigured: (callee: string) => string;
  /** To an asker outside Teams where no messages can be spoken. */
  neitherConnectedNorSpoken: (callee: string) => string;
  /** More people fit than the choice shows. */
  moreFit: () => string;
  /** The asker is not a Teams user and so cannot be connected. */
  connectNeedsTeams: (callee: string) => string;
  alreadyCalling: (callee: string) => string;
  nothingToHangUp: () => string;
  hangingUp: (callee: string) => string;
  nothingRuns: () => string;
  /** Above the status lines. */
  runs: (count: number) => string;
  statusLine: (call: {
    callee: string;
    state: RunningState;
    requester: string | null;
    seconds: number;
  }) => string;
  errorWithReference: (reference: string) => string;
  databaseAway: () => string;
  /** The same, when it cannot be told either whether the message had been delivered before. */
  databaseAwayNow: () => string;
  /** The database went away while it was storing what was asked for. */
  notKnown: () => string;
  notInThisTenant: () => string;
  thanks: () => string;
  /** Telephone numbers and emergency services. */
  outsideTeams: () => string;
  whoIsIncomplete: () => string;
  /** What was found for "who is". */
  whoIs: (people: number) => string;
  /** The test call needs an own phone in Teams. */
  testNeedsTeams: () => string;
  testNeedsSpeech: () => string;
  /** Which of the own calls is to be ended. */
  whichCall: () => string;
  notYours: () => string;
  callIsOver: (callee: string) => string;
  nothingToChoose: () => string;
  choiceOutOfRange: (count: number) => string;
  choiceExpired: () => string;
  alreadyChosen: (callee: string) => string;
  cardIsGone: () => string;
  messageMissing: () => string;
  somebody: string;
  talk: TalkChatTexts;
  card: CardTexts;
}

/** The service speaks at most so many characters of plain text at once. */
export const SPEECH_LIMIT = 4000;
/** A display name or query longer than this is cut where it is shown. */
const LONGEST_PART = 200;
/** Locales, and time zones of each. */
const MOST_KEPT = 50;

/**
 * The texts for a locale as clients send it ("en-GB"); English if it is missing, malformed or of a language that
 * has no texts yet. Times and numbers follow the region.
 */
export function textsFor(locale: string | undefined): Texts {
  return textsOf(locale ?? 'en');
}

const textsOf = madeOnce((locale) => textsIn(canonical(locale)));

function textsIn(tag: string): Texts {
  switch (tag.split('-', 1)[0]) {
    case 'de':
      return german(formatFor(tag));
    case 'en':
      return english(formatFor(tag));
    default:
      return english(formatFor('en'));
  }
}

/** The help as plain text, for channels that show no cards. Several lines. */
export function helpAsText(help: Help): string {
  const groups = help.groups.map((group) =>
    [group.title, ...group.commands.map(({ say, does }) => `  ${say} – ${does}`)].join('\n'),
  );
  return [help.intro, ...groups].join('\n\n');
}

/** How a locale writes numbers, times and lists, and how foreign text gets into a sentence. */
export interface Format {
  locale: string;
  /** Template tag: a sentence whose inserted parts cannot break out of it. */
  line: (words: TemplateStringsArray, ...parts: readonly (string | number)[]) => string;
  number: (value: number) => string;
  /** `one` and `other` (and what else the language has) by the count; says the word only. */
  plural: (count: number, words: { other: string } & Partial<Record<Intl.LDMLPluralRule, string>>) => string;
  /** "a, b or c" */
  anyOf: (names: readonly string[]) => string;
  /** Hours and minutes on the clock of that time zone, of an ISO 8601 time. */
  time: (at: string, timeZone: string) => string;
  /** Whole seconds in at most two units: "2 minutes 5 seconds". */
  duration: (seconds: number) => string;
  /** At most `limit` characters, cut between words. */
  cut: (text: string, limit: number) => string;
  /** A message in the fullest of three ways that fits `limit` (`SPEECH_LIMIT` if not given). */
  speech: (message: string, limit: number | undefined, ways: SpeechWays) => string;
}

/** How a message is put for speech. Each gets it as sentences, with its full stop. */
interface SpeechWays {
  twice: (message: string) => string;
  once: (message: string) => string;
  /** Only its beginning fits. */
  part: (beginning: string) => string;
}

/** Keeps what it has made, for the first names that it is asked for: clients send what they like as a locale. */
function madeOnce<T>(make: (name: string) => T): (name: string) => T {
  const made = new Map<string, T>();
  return (name) => {
    const known = made.get(name);
    if (known !== undefined) return known;
    const fresh = make(name);
    if (made.size < MOST_KEPT) made.set(name, fresh);
    return fresh;
  };
}

/** Intl's formatters take longer to make than to use: each is made once. */
function formatFor(locale: string): Format {
  const numbers = new Intl.NumberFormat(locale);
  const plurals = new Intl.PluralRules(locale);
  const alternatives = new Intl.ListFormat(locale, { type: 'disjunction' });
  const timesIn = madeOnce((timeZone) => new Intl.DateTimeFormat(locale, { timeStyle: 'short', timeZone }));
  return {
    locale,
    line: (words, ...parts) =>
      String.raw({ raw: words }, ...parts.map((part) => inSentence(String(part), locale))),
    number: (value) => numbers.format(value),
    plural: (count, words) => words[plurals.select(count)] ?? words.other,
    anyOf: (names) => alternatives.format(names),
    time: (at, timeZone) => timesIn(timeZone).format(new Date(at)),
    duration: (seconds) => duration(seconds, locale),
    cut: (text, limit) => cut(text, limit, locale),
    speech: (message, limit = SPEECH_LIMIT, ways) => speech(message, limit, ways, locale),
  };
}

function canonical(locale: string): string {
  try {
    return Intl.getCanonicalLocales(locale)[0] ?? 'en';
  } catch {
    return 'en'; // clients send what they like
  }
}

/**
 * Takes out of foreign text what could change how the words around it are shown or spoken: control characters and
 * the marks that turn the direction of writing; and every run of white space becomes one space.
 */
function oneLine(text: string): string {
  return text
    .toWellFormed()
    .replace(/\s+/g, ' ')
    .replace(/[\p{Cc}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/gu, '')
    .trim();
}

function inSentence(text: string, locale: string): string {
  const part = oneLine(text);
  return part.length > LONGEST_PART ? `${cut(part, LONGEST_PART - 1, locale)}…` : part;
}

function speech(message: string, limit: number, ways: SpeechWays, locale: string): string {
  const whole = asSentence(speakable(oneLine(message)));
  for (const spoken of [ways.twice(whole), ways.once(whole)]) {
    if (spoken.length <= limit) return spoken;
  }
  const room = limit - ways.part('').length - 1;
  return ways.part(asSentence(cut(whole, Math.max(0, room), locale)));
}

/** With a full stop, so that the voice pauses before it goes on. */
function asSentence(text: string): string {
  return /[\p{Sentence_Terminal}…:;]["'”’»)\]]*$/u.test(text) ? text : `${text}.`;
}

function duration(seconds: number, locale: string): string {
  const whole = Math.max(0, Math.round(seconds));
  const units = [
    { unit: 'day', count: Math.floor(whole / 86_400) },
    { unit: 'hour', count: Math.floor(whole / 3600) % 24 },
    { unit: 'minute', count: Math.floor(whole / 60) % 60 },
    { unit: 'second', count: whole % 60 },
  ];
  const first = units.findIndex(({ count }) => count > 0);
  if (first < 0) units.splice(0, 3);
  return units
    .slice(Math.max(0, first), Math.max(0, first) + 2)
    .filter(({ count }) => count > 0 || first < 0)
    .map(({ unit, count }) =>
      new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'long' }).format(count),
    )
    .join(' ');
}

function cut(text: string, limit: number, locale: string): string {
  if (text.length <= limit) return text;
  // By the language's words: Chinese and Japanese have no spaces. A word that is too long alone is cut in itself.
  for (const granularity of ['word', 'grapheme'] as const) {
    let end = 0;
    for (const { index, segment } of new Intl.Segmenter(locale, { granularity }).segment(text)) {
      if (index + segment.length > limit) break;
      end = index + segment.length;
    }
    const kept = text.slice(0, end).trimEnd();
    if (kept) return kept;
  }
  return '';
}
