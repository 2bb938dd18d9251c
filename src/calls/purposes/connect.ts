import type { Call } from '../call.ts';
import { after, isLost } from '../lifecycle/facts.ts';
import { probeDeadline } from '../lifecycle/probes.ts';
import { firstPlay, say, speakingDeadline, type Conduct } from './conduct.ts';

/** Teams gives a transfer 60 s. */
const TRANSFER_LIMIT_MS = 75_000;

/** 200/7015: the service ended our leg because the transfer went through. */
const TRANSFERRED = 7015;

/** Says who is calling, then transfers the callee to the caller. */
export const connect: Conduct = {
  next({ facts }) {
    if (isLost(facts.transfer)) return say(facts, 'transferFailed', { kind: 'hangUp', by: 'done' });
    return facts.transfer ? null : say(facts, 'connecting', { kind: 'transfer' });
  },

  deadline(call, connectedAt) {
    const { facts } = call;
    const { transfer, probes } = facts;
    if (isLost(transfer)) {
      return speakingDeadline(call, firstPlay(facts, 'transferFailed')?.requestedAt ?? transfer.failed.at);
    }
    if (probes) return probeDeadline(probes);
    if (transfer?.requestedAt) return after(transfer.requestedAt, TRANSFER_LIMIT_MS);
    return speakingDeadline(call, firstPlay(facts, 'connecting')?.requestedAt ?? connectedAt);
  },

  overdue({ facts: { transfer } }) {
    const isTransferring = transfer?.requestedAt && !isLost(transfer);
    return isTransferring ? { kind: 'probe' } : { kind: 'hangUp', by: 'timeout' };
  },

  end({ facts: { transfer, ended } }) {
    if (transfer?.completedAt || (ended && ended.by !== 'gone' && ended.subCode === TRANSFERRED)) {
      return { disposition: 'connected_to_caller', cause: 'connectedToCaller' };
    }
    if (transfer?.failed) return { disposition: 'failed', cause: 'transferFailed' };
    return { disposition: 'answered', cause: 'answeredAndHungUp' };
  },
};

/**
 * Whether the event with the result of the transfer may still come. That our leg is gone does not tell the result: the
 * service removes it after a successful transfer too, and events are late if Ringdown was down.
 */
export function awaitsTransferEvent({ facts }: Call, at: string): boolean {
  const { transfer, hangUp } = facts;
  if (!transfer?.requestedAt || transfer.completedAt || isLost(transfer) || hangUp) return false;
  return at < after(transfer.requestedAt, TRANSFER_LIMIT_MS);
}
