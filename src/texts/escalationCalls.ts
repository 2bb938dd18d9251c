import type { Call, Target, TimelineEntry } from '../calls/call.ts';
import { isMobile } from '../calls/callee.ts';
import type { EscalationNoteType } from '../escalations/timeline.ts';
import { callStateWords, shownState, type StatusWords } from './callState.ts';
import { callLine } from './callTimeline.ts';
import type { Texts } from './language.ts';

/** Timeline entries of an escalation that end its calls. */
const endsCalls: ReadonlySet<string> = new Set([
  'passedOn',
  'acknowledged',
  'resolved',
  'cancelled',
] satisfies EscalationNoteType[]);

/** The callee's name; on their mobile it says so. */
export function nameOnPhone(target: Target, texts: Texts): string {
  const { displayName: name } = target;
  return isMobile(target) ? texts.cards.escalation.onMobile({ name }) : name;
}

/** The state or result of a call of an escalation. @param timeline of the escalation */
export function callResult(call: Call, timeline: readonly TimelineEntry[], texts: Texts): StatusWords {
  const card = texts.cards.escalation;
  const shown = shownState(call);
  const { running, view: seen } = shown;
  const { deferred } = call.facts;
  if (running === 'queued' && deferred) {
    return {
      text: callLine({ type: 'deferred', data: { reason: deferred.reason } }, texts),
      color: 'warning',
    };
  }
  if (seen.cause === 'answeredNotAcknowledged')
    return { text: card.answeredNotAcknowledged, color: 'warning' };
  if (seen.cause === 'cancelledByEscalation') {
    return wasPassedOn(call, timeline)
      ? { text: card.passedOn, color: 'warning' }
      : { text: card.noLongerNeeded, color: 'default' };
  }
  return callStateWords(shown, texts);
}

/** Whether the call was ended to call the next person. It must not look as if somebody had acknowledged. */
function wasPassedOn({ facts }: Call, timeline: readonly TimelineEntry[]): boolean {
  const hungUpAt = facts.hangUp?.requestedAt ?? '';
  const why = timeline.findLast(({ at, type }) => endsCalls.has(type) && at <= hungUpAt);
  return why?.type === 'passedOn';
}
