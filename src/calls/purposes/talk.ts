import type { Call } from '../call.ts';
import { after, earliest, hangUpFact, newest, withFacts } from '../lifecycle/facts.ts';
import type { Note } from '../timeline.ts';
import type { End } from './conduct.ts';

/*
 * A call from the browser page. The page conducts it and reports; Ringdown only watches the deadlines.
 */

/** How long a link to the browser page is valid, and so how long such a call waits for its start. */
export const TALK_LINK_MS = 10 * 60_000;
/**
 * A page that has been silent for this long is gone, and its call has ended. The page itself ends the call a little
 * earlier if it cannot reach us, so that Ringdown calls nobody else while two people still talk.
 */
const TALK_SILENCE_MS = 60_000;
/** The page's token is valid for an hour and is not renewed: the call ends earlier, so that the page can hang up. */
const TALK_LONGEST_MS = 55 * 60_000;

/** The link expires; then the page rings until the ring timeout, talks for `TALK_LONGEST_MS`, and must keep reporting. */
export function talkDeadline(call: Call): string {
  const { facts, createdAt } = call;
  const { dialSentAt, hangUp, connectedAt, talk } = facts;
  if (!dialSentAt) return after(talk?.linkedAt ?? createdAt, TALK_LINK_MS);
  const silentAt = talkSilentAt(call, dialSentAt);
  if (hangUp) return earliest(silentAt, after(hangUp.requestedAt, TALK_SILENCE_MS));
  if (connectedAt) return earliest(silentAt, after(dialSentAt, TALK_LONGEST_MS));
  return earliest(silentAt, after(talk?.ringsAt ?? dialSentAt, call.ringTimeoutSeconds * 1000));
}

/** The deadline has come. */
export function talkOverdue(call: Call, at: string, note: Note): Call {
  const { facts } = call;
  if (!facts.dialSentAt) {
    note({ type: 'talkLinkExpired' });
    return withFacts(call, { hangUp: { ...hangUpFact(at, 'timeout'), confirmedAt: at } });
  }
  if (facts.hangUp || at >= talkSilentAt(call, facts.dialSentAt)) {
    note({ type: 'talkPageSilent' });
    return withFacts(call, { ended: { by: 'gone', at } });
  }
  note({ type: 'hangUpRequested', data: { by: 'timeout' } });
  return withFacts(call, { hangUp: hangUpFact(at, 'timeout') });
}

function talkSilentAt({ facts }: Call, joinedAt: string): string {
  return after(newest(facts.talk?.heardAt, joinedAt), TALK_SILENCE_MS);
}

export function answeredTalkEnd({ facts }: Call): End {
  return {
    disposition: 'connected_to_caller',
    cause: facts.ended?.by === 'gone' ? 'talkedPageSilent' : 'talked',
  };
}

/** @returns null if it ended as other calls do */
export function unansweredTalkEnd({ facts: { ended, hangUp, dialSentAt } }: Call): End | null {
  // The page could not start the call: the service has no result for that.
  if (ended?.by === 'connectFailed') return { disposition: 'failed', cause: 'setupFailed' };
  const isTimeout = hangUp?.by === 'timeout';
  if (isTimeout && !dialSentAt && !ended) return { disposition: 'cancelled', cause: 'linkNotUsed' };
  // If the page was gone before it could be told to hang up, that says nothing about the callee.
  if (ended?.by === 'gone' && (!hangUp || isTimeout)) return { disposition: 'failed', cause: 'pageSilent' };
  return null;
}
