import type { NotCallable } from '../directory/directory.ts';
import type { Disturbance, Presence } from '../directory/presence.ts';
import type { StillNeeded } from '../privacy/person.ts';
import type { RefusalWords } from '../permissions/refusal.ts';

/** What people read about calling somebody: whether it is allowed, possible and welcome. */
export interface PersonTexts {
  /** Why a call, or a question about people, is refused, and whom to ask. `callee` is empty for questions. */
  refused: (refusal: RefusalWords) => string;
  /** What must change before somebody can be called; `reason` is null if unknown. */
  notCallable: (who: { callee: string; reason: NotCallable | 'otherCloud' | null }) => string;
  canBeCalled: () => string;
  /** Somebody's presence in a word or two; null if there is no word for it. */
  presence: (presence: Presence) => string | null;
  disturb: DisturbTexts;
  /** "Somebody else" in a choice of people. */
  picker: { title: string; label: string; call: string; nobodyPicked: string };
  author: AuthorTexts;
  privacy: PrivacyTexts;
  callsStopped: () => string;
  callsAllowed: () => string;
  /** Opting out needs an identity. */
  optOutNeedsTeams: () => string;
}

/** `forget me` */
interface PrivacyTexts {
  notNow: Record<StillNeeded, string>;
  question: string;
  explained: string;
  /** The two answers. */
  forget: string;
  keep: string;
  kept: string;
  done: string;
  optOutKept: string;
}

/** "Call the author of this message" */
interface AuthorTexts {
  title: (callee: string) => string;
  hint: string;
  call: string;
  calling: (callee: string) => string;
  /** An app wrote the message. */
  nobody: () => string;
  own: () => string;
}

/** Calling somebody who should not be disturbed right now. */
interface DisturbTexts {
  question: (who: { callee: string; because: Disturbance }) => string;
  /** The answers, in the order of their numbers. */
  callAnyway: string;
  leaveMessage: string;
  cancel: string;
  leftAlone: (callee: string) => string;
  /** A link to the chat with them. */
  writeHere: (who: { callee: string; address: string }) => string;
}
