import type { Call, Cause, ServiceResult } from '../call.ts';
import { PLAY_CANCELLED } from '../dispositions.ts';
import { firstPlay, say, speakingDeadline, type Conduct, type End } from './conduct.ts';

/** Speaks a message, or the words of a test call, and hangs up. */
export const speak: Conduct = {
  next: ({ facts }) => say(facts, 'message', { kind: 'hangUp', by: 'done' }),

  deadline: (call, connectedAt) =>
    speakingDeadline(call, firstPlay(call.facts, 'message')?.requestedAt ?? connectedAt),

  overdue: () => ({ kind: 'hangUp', by: 'timeout' }),

  end: speakingEnd,
};

function speakingEnd({ purpose, facts }: Call): End {
  const { ended, hangUp } = facts;
  const message = firstPlay(facts, 'message');
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
  // 8567 with code 0 is our own result, for an installation without a speech service.
  if (subCode === 8567) return code === 0 ? 'speechNotConfigured' : 'speechNotLinked';
  // The speech service answered with an error of its own, whose HTTP status is the code.
  if (subCode === 8565) return code === 429 ? 'speechThrottled' : 'speechNotLinked';
  return 'messageNotSpoken';
}
