/** Durations in milliseconds. May be changed while the emulator runs. */
export interface Timings {
  /** Until a call that reaches no phone fails. Practitioners measured two to six seconds. */
  failureMs: number;
  /** Until the service gives up on an unanswered call: about two minutes (documented for 10004). */
  unansweredMs: number;
  /** Until the service gives up on an unanswered transfer: 60 s (documented for the Calling SDK). */
  transferMs: number;
  /** Speech: per character. */
  perCharacterMs: number;
  /** Until two people connected by a transfer hang up, if neither does so by hand. */
  conversationMs: number;
  /** Until the tokens of a revoked or deleted identity are refused. Documented: "up to 15 minutes". */
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
