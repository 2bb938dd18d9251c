/** How long things take, in milliseconds. May be changed while the emulator runs. */
export interface Timings {
  /** Until a call that reaches no phone fails: two to six seconds were measured by practitioners. */
  failureMs: number;
  /** Until the service gives up an unanswered call; about two minutes (documented for 10004). */
  unansweredMs: number;
  /** Until the service gives up an unanswered transfer (documented for the Calling SDK: 60 s). */
  transferMs: number;
  /** Speech: per character of the text. */
  perCharacterMs: number;
  /** Until two people who were connected by a transfer hang up, when neither does so by hand. */
  conversationMs: number;
  /** Until the tokens of an identity that was revoked or deleted are refused; documented: "up to 15 minutes". */
  revocationMs: number;
}

export const defaultTimings: Timings = {
  failureMs: 2500,
  unansweredMs: 115_000,
  transferMs: 60_000,
  perCharacterMs: 60,
  conversationMs: 30_000,
  revocationMs: 15 * 60_000,
};
