import type { Call, Cause, ServiceResult } from '../call.ts';
import { PLAY_CANCELLED } from '../dispositions.ts';
import { after, isOver } from '../lifecycle/facts.ts';
import { speakingLimit, type Conduct, type End } from './conduct.ts';

/** Speaks a message, or the words of a test call, and hangs up. */
export const speak: Conduct = {
  next({ facts: { plays = {} } }) {
    if (!plays.message) return { kind: 'speak', context: 'message' };
    return isOver(plays.message) ? { kind: 'hangUp', by: 'done' } : null;
  },

  deadline: (call, connectedAt) =>
    after(call.facts.plays?.message?.requestedAt ?? connectedAt, speakingLimit(call)),

  overdue: () => ({ kind: 'hangUp', by: 'timeout' }),

  end: speakingEnd,
};

function speakingEnd({ purpose, facts }: Call): End {
  const { ended, hangUp } = facts;
  const message = facts.plays?.message;
  if (message?.completedAt) {
    return { disposition: 'answered', cause: purpose.kind === 'test' ? 'testAnswered' : 'messageDelivered' };
  }
  if (message?.failed && message.failed.subCode !== PLAY_CANCELLED) {
    return { disposition: 'failed', cause: speechCause(message.failed) };
  }
  // The message was begun, and no event told how that went on.
  const isSilent = hangUp?.by === 'timeout' || ended?.by === 'gone';
  if (message && isSilent && !message.failed)
    return { disposition: 'answered', cause: 'messageNotConfirmed' };
  const wasStopped = hangUp && hangUp.by !== 'done' && hangUp.by !== 'callee';
  return { disposition: 'answered', cause: wasStopped ? 'messageStopped' : 'messageCutShort' };
}

function speechCause({ code, subCode }: ServiceResult): Cause {
  // We give 8567 without an HTTP status ourselves if no speech service is configured.
  if (subCode === 8567) return code === 0 ? 'speechNotConfigured' : 'speechNotLinked';
  // The speech service answered with an error of its own, whose HTTP status is the code.
  if (subCode === 8565) return code === 429 ? 'speechThrottled' : 'speechNotLinked';
  return 'messageNotSpoken';
}
