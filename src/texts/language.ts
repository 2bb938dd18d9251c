import type { CaptureNote } from '../calls/captures.ts';
import type { Capture, Cause, DeferReason, Disposition, TakenOverHow, TimelineEntry } from '../calls/call.ts';
import type { EscalationStatus, SkipReason } from '../escalations/escalation.ts';
import type { PersonTexts } from './personTexts.ts';
import type { AlertTexts, OperatorTexts } from './alertTexts.ts';
import type { EscalationChatTexts, StatusWords } from './escalationTexts.ts';
import type { HistoryTexts } from './historyTexts.ts';
import type { TalkChatTexts, TalkPageTexts } from './talkTexts.ts';

/**
 * Everything that people read and hear. Each language fills this form in a folder of its own.
 *
 * Texts are plain text on one line unless noted. Code that shows them as Markdown, XML or HTML escapes them.
 */
export interface Texts {
  format: Format;
  /** BCP 47 tag of the voice for the `spoken` texts. */
  speechLocale: string;
  /** Why a call ended, and what the person can do next. */
  cause: Record<Cause, CauseWords>;
  /** What an administrator can fix; null if there is nothing to fix. */
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
    /** To callees who are still on the phone when somebody else has acknowledged. */
    takenOver: (who: { by: string; how?: TakenOverHow }) => string;
    /** The message of an escalation. Mentions keys only if they are known to work. */
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
  /** One line of a call's timeline. An unknown type is shown by its name. */
  timeline: (entry: Pick<TimelineEntry, 'type' | 'data'>) => string;
}

/** What people read about an escalation. */
export interface EscalationTexts {
  status: Record<EscalationStatus, StatusWords>;
  /** One line of its timeline. An unknown type is shown by its name. */
  timeline: (entry: Pick<TimelineEntry, 'type' | 'data'>) => string;
  /** Why somebody in the policy cannot be called. `name` is as written in the policy. */
  skipped: (who: { name: string; reason: SkipReason }) => string;
  /** Said at once when the escalation starts. */
  nobodyCanBeCalled: () => string;
  /** To the people in `onExhausted`. */
  exhausted: (what: { summary: string; policy: string | null }) => string;
}

export interface CauseWords {
  text: (who: { callee: string; requester: string | null }) => string;
  next: string | null;
}

/** Values for the command lines. Unknown values become placeholders in angle brackets. */
export interface AdviceContext {
  acsResourceId?: string;
  userPrincipalName?: string;
}

export interface Advice {
  text: string;
  /** Lines for PowerShell or the Azure CLI, ready to copy. */
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
  /** The maximum length in characters; `SPEECH_LIMIT` by default. */
  limit?: number;
  /** Whether the callee finds the whole message on a card. */
  restOnCard?: boolean;
}

export interface SpokenAlert {
  givenName: string | null;
  summary: string;
  test: boolean;
  keys: boolean;
  /** Whether it was said before. */
  again: boolean;
}

export interface Help {
  intro: string;
  /** `of` is the kind of command. Commands that this installation does not support are left out. */
  groups: { title: string; commands: { of: string; say: string; does: string }[] }[];
}

/** What people ask for that calls to Teams users do not support (docs/limits.md). */
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

/** The texts on call cards. Callee and requester are names. */
export interface CardTexts {
  /** The reader's client fills in `time`. */
  since: (time: string) => string;
  /** The heading of the message to speak. */
  message: string;
  /** In place of a deleted message. */
  messageNotKept: string;
  connects: (who: { callee: string; requester: string }) => string;
  isTest: string;
  askedBy: (requester: string) => string;
  /** A sentence that says why the call is not placed yet. */
  waitsFor: Record<DeferReason, string>;
  /** A sentence that says what is going on. */
  running: Record<Exclude<RunningState, 'waiting'>, (who: { callee: string; requester: string }) => string>;
  /** While it is active, and after the call if it was. */
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
  /** The service's result codes, for support. */
  result: (result: { code: number; subCode: number }) => string;
  correlationId: (id: string) => string;
  readMore: (docs: string) => string;
  whichCall: string;
  helpTitle: string;
  /** `more` in personal chats, `mentionMe` where the bot must be mentioned. */
  welcome: { title: string; more: string; mentionMe: string };
}

