import type { KeyQuestion } from '../database/ask.ts';
import type { Work } from '../database/transaction.ts';
import type { Call, Purpose, Requester, Target } from './call.ts';
import { targetKey } from './callStore.ts';

export interface PlaceCall {
  target: Target;
  requestedBy: Requester;
  purpose: Purpose;
  language: string;
  /** Seconds; the configured default if not given. */
  ringTimeoutSeconds?: number;
  /** Names the request: a repeated request places nothing. */
  requestKey?: string | null;
  /** While this requester's call to this target runs, another request leads to the same call. */
  oncePerRequester?: boolean;
  /** The conversation that shows it. */
  conversationKey?: string;
}

export interface Placed {
  /** As it is stored. */
  call: Call;
  /** As it was placed, before anything was done for it. */
  placed: Call;
  /** `fresh`: placed now; `running`: this requester's call to this person runs already; `repeated`: the same request. */
  how: 'fresh' | 'running' | 'repeated';
}

/**
 * What a caller reads, decides and writes in the transaction that does what it requests. The transaction may be undone
 * and run again.
 */
export interface Alongside {
  /** Requests that share a transaction and ask the same question are answered together. */
  question?: KeyQuestion;
  /**
   * Returns false to carry out nothing. A RingdownError refuses this request and no other; then nothing may have been
   * written.
   *
   * @param answer to the question; undefined if there is none
   */
  admit?: (work: Work, answer: unknown) => Promise<boolean>;
  /** A new call gets this id. Called before listeners hear of it. */
  begins?: (callId: string) => void;
  placed?: (work: Work, placed: Placed) => Promise<void> | void;
}

/** A request to place a call, with what its caller does in the same transaction. */
export interface Wanted extends PlaceCall {
  /** Its job starts it, even if it could start at once. */
  leaveToJob?: boolean;
  also?: Alongside;
}

/** The keys that allow only one call for a request, and one running call for a requester and a target. */
export function keysOf({ requestKey = null, oncePerRequester, requestedBy, target }: PlaceCall): {
  requestKey: string | null;
  singleKey: string | null;
} {
  return { requestKey, singleKey: oncePerRequester ? `${requestedBy.key}|${targetKey(target)}` : null };
}
