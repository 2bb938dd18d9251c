import type { NotCallable } from '../directory/directory.ts';
import type { Disturbance, Presence } from '../directory/presence.ts';
import type { StillNeeded } from '../privacy/person.ts';
import type { RefusalWords } from '../permissions/refusal.ts';

/** What people read of whom they want to call: whether they may, whether it is possible, whether it is welcome. */
export interface PersonTexts {
  /** Why a call, or a question about people, is refused, and whom to ask. `callee` is empty for the question. */
  refused: (refusal: RefusalWords) => string;
  /** What has to be changed before somebody can be called; `reason` null where it is not known. */
  notCallable: (who: { callee: string; reason: NotCallable | 'otherCloud' | null }) => string;
  canBeCalled: () => string;
  /** What somebody does, in a word or two; null for what there is no word for. */
  presence: (presence: Presence) => string | null;
  disturb: DisturbTexts;
  /** "Somebody else", where a choice of people is shown. */
  picker: { title: string; label: string; call: string; nobodyPicked: string };
  author: AuthorTexts;
  privacy: PrivacyTexts;
  callsStopped: () => string;
  callsAllowed: () => string;
  /** The own opt-out needs an identity. */
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

/** "Call the author of this message." */
interface AuthorTexts {
  title: (callee: string) => string;
  hint: string;
  call: string;
  calling: (callee: string) => string;
  /** Written by an app. */
  nobody: () => string;
  own: () => string;
}

/** Calling somebody who does not want to be disturbed just now. */
interface DisturbTexts {
  question: (who: { callee: string; because: Disturbance }) => string;
  /** The ways to answer it, in the order of their numbers. */
  callAnyway: string;
  leaveMessage: string;
  cancel: string;
  leftAlone: (callee: string) => string;
  /** Where a message can be written. */
  writeHere: (who: { callee: string; address: string }) => string;
}
