import type { CallListener, NotYet } from '../calls/callListener.ts';
import type { Call } from '../calls/call.ts';
import { timeNow } from '../clock.ts';
import type { Work } from '../database/transaction.ts';
import type { Severity } from './escalation.ts';
import type { EscalationService } from './escalationService.ts';

interface Parts {
  escalations: Pick<EscalationService, 'lookIn' | 'takeIn'>;
  /** Until when an escalation of this severity must not call (epoch milliseconds); null if it may call now. */
  quietUntil: (severity: Severity) => number | null;
  clock: { now(): number };
}

/**
 * In quiet hours an escalation sends its cards, and its calls wait until the quiet hours are over. Severities in
 * `quietHours.except` call at once.
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
        const entry = { type: 'quietHours' as const, data: { name: call.target.displayName } };
        await escalations.takeIn(work, escalationId, { type: 'noted', at: timeNow(clock), entry });
      }
      return { reason: 'quietHours', until };
    },
  };
}
