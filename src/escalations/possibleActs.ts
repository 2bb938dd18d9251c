import type { Escalation } from './escalation.ts';
import { rungsOf } from './ladder/rungs.ts';

/** What people do to an escalation, on a card, in chat or in the console. */
export type EscalationAct = 'acknowledge' | 'cantTake' | 'callNext' | 'resolve' | 'stop';

export const escalationActs = [
  'acknowledge',
  'cantTake',
  'callNext',
  'resolve',
  'stop',
] as const satisfies EscalationAct[];

/** For this long after an escalation is exhausted, the console shows it among the open ones, and "ack" may mean it. */
export const EXHAUSTED_LASTS_MS = 24 * 3_600_000;

/**
 * What can be done in this state.
 *
 * @param calleeKey `targetKey` of somebody who sees the escalation because it calls or called them; null for others
 */
export function possibleActs(escalation: Escalation, calleeKey: string | null): EscalationAct[] {
  switch (escalation.ladder.status) {
    case 'open':
      if (calleeKey === null) return ['acknowledge', 'callNext', 'resolve', 'stop'];
      return isTheirTurn(escalation, calleeKey)
        ? ['acknowledge', 'cantTake', 'callNext']
        : ['acknowledge', 'callNext'];
    case 'acknowledged':
      return ['resolve'];
    case 'exhausted':
      return calleeKey === null ? ['acknowledge', 'resolve'] : ['acknowledge'];
    case 'resolved':
    case 'cancelled':
      return [];
  }
}

/** Whether they are being called, or will be called again in this step. */
export function isTheirTurn({ ladder }: Escalation, key: string): boolean {
  return (
    ladder.status === 'open' && rungsOf(ladder).some((rung) => rung.key === key && rung.state !== 'done')
  );
}
