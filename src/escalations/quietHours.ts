import type { CallListener, NotYet } from '../calls/callListener.ts';
import type { Call } from '../calls/call.ts';
import { timeNow } from '../clock.ts';
import type { Work } from '../database/work.ts';
import type { Severity } from './escalation.ts';
import type { EscalationService } from './escalationService.ts';

interface Parts {
  escalations: Pick<EscalationService, 'lookIn' | 'takeIn'>;
  /** Until when an escalation of this severity wakes nobody (epoch milliseconds); null if it may. */
  quietUntil: (severity: Severity) => number | null;
  clock: { now(): number };
}

/**
 * In quiet hours an escalation is kept, with its cards, and calls nobody: its call waits until they are over. Those of
 * the severities in `quietHours.except` go out at once.
 */
export function restsInQuietHours({ escalations, quietUntil, clock }: Parts): CallListener {
  return {
    async mayDial(work: Work, call: Call): Promise<true | NotYet> {
      if (call.purpose.kind !== 'escalate') return true;
      const { escalationId } = call.purpose;
      const escalation = await escalations.lookIn(work, escalationId);
      const until = escalation ? quietUntil(escalation.severity) : null;
      if (until === null) return true;
      if (call.facts.deferred?.reason !== 'quietHours') {
        const entry = { type: 'quietHours', data: { name: call.target.displayName } };
        const at = timeNow(clock);
        await escalations.takeIn(work, escalationId, { type: 'noted', at, entry });
      }
      return { reason: 'quietHours', until };
    },
  };
}
