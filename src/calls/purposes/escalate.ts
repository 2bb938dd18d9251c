import type { Call, Facts, SpeechContext, Step } from '../call.ts';
import { after, isOver } from '../lifecycle/facts.ts';
import { speakingLimit, type Action, type Conduct } from './conduct.ts';

/** After this much silence an escalation's message is repeated, or after the last repetition the call ends. */
const SILENCE_MS = 8_000;
/** How long a callee stays on the line if speaking failed, to look at the card. */
const SILENT_LINE_MS = 30_000;
const MESSAGES = [
  'message',
  'message2',
  'message3',
  'message4',
  'message5',
  'message6',
] as const satisfies SpeechContext[];
/** How often a silent callee hears the message. Each time that they ask for it adds one. */
const UNASKED_MESSAGES = 3;
/** The key that asks for the message again, as the service names it. */
const REPEAT_KEY = 'three';

/** Speaks the message of an escalation until somebody acknowledges it. */
export const escalate: Conduct = {
  next(call, now) {
    const { acknowledgedAt, takenOver, plays = {} } = call.facts;
    if (acknowledgedAt) {
      if (!plays.acknowledged) return { kind: 'speak', context: 'acknowledged' };
      return isOver(plays.acknowledged) ? { kind: 'hangUp', by: 'done' } : null;
    }
    if (takenOver) {
      if (!plays.takenOver) return { kind: 'speak', context: 'takenOver' };
      return isOver(plays.takenOver) ? { kind: 'hangUp', by: 'escalation' } : null;
    }
    return nextMessage(call, now);
  },

  deadline(call, connectedAt) {
    const { acknowledgedAt, takenOver, plays = {} } = call.facts;
    if (acknowledgedAt) return after(plays.acknowledged?.requestedAt ?? acknowledgedAt, SILENCE_MS);
    if (takenOver) return after(plays.takenOver?.requestedAt ?? takenOver.at, SILENCE_MS);
    const last = lastMessage(call.facts);
    if (last?.failed) return after(last.failed.at, SILENT_LINE_MS);
    if (last?.completedAt) return after(last.completedAt, SILENCE_MS);
    return after(last?.requestedAt ?? connectedAt, speakingLimit(call));
  },

  overdue: (call, now) => (escalate.next(call, now) ? null : { kind: 'hangUp', by: 'done' }),

  end: ({ facts }) =>
    facts.acknowledgedAt
      ? { disposition: 'acknowledged', cause: 'acknowledged' }
      : { disposition: 'answered', cause: 'answeredNotAcknowledged' },
};

function nextMessage({ facts }: Call, now: string): Action | null {
  const latest = MESSAGES.findLastIndex((context) => facts.plays?.[context]);
  const next = MESSAGES[latest + 1];
  const last = lastMessage(facts);
  if (!last) return { kind: 'speak', context: 'message' };
  if (!isOver(last) || !next) return null;
  const asked = (facts.tones ?? []).filter(({ tone }) => tone === REPEAT_KEY).length;
  const met = facts.repeats ?? 0;
  if (asked > met) return { kind: 'speak', context: next, repeats: asked };
  if (last.failed || latest + 1 >= UNASKED_MESSAGES + met) return null;
  return Date.parse(now) >= Date.parse(last.completedAt ?? now) + SILENCE_MS
    ? { kind: 'speak', context: next }
    : null;
}

function lastMessage(facts: Facts): Step | undefined {
  return MESSAGES.map((context) => facts.plays?.[context])
    .filter((step) => step !== undefined)
    .at(-1);
}
