import type { Disposition } from '../../calls/call.ts';
import type { EscalationStatus, Severity } from '../../escalations/escalation.ts';
import type { RungRow } from '../model.ts';
import type { Tone } from './parts/statusBadge.tsx';

/** What states mean for the reader. Pure. */

export function toneOfCall(disposition: Disposition | null): Tone {
  switch (disposition) {
    case null:
      return 'active';
    case 'answered':
    case 'acknowledged':
    case 'connected_to_caller':
      return 'good';
    case 'declined':
    case 'no_answer':
    case 'busy':
      return 'warning';
    case 'unreachable':
    case 'not_allowed':
    case 'failed':
      return 'bad';
    case 'cancelled':
      return 'calm';
  }
}

export function toneOfEscalation(status: EscalationStatus): Tone {
  switch (status) {
    case 'open':
    case 'exhausted':
      return 'bad';
    case 'acknowledged':
      return 'good';
    case 'resolved':
    case 'cancelled':
      return 'calm';
  }
}

export function toneOfSeverity(severity: Severity): Tone {
  return severity === 'critical' || severity === 'error'
    ? 'bad'
    : severity === 'warning'
      ? 'warning'
      : 'calm';
}

/** Whether a person's phone is in use for this escalation now. */
export function isLive(state: RungRow['state']): boolean {
  return state === 'calling' || state === 'dialing' || state === 'talking';
}
