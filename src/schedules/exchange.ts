import type { Target } from '../calls/call.ts';
import type { Span } from './exchangedSpans.ts';

/** Why an exchange that both wanted did not take place. */
export type ExchangeFault =
  /** Somebody else has the duty by now. */
  | 'askerLacksDuty'
  | 'askedLacksDuty'
  /** They have another duty of the policy at that time. */
  | 'askerIsBusy'
  | 'askedIsBusy'
  /** They left, or can no longer be called. */
  | 'askerIsGone'
  | 'askedIsGone'
  /** They have as many covers as anybody may have. */
  | 'tooManyCovers';

/** Times are epoch milliseconds. */
export type ExchangeState =
  /** The asked person has nothing to give in return. The asker decides whether to ask for a plain cover. */
  | { kind: 'proposed' }
  /** `deliveredAt` is null until the question has reached the asked person. */
  | { kind: 'asked'; since: number; deliveredAt: number | null }
  | { kind: 'accepted' | 'declined' | 'withdrawn' | 'expired'; at: number }
  /** The asker wanted no plain cover, or did not say. */
  | { kind: 'notAsked'; at: number }
  | { kind: 'failed'; at: number; why: ExchangeFault }
  /** The question did not reach them; `why` is a reason of the messenger. */
  | { kind: 'undelivered'; at: number; why: string };

/** An offer to exchange duty, and what became of it. */
export interface Exchange {
  id: string;
  policy: string;
  rotation: string;
  asker: Target;
  asked: Target;
  /** The IANA time zone in which both read the times. */
  timeZone: string;
  /** What the asker gives. */
  gives: Span;
  /** What the asker takes in return; null for a plain cover. */
  takes: Span | null;
  state: ExchangeState;
  /** Counts the changes. */
  revision: number;
  createdAt: number;
  /** When it can no longer be accepted. */
  expiresAt: number;
}

/** The subject of the cards of an offer. */
export function exchangeSubject(id: string): string {
  return `exchange:${id}`;
}

/** Null if the subject is not an offer to exchange duty. */
export function exchangeIdOf(subject: string): string | null {
  return subject.startsWith('exchange:') ? subject.slice('exchange:'.length) : null;
}

export type ExchangeEvent =
  | { kind: 'confirm' | 'accept' | 'decline' | 'withdraw' | 'expire' | 'delivered' }
  | { kind: 'fail'; why: ExchangeFault }
  | { kind: 'undeliverable'; why: string };

/** How long an offer waits for its answer, at most. */
const OFFER_LASTS_MS = 24 * 3_600_000;

/** An offer ends before the first of its duties begins. */
export function expiryOf({ gives, takes }: Pick<Exchange, 'gives' | 'takes'>, createdAt: number): number {
  return Math.min(createdAt + OFFER_LASTS_MS, gives.from, takes?.from ?? Infinity);
}

/** Whether nothing more will happen to it. */
export function isSettled({ kind }: ExchangeState): boolean {
  return kind !== 'proposed' && kind !== 'asked';
}

/** What people want after the time is over. Only what became of the message still counts then. */
const endsIfLate: ReadonlySet<ExchangeEvent['kind']> = new Set([
  'accept',
  'decline',
  'withdraw',
  'confirm',
  'fail',
  'expire',
]);

/**
 * What follows from an event.
 *
 * @param at epoch milliseconds
 * @returns the new state; null if the event changes nothing
 */
export function stateAfter(
  { state, expiresAt }: Pick<Exchange, 'state' | 'expiresAt'>,
  event: ExchangeEvent,
  at: number,
): ExchangeState | null {
  if (isSettled(state)) return null;
  const isLate = at >= expiresAt;
  if (state.kind !== 'asked') {
    if (event.kind === 'confirm' && !isLate) return { kind: 'asked', since: at, deliveredAt: null };
    const isOver = event.kind === 'withdraw' || (isLate && endsIfLate.has(event.kind));
    return isOver ? { kind: 'notAsked', at } : null;
  }
  if (isLate && endsIfLate.has(event.kind)) return { kind: 'expired', at };
  switch (event.kind) {
    case 'delivered':
      return state.deliveredAt === null ? { ...state, deliveredAt: at } : null;
    case 'accept':
      return { kind: 'accepted', at };
    case 'decline':
      return { kind: 'declined', at };
    case 'withdraw':
      return { kind: 'withdrawn', at };
    case 'fail':
      return { kind: 'failed', at, why: event.why };
    case 'undeliverable':
      return { kind: 'undelivered', at, why: event.why };
    case 'confirm':
    case 'expire':
      return null;
  }
}