export interface ChatTexts extends PersonTexts {
  help: Help;
  welcome: () => string;
  greeting: (name: string | null) => string;
  nobodyFits: (query: string, suggestions: readonly string[]) => string;
  severalFit: (query: string) => string;
  /** Several people were named for one call. The list follows. */
  oneAtATime: (named: string, message: string) => string;
  /** Nobody has this name, but `count` people have a similar one. The list follows. */
  didYouMean: (query: string, count: number) => string;
  /** To everybody who sees the card: recording or transcription started or ended. */
  captured: (note: CaptureNote, callee: string) => string;
  /** What Ringdown and the telephone service do not support, and what to do instead. */
  limits: Record<Limit, string>;
  /** In place of a job title, for an auto attendant or a call queue. */
  voiceApp: () => string;
  /** After a person in a list. */
  cannotBeCalled: () => string;
  chooseByNumber: () => string;
  /** To "call" without a person. */
  callIncomplete: () => string;
  empty: () => string;
  tooLong: (limit: number) => string;
  unknown: () => string;
  /** To a message that was edited after it had acted. */
  actsOnce: () => string;
  /** To a command phrased as a question; `say` is the command. */
  question: (say: string) => string;
  /** To "call Adele, the build is red"; `say` is the same with a colon. */
  colonMissing: (say: string) => string;
  notAllowed: (callee: string) => string;
  /** Seconds until a retry may succeed; null if unknown. */
  rateLimited: (retryInSeconds: number | null) => string;
  directoryUnavailable: () => string;
  speechNotConfigured: (callee: string) => string;
  /** To an asker outside Teams if messages cannot be spoken. */
  neitherConnectedNorSpoken: (callee: string) => string;
  /** More people match than the choice shows. */
  moreFit: () => string;
  /** The asker is not a Teams user, so they cannot be connected. */
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
  /** The same if it is unknown whether an earlier delivery of the message was granted. */
  databaseAwayNow: () => string;
  /** The database became unavailable while the request was being stored. */
  notKnown: () => string;
  notInThisTenant: () => string;
  thanks: () => string;
  /** To phone numbers and emergency services. */
  outsideTeams: () => string;
  whoIsIncomplete: () => string;
  /** Above the people found for "who is". */
  whoIs: (people: number) => string;
  /** The asker has no Teams phone for a test call. */
  testNeedsTeams: () => string;
  testNeedsSpeech: () => string;
  /** Which of the asker's calls to end. */
  whichCall: () => string;
  notYours: () => string;
  callIsOver: (callee: string) => string;
  nothingToChoose: () => string;
  choiceOutOfRange: (count: number) => string;
  choiceExpired: () => string;
  alreadyChosen: (callee: string) => string;
  cardIsGone: () => string;
  messageMissing: () => string;
  /** Answers to the command `language`. Each language is named in itself. */
  language: {
    /** In the language that was chosen. */
    chosen: (name: string) => string;
    automatic: () => string;
    unknown: (asked: string, names: readonly string[]) => string;
    present: (name: string, names: readonly string[]) => string;
  };
  somebody: string;
  talk: TalkChatTexts;
  card: CardTexts;
}

/** How a locale writes numbers, times and lists, and how foreign text is inserted into sentences. */
export interface Format {
  locale: string;
  /** Template tag for a sentence. Inserted parts cannot break out of it. */
  line: (words: TemplateStringsArray, ...parts: readonly (string | number)[]) => string;
  number: (value: number) => string;
  /** The word for this count: `one`, `other`, and further forms of the language. Without the number. */
  plural: (count: number, words: { other: string } & Partial<Record<Intl.LDMLPluralRule, string>>) => string;
  /** "a, b or c" */
  anyOf: (names: readonly string[]) => string;
  /** Hours and minutes of an ISO 8601 time in this time zone. */
  time: (at: string, timeZone: string) => string;
  /** Whole seconds in at most two units: "2 minutes 5 seconds". */
  duration: (seconds: number) => string;
  /** At most `limit` characters, cut between words. */
  cut: (text: string, limit: number) => string;
  /** A message in the fullest of three forms that fits `limit` (`SPEECH_LIMIT` by default). */
  speech: (message: string, limit: number | undefined, ways: SpeechWays) => string;
}

/** Forms of a spoken message. Each gets the message as a sentence with its full stop. */
export interface SpeechWays {
  twice: (message: string) => string;
  once: (message: string) => string;
  /** Only its beginning fits. */
  part: (beginning: string) => string;
}
