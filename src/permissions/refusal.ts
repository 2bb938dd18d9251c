import type { Requester } from '../calls/call.ts';
import { RingdownError } from '../errors.ts';
import type { RuleRefusal } from './rules.ts';

/** Why Ringdown does not place a call that somebody asks for. */
export type RefusalReason =
  | RuleRefusal
  /** The callee does not want calls from chats. */
  | 'optedOut'
  | 'quietHours'
  /** The caller has reached their limit. */
  | 'perCaller'
  /** The callee has reached their limit. */
  | 'perCallee'
  /** Calls to phone numbers have reached theirs: the one limit for all callers. */
  | 'phoneCallsPerHour';

export interface Refusal {
  reason: RefusalReason;
  /** When the refusal ends, if that is known: epoch milliseconds. */
  until: number | null;
}

/** What people learn about a refusal. */
export interface RefusalWords extends Refusal {
  callee: string;
  /** Operators to ask for help; empty if there are none, or if this asker must not learn their names. */
  ask: readonly string[];
  /** Seconds from now until `until`. */
  seconds: number | null;
  /** The time zone of ringdown.yaml, for `until`. */
  timeZone: string;
}

/** Thrown for a call that somebody may not place. */
export class NotPermitted extends RingdownError {
  readonly words: RefusalWords;
  readonly asker: Requester;
  /** `targetKey` of the callee; null if the callee is not known. */
  readonly calleeKey: string | null;

  constructor(words: RefusalWords, asker: Requester, calleeKey: string | null, detail: string) {
    const { reason, callee, ask, seconds, until } = words;
    const isLimit = reason === 'perCaller' || reason === 'perCallee' || reason === 'phoneCallsPerHour';
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
