import type { TimelineEntry } from '../calls/call.ts';
import type { EscalationStatus, SkipReason } from '../escalations/escalation.ts';
import type { Messages } from './messages.ts';
import type { PersonTexts } from './personTexts.ts';
import type { AlertTexts, OperatorTexts } from './alertTexts.ts';
import type { EscalationChatTexts, StatusWords } from './escalationTexts.ts';
import type { HistoryTexts } from './historyTexts.ts';

/**
 * Everything that people read and hear. Each language fills this form in a folder of its own.
 *
 * Texts are plain text on one line unless noted. Code that shows them as Markdown, XML or HTML escapes them.
 */
export interface Texts {
  /** The texts of the catalogues. */
  say: Messages;
  format: Format;
  chat: ChatTexts;
  escalation: EscalationTexts;
  escalationChat: EscalationChatTexts;
  history: HistoryTexts;
  alerts: AlertTexts;
  operators: OperatorTexts;
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

export type RunningState =
  'queued' | 'waiting' | 'invited' | 'dialing' | 'connected' | 'speaking' | 'transferring' | 'hangingUp';

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

export interface ChatTexts extends PersonTexts {
  help: Help;
  welcome: () => string;
  nobodyFits: (query: string, suggestions: readonly string[]) => string;
  severalFit: (query: string) => string;
  /** Several people were named for one call. The list follows. */
  oneAtATime: (named: string, message: string) => string;
  /** Nobody has this name, but `count` people have a similar one. The list follows. */
  didYouMean: (query: string, count: number) => string;
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
  somebody: string;
}

/** How a locale writes numbers, times and lists, and how foreign text is inserted into sentences. */
export interface Format {
  locale: string;
  /** Template tag for a sentence. Inserted parts cannot break out of it. */
  line: (words: TemplateStringsArray, ...parts: readonly (string | number)[]) => string;
  number: (value: number) => string;
  /** The word for this count: `one`, `other`, and further forms of the language. Without the number. */
  plural: (count: number, words: { other: string } & Partial<Record<Intl.LDMLPluralRule, string>>) => string;
  /** "a, b and c" */
  allOf: (names: readonly string[]) => string;
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
