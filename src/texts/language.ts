import type { CaptureNote } from '../calls/captures.ts';
import type { Capture, Cause, DeferReason, Disposition, TakenOverHow, TimelineEntry } from '../calls/call.ts';
import type { Messages } from './messages.ts';
import type { TalkChatTexts, TalkPageTexts } from './talkTexts.ts';

/**
 * Everything that people read and hear. Each language fills this form in a folder of its own.
 *
 * Texts are plain text on one line unless noted. Code that shows them as Markdown, XML or HTML escapes them.
 */
export interface Texts {
  /** The texts of the catalogues. */
  say: Messages;
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
  /** The browser page. */
  talkPage: TalkPageTexts;
  /** One line of a call's timeline. An unknown type is shown by its name. */
  timeline: (entry: Pick<TimelineEntry, 'type' | 'data'>) => string;
}

/** A status for people. */
export interface StatusWords {
  text: string;
  /** Colour of an Adaptive Card's TextBlock. */
  color: 'good' | 'warning' | 'attention' | 'default';
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

export interface ChatTexts {
  /** To everybody who sees the card: recording or transcription started or ended. */
  captured: (note: CaptureNote, callee: string) => string;
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
