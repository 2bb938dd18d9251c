import type { NotDelivered } from '../../escalations/timeline.ts';
import type { ConnectorFault } from './connectorFault.ts';
import { lookUp } from '../../config/lookUp.ts';

/**
 * Decides what to do when the chat service rejects a request. Pure, and the only place that decides it.
 *
 * Sources: Microsoft's "Status codes from bot conversational APIs", which says what to retry, and reports of bots whose
 * message arrived although the answer was a 502.
 */

/** What was sent, grouped by what happens if it arrives twice. */
type Sending =
  /** Updates or deletes one of our messages. A second time changes nothing. */
  | 'change'
  /** A card that is kept up to date. A copy whose id we do not know would stay outdated forever. */
  | 'card'
  /** Somebody waits for it or must not miss it. Reading it twice is better than never. */
  | 'message';

export type Verdict =
  /** Retry after `pauseOf`. */
  | { kind: 'again' }
  /** It may have arrived, and must not arrive twice. */
  | { kind: 'maybeSent' }
  /** The message or the conversation no longer exists. */
  | { kind: 'gone' }
  /** Retrying will not help. */
  | { kind: 'refused'; reason: NotDelivered };

/** Whether the service may have carried out a request that failed and can be retried. */
type Done = 'no' | 'maybe';

const retryable: Readonly<Record<number, Done>> = {
  // Somebody is rotating the bot's secret or fixing its registration, so waiting can help.
  401: 'no',
  408: 'maybe',
  // Several concurrent requests in one conversation.
  412: 'no',
  429: 'no',
};

const forbidden: Readonly<Record<string, NotDelivered>> = {
  ConversationBlockedByUser: 'blocked',
  MessageWritesBlocked: 'blocked',
  BotDisabledByAdmin: 'disabledByAdmin',
  BotNotInConversationRoster: 'notInConversation',
  InvalidBotApiHost: 'wrongServiceUrl',
};

/** Whether this error code of the service says why it refused. */
export function explainsRefusal(code: string): boolean {
  return Object.hasOwn(forbidden, code);
}

export function judge(
  { status, code, arrived }: Pick<ConnectorFault, 'status' | 'code' | 'arrived'>,
  sending: Sending,
): Verdict {
  const done = doneOf(status, arrived);
  if (done !== null) {
    return done === 'maybe' && sending === 'card' ? { kind: 'maybeSent' } : { kind: 'again' };
  }
  if (status === 404 || status === 410) return { kind: 'gone' };
  // Without a known code, this is by far the most likely reason.
  if (status === 403) return { kind: 'refused', reason: lookUp(forbidden, code) ?? 'appNotInstalled' };
  return { kind: 'refused', reason: 'failed' };
}

/** Null if a retry will not help. */
function doneOf(status: number | null, arrived: boolean): Done | null {
  if (status === null) return arrived ? 'maybe' : 'no';
  // 500, 502, 503, 504: a gateway may answer this although the service behind it has carried out the request.
  return retryable[status] ?? (status >= 500 ? 'maybe' : null);
}

const SHORTEST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/**
 * How long to wait before a retry, in milliseconds. It grows with the time that sending has failed, and is never
 * shorter than the service asks for.
 */
export function pauseOf(
  { retryAfterMs }: Pick<ConnectorFault, 'retryAfterMs'>,
  failingForMs: number,
): number {
  const pause = Math.min(Math.max(SHORTEST_PAUSE_MS, failingForMs / 2), LONGEST_PAUSE_MS);
  return Math.max(pause, retryAfterMs ?? 0);
}

/** Since when each message has failed repeatedly, as far as this process knows. */
export class Failing {
  readonly #since = new Map<string, { first: number; last: number }>();

  /** Records a failure. @returns milliseconds since the first one */
  failed(what: string, now: number): number {
    const known = this.#since.get(what);
    // After a long gap this is a new series: another process has sent the message in the meantime.
    const first = known && now - known.last < 5 * LONGEST_PAUSE_MS ? known.first : now;
    if (!known && this.#since.size >= MOST_KNOWN) this.#since.clear();
    this.#since.set(what, { first, last: now });
    return now - first;
  }

  over(what: string): void {
    this.#since.delete(what);
  }
}

/** Beyond this all entries are dropped. Their next retry comes a little sooner, which does no harm. */
const MOST_KNOWN = 10_000;
