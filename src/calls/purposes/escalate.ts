import type { Facts, Play, Speech } from '../call.ts';
import { after, isOver } from '../lifecycle/facts.ts';
import { MOST_MESSAGES } from '../lifecycle/speech.ts';
import { firstPlay, say, speakingDeadline, type Action, type Conduct } from './conduct.ts';

/** After this much silence an escalation's message is repeated, or after the last repetition the call ends. */
const SILENCE_MS = 8_000;
/** How long a callee stays on the line if speaking failed, to look at the card. */
export const SILENT_LINE_MS = 30_000;
/** How often a silent callee hears the message. Each time that they ask for it adds one. */
export const UNASKED_MESSAGES = 3;
/** The key that asks for the message again, as the service names it. */
const REPEAT_KEY = 'three';

/** Speaks the message of an escalation until somebody acknowledges it. */
export const escalate: Conduct = {
  next({ facts }, now) {
    return isTold(facts) ? lastWord(facts) : nextMessage(facts, now);
  },

  deadline(call, connectedAt) {
    const { facts } = call;
    const { acknowledgedAt, takenOver } = facts;
    if (acknowledgedAt) {
      return after(firstPlay(facts, 'acknowledged')?.requestedAt ?? acknowledgedAt, SILENCE_MS);
    }
    if (takenOver) return after(firstPlay(facts, 'takenOver')?.requestedAt ?? takenOver.at, SILENCE_MS);
    const last = lastMessage(facts);
    if (last?.failed) return after(last.failed.at, SILENT_LINE_MS);
    if (last?.completedAt) return after(last.completedAt, SILENCE_MS);
    return speakingDeadline(call, last?.requestedAt ?? connectedAt);
  },

  overdue: (call, now) => (escalate.next(call, now) ? null : { kind: 'hangUp', by: 'done' }),

  end: ({ facts }) =>
    facts.acknowledgedAt
      ? { disposition: 'acknowledged', cause: 'acknowledged' }
      : { disposition: 'answered', cause: 'answeredNotAcknowledged' },
};

/** Whether the escalation has told this call that it is over, or that the callee has it. */
export function isTold({ acknowledgedAt, takenOver }: Facts): boolean {
  return acknowledgedAt !== undefined || takenOver !== undefined;
}

/** Says so, and hangs up. */
export function lastWord(facts: Facts): Action | null {
  return facts.acknowledgedAt
    ? say(facts, 'acknowledged', { kind: 'hangUp', by: 'done' })
    : say(facts, 'takenOver', { kind: 'hangUp', by: 'escalation' });
}

function nextMessage(facts: Facts, now: string): Action | null {
  const last = lastMessage(facts);
  if (!last) return { kind: 'speak', speech: { context: 'message', nth: 1 } };
  if (!isOver(last) || last.nth >= MOST_MESSAGES) return null;
  const speech: Speech = { context: 'message', nth: last.nth + 1 };
  const asked = (facts.tones ?? []).filter(({ tone }) => tone === REPEAT_KEY).length;
  const met = facts.repeats ?? 0;
  if (asked > met) return { kind: 'speak', speech, repeats: asked };
  if (last.failed || last.nth >= UNASKED_MESSAGES + met) return null;
  const isSilent = now >= after(last.completedAt ?? now, SILENCE_MS);
  return isSilent ? { kind: 'speak', speech } : null;
}

function lastMessage({ plays = [] }: Facts): Play | undefined {
  return plays
    .filter(({ context }) => context === 'message')
    .toSorted((a, b) => a.nth - b.nth)
    .at(-1);
}
