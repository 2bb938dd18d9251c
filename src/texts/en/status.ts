import type { Disposition } from '../../calls/call.ts';
import { isKeyOf, withCode, type EntryData } from '../entryData.ts';
import type { StatusWords } from '../escalationTexts.ts';
import type { RunningState } from '../language.ts';

export const running: Record<RunningState, StatusWords> = {
  queued: { text: 'Placing the call …', color: 'default' },
  waiting: { text: 'Waiting …', color: 'warning' },
  invited: { text: 'Waiting for you to join', color: 'warning' },
  // The service does not report whether a phone is ringing.
  dialing: { text: 'Calling …', color: 'default' },
  connected: { text: 'Connected', color: 'good' },
  speaking: { text: 'Speaking the message …', color: 'good' },
  transferring: { text: 'Connecting …', color: 'good' },
  hangingUp: { text: 'Hanging up …', color: 'default' },
};
export const ended: Record<Disposition, StatusWords> = {
  answered: { text: 'Answered', color: 'good' },
  acknowledged: { text: 'Acknowledged', color: 'good' },
  connected_to_caller: { text: 'Connected', color: 'good' },
  declined: { text: 'Declined', color: 'warning' },
  no_answer: { text: 'No answer', color: 'warning' },
  busy: { text: 'Busy', color: 'warning' },
  unreachable: { text: 'Unreachable', color: 'warning' },
  not_allowed: { text: 'Not allowed', color: 'attention' },
  cancelled: { text: 'Cancelled', color: 'default' },
  failed: { text: 'Failed', color: 'attention' },
};

/** How a call ended, within a sentence. */
export function endedInside(disposition: Disposition): string {
  return ended[disposition].text.toLowerCase();
}

/** The same for a timeline entry, with the service's code unless the call went well. */
export function result(data: EntryData): string {
  const { disposition } = data;
  if (!isKeyOf(ended, disposition)) return withCode('over', data);
  const words = endedInside(disposition);
  return ended[disposition].color === 'good' ? words : withCode(words, data);
}
