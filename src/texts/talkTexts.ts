import type { Disposition } from '../calls/call.ts';

/**
 * The texts of the browser page. All are plain strings, because the page gets them as JSON. `{callee}` stands for the
 * callee's name.
 */
export interface TalkPageTexts {
  title: string;
  heading: string;
  /** What happens after pressing "Join". */
  intro: string;
  join: string;
  /** To join without a microphone. */
  joinMuted: string;
  microphone: string;
  /** For a microphone without a name. */
  microphoneNumber: string;
  mute: string;
  unmute: string;
  keypad: string;
  key: string;
  hangUp: string;
  /** Shown large, and read by screen readers. */
  state: Record<
    'asking' | 'starting' | 'calling' | 'ringing' | 'connected' | 'muted' | 'hangingUp' | 'ended',
    string
  >;
  /** While it is active, when it has ended, and after the call. */
  banner: Record<'recording' | 'transcription' | 'both', Record<'now' | 'over' | 'was', string>>;
  ended: Record<Disposition | 'elsewhere', string>;
  trouble: Record<TalkTrouble, string>;
  /** The page for a link that no longer works. */
  gone: Record<'unknown' | 'used' | 'expired' | 'over', { heading: string; text: string }>;
  /** Shown with the emulator. */
  standIn: string;
  noScript: string;
}

/** Problems that the person can do something about. */
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

/** Texts about links to the page, in chats. */
export interface TalkChatTexts {
  /** Button on the card. */
  open: string;
  newLink: string;
  /** Button before anybody was called. */
  cancel: string;
  purpose: (who: { callee: string; requester: string }) => string;
  /** For channels without cards. */
  openHere: (what: { callee: string; address: string }) => string;
  /** In a conversation with others, everybody could use the link. */
  alone: (callee: string, canSpeak: boolean) => string;
  /** After the link: a message can be spoken instead. */
  orSpeak: () => string;
  linkMade: (callee: string) => string;
}
