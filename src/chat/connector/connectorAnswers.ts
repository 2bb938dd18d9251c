import type { NotDelivered } from '../../texts/escalationTexts.ts';
import type { ConnectorFault } from './connectorFault.ts';
import { lookUp } from '../../config/lookUp.ts';

/**
 * What to do when the chat service does not take what was sent. Pure; every sender asks here.
 *
 * Sources: Microsoft's "Status codes from bot conversational APIs", which says what to try again, and reports of bots
 * whose message had arrived though the answer was a 502.
 */

/** What was sent, by what a second one would do. */
type Sending =
  /** A message of ours is changed or taken away: twice is the same as once. */
  | 'change'
  /** A card that is kept up to date: one whose id is not known would show for ever what is not true any more. */
  | 'card'
  /** What somebody waits for, or must not miss: reading it twice is better than never. */
  | 'message';

export type Verdict =
  /** To be sent again, after `pauseOf`. */
  | { kind: 'again' }
  /** It may have arrived, and must not arrive twice. */
  | { kind: 'maybeSent' }
  /** The message or the conversation is not there any more. */
  | { kind: 'gone' }
  /** For good. */
  | { kind: 'refused'; reason: NotDelivered };

/** Whether a request that failed and may pass another time was carried out. */
type Done = 'no' | 'maybe';

const passing: Readonly<Record<number, Done>> = {
  // The bot's secret is being changed, or the registration repaired: no answer that waiting never changes.
  401: 'no',
  408: 'maybe',
  // Several requests at once in one conversation.
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

/** Whether the service's own code says why it refuses. */
export function isTelling(code: string): boolean {
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
  // Without a code that is known it is what it nearly always is.
  if (status === 403) return { kind: 'refused', reason: lookUp(forbidden, code) ?? 'appNotInstalled' };
  return { kind: 'refused', reason: 'failed' };
}

/** Null for what does not pass. */
function doneOf(status: number | null, arrived: boolean): Done | null {
  if (status === null) return arrived ? 'maybe' : 'no';
  // 500, 502, 503, 504: a gateway may answer so after what is behind it has done what was asked.
  return passing[status] ?? (status >= 500 ? 'maybe' : null);
}

const SHORTEST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

/**
 * How long to wait before it is sent again, in milliseconds: the longer, the longer it has failed, and no shorter than
 * the service asks for.
 */
export function pauseOf(
  { retryAfterMs }: Pick<ConnectorFault, 'retryAfterMs'>,
  failingForMs: number,
): number {
  const pause = Math.min(Math.max(SHORTEST_PAUSE_MS, failingForMs / 2), LONGEST_PAUSE_MS);
  return Math.max(pause, retryAfterMs ?? 0);
}

/** For how long what is sent has failed, time after time: what this process knows of it. */
export class Failing {
  readonly #since = new Map<string, { first: number; last: number }>();

  /** It has failed. @returns milliseconds since it first did */
  failed(what: string, now: number): number {
    const known = this.#since.get(what);
    // Long ago: another process has sent it, and this is something new.
    const first = known && now - known.last < 5 * LONGEST_PAUSE_MS ? known.first : now;
    if (!known && this.#since.size >= MOST_KNOWN) this.#since.clear();
    this.#since.set(what, { first, last: now });
    return now - first;
  }

  over(what: string): void {
    this.#since.delete(what);
  }
}

/** Who is forgotten is tried again a little sooner. */
const MOST_KNOWN = 10_000;
