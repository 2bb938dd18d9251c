import type { CaptureNote } from '../calls/captures.ts';
import type { Capture, Cause, DeferReason, Disposition, TakenOverHow, TimelineEntry } from '../calls/call.ts';
import type { EscalationStatus, SkipReason } from '../escalations/escalation.ts';
import type { PersonTexts } from './personTexts.ts';
import type { AlertTexts, OperatorTexts } from './alertTexts.ts';
import type { EscalationChatTexts, StatusWords } from './escalationTexts.ts';
import type { HistoryTexts } from './historyTexts.ts';
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
export interface SpeechWays {
  twice: (message: string) => string;
  once: (message: string) => string;
  /** Only its beginning fits. */
  part: (beginning: string) => string;
}
