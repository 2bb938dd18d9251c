import type { Call } from '../call.ts';
import { after, isLost, isOver } from '../lifecycle/facts.ts';
import { probeDeadline } from '../lifecycle/probes.ts';
import { speakingLimit, type Conduct } from './conduct.ts';

/** Teams gives a transfer 60 s. */
const TRANSFER_LIMIT_MS = 75_000;

/** Says who is calling, then transfers the callee to the caller. */
export const connect: Conduct = {
  next({ facts: { plays = {}, transfer } }) {
    if (isLost(transfer)) {
      if (!plays.transferFailed) return { kind: 'speak', context: 'transferFailed' };
      return isOver(plays.transferFailed) ? { kind: 'hangUp', by: 'done' } : null;
    }
    if (transfer) return null;
    if (!plays.connecting) return { kind: 'speak', context: 'connecting' };
    return isOver(plays.connecting) ? { kind: 'transfer' } : null;
  },

  deadline(call, connectedAt) {
    const { plays = {}, transfer, probes } = call.facts;
    if (isLost(transfer)) {
      return after(plays.transferFailed?.requestedAt ?? transfer.failed.at, speakingLimit(call));
    }
    if (probes) return probeDeadline(probes);
    if (transfer?.requestedAt) return after(transfer.requestedAt, TRANSFER_LIMIT_MS);
    return after(plays.connecting?.requestedAt ?? connectedAt, speakingLimit(call));
  },

  overdue({ facts: { transfer } }) {
    const isTransferring = transfer?.requestedAt && !isLost(transfer);
    return isTransferring ? { kind: 'probe' } : { kind: 'hangUp', by: 'timeout' };
  },

  end({ facts: { transfer, ended } }) {
    // 200/7015: the service ended our leg because the transfer went through.
    if (transfer?.completedAt || ended?.subCode === 7015) {
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
