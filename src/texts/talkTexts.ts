import type { Disposition } from '../calls/call.ts';

/**
 * What stands on the browser page. The page puts them in by itself and calls none of them: so all are plain words, and
 * `{callee}` stands for the name of who is called.
 */
export interface TalkPageTexts {
  title: string;
  heading: string;
  /** What happens at the press, and what is needed for it. */
  intro: string;
  join: string;
  /** Without a microphone. */
  joinMuted: string;
  microphone: string;
  /** A microphone without a name. */
  microphoneNumber: string;
  mute: string;
  unmute: string;
  keypad: string;
  key: string;
  hangUp: string;
  /** Shown large, and read out. */
  state: Record<
    'asking' | 'starting' | 'calling' | 'ringing' | 'connected' | 'muted' | 'hangingUp' | 'ended',
    string
  >;
  /** While it is done, when it has ended, and after the call. */
  banner: Record<'recording' | 'transcription' | 'both', Record<'now' | 'over' | 'was', string>>;
  ended: Record<Disposition | 'elsewhere', string>;
  trouble: Record<TalkTrouble, string>;
  /** In place of the page. */
  gone: Record<'unknown' | 'used' | 'expired' | 'over', { heading: string; text: string }>;
  /** It is not the real thing. */
  standIn: string;
  noScript: string;
}

/** What the person can do something about. */
export type TalkTrouble =
  | 'noMicrophone'
  | 'microphoneDenied'
  | 'microphoneBusy'
  | 'microphoneLost'
  | 'noSound'
  | 'insecure'
  | 'notSupported'
  | 'phoneBusy'
  | 'paused'
  | 'quietHours'
  | 'rateLimit'
  | 'notAllowed'
  | 'unavailable'
  | 'connectionLost'
  | 'callFailed'
  | 'muteFailed'
  | 'keyFailed';

/** About links to the page, in chats. */
export interface TalkChatTexts {
  /** On the card. */
  open: string;
  newLink: string;
  /** Nothing has been called yet. */
  cancel: string;
  purpose: (who: { callee: string; requester: string }) => string;
  /** In plain words, for channels without cards. */
  openHere: (what: { callee: string; address: string }) => string;
  /** In a conversation with others a link would be everybody's. */
  alone: (callee: string, canSpeak: boolean) => string;
  /** Behind the link: a message can be spoken instead. */
  orSpeak: () => string;
  linkMade: (callee: string) => string;
}
