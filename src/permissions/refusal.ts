import type { Requester } from '../calls/call.ts';
import { RingdownError } from '../errors.ts';
import type { RuleRefusal } from './rules.ts';

/** Why a call that somebody asks for is not placed. */
export type RefusalReason =
  | RuleRefusal
  /** The callee does not want to be called from chats. */
  | 'optedOut'
  | 'quietHours'
  /** The limit of whoever asks. */
  | 'perCaller'
  /** The limit of whoever would be called. */
  | 'perCallee';

export interface Refusal {
  reason: RefusalReason;
  /** When it may be otherwise, where that is known: epoch milliseconds. */
  until: number | null;
}

/** What people are told of a refusal. */
export interface RefusalWords extends Refusal {
  callee: string;
  /** Operators who can be asked; empty if there are none, or none to be named to this asker. */
  ask: readonly string[];
  /** Seconds from now until `until`. */
  seconds: number | null;
  /** Of the file: the clock that `until` is read from. */
  timeZone: string;
}

/** Somebody may not have this call. */
export class NotPermitted extends RingdownError {
  readonly words: RefusalWords;
  readonly asker: Requester;
  /** `targetKey` of the callee, if it is known who that is. */
  readonly calleeKey: string | null;

  constructor(words: RefusalWords, asker: Requester, calleeKey: string | null, detail: string) {
    const { reason, callee, ask, seconds, until } = words;
    const isLimit = reason === 'perCaller' || reason === 'perCallee';
    super(isLimit ? 'rate_limited' : 'not_allowed', {
      detail,
      extra: {
        reason,
        callee,
        ask,
        ...(until === null ? {} : { until: new Date(until).toISOString() }),
        ...(isLimit && seconds !== null ? { retryInSeconds: seconds } : {}),
      },
    });
    this.words = words;
    this.asker = asker;
    this.calleeKey = calleeKey;
  }
}
