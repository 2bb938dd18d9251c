import type { Call, HangUpBy } from '../call.ts';
import { conductOf } from '../purposes/purposes.ts';
import { talkDeadline, talkOverdue } from '../purposes/talk.ts';
import { ending } from './endings.ts';
import { after, hangUpFact, isKnownToExist, withFacts } from './facts.ts';
import { CONFIRMATION_MS, MAX_PROBES, probeDeadline } from './probes.ts';
import type { Note } from '../timeline.ts';

/** When a call must be looked at again, and what its deadline means then. Pure. */

/** The service promises not to execute a repeated request id twice for this long after First-Sent. */
export const REPEATABILITY_WINDOW_MS = 30_000;
/** If the job of a `createCall` is lost too, the deadline gives the call up this much later than its own 30 s. */
const UNKNOWN_GRACE_MS = 2_000;
/** After the ring timeout the service has this long to say whether somebody answered. */
const RING_QUESTION_MS = 3_000;
/** A deadline that comes later than this was nobody's for a while: the process died, and an answer may have been lost. */
const UNATTENDED_MS = 5_000;
const MOST_RING_QUESTIONS = 3;
/** How long a deferred call waits before the next attempt, if nothing releases it earlier. */
export const DEFERRED_RETRY_MS = 30_000;

/** A call to a phone number costs money by the minute, so it is ended this long after the answer, whatever it is doing. */
const PHONE_CALL_MOST_MS = 10 * 60_000;

/** When a call to a phone number must be over; null for other calls, and before the answer. */
function phoneCallEnd({ target, facts: { connectedAt } }: Call): string | null {
  return target.kind === 'phone' && connectedAt ? after(connectedAt, PHONE_CALL_MOST_MS) : null;
}

/** When the call must be looked at again if nothing happens; null when it has ended and nothing is owed. */
export function deadlineOf(call: Call): string | null {
  const { facts } = call;
  if (ending(call)) return null;
  const conduct = conductOf(call);
  if (!conduct) return talkDeadline(call);
  if (facts.hangUp) {
    if (facts.probes) return probeDeadline(facts.probes);
    return after(facts.hangUp.sentAt ?? facts.hangUp.requestedAt, CONFIRMATION_MS);
  }
  if (facts.connectedAt) {
    const due = conduct.deadline(call, facts.connectedAt);
    const most = phoneCallEnd(call);
    return most !== null && most < due ? most : due;
  }
  if (!facts.dialSentAt) return facts.deferred?.until ?? null;
  if (!call.callConnectionId && !facts.dialAcceptedAt) {
    return after(facts.dialSentAt, REPEATABILITY_WINDOW_MS + UNKNOWN_GRACE_MS);
  }
  if (facts.ringOver) return after(facts.ringOver.askedAt, RING_QUESTION_MS);
  // The phone rings only once the service has taken the call, up to 30 s after the first sending.
  return after(facts.dialAcceptedAt ?? facts.dialSentAt, call.ringTimeoutSeconds * 1000);
}

/** The job that looks at the call has come. Changes nothing if the deadline has moved meanwhile. */
export function atDeadline(call: Call, at: string, note: Note): Call {
  const due = deadlineOf(call);
  if (!due || at < due) return call;
  const { facts } = call;
  const conduct = conductOf(call);
  if (!conduct) return talkOverdue(call, at, note);

  const probe = (): Call => {
    const count = (facts.probes?.count ?? 0) + 1;
    return count > MAX_PROBES
      ? withFacts(call, { ended: { by: 'gone', at } })
      : withFacts(call, { probes: { count, lastAt: at } });
  };
  const hangUp = (by: HangUpBy): Call => {
    note({ type: 'hangUpRequested', data: { by } });
    return withFacts(call, { hangUp: hangUpFact(at, by) });
  };

  if (!facts.dialSentAt && facts.deferred) {
    const until = after(at, DEFERRED_RETRY_MS);
    return withFacts(call, { deferred: { ...facts.deferred, until, triedAt: at } });
  }
  if (!call.callConnectionId) {
    const givenUpAt = after(facts.dialSentAt ?? at, REPEATABILITY_WINDOW_MS + UNKNOWN_GRACE_MS);
    if (at >= givenUpAt && !isKnownToExist(call)) {
      note({ type: 'outcomeUnknown' });
      return withFacts(call, { dialUnknownAt: at });
    }
    // Accepted, but without an id: the service can be asked nothing until the first event brings the id.
    return facts.hangUp ? probe() : hangUp('timeout');
  }
  if (facts.hangUp) return probe();
  if (!facts.connectedAt) {
    // The event of the answer may be lost or late: Ringdown asks the service before it hangs up.
    if (!facts.ringOver) return withFacts(call, { ringOver: { askedAt: at } });
    const times = facts.ringOver.times ?? 1;
    return at >= after(due, UNATTENDED_MS) && times < MOST_RING_QUESTIONS
      ? withFacts(call, { ringOver: { askedAt: at, times: times + 1 } })
      : hangUp('timeout');
  }
  const most = phoneCallEnd(call);
  if (most !== null && at >= most) return hangUp('timeout');
  const overdue = conduct.overdue(call, at);
  if (!overdue) return call;
  return overdue.kind === 'probe' ? probe() : hangUp(overdue.by);
}
