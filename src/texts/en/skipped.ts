import type { SkipReason } from '../../escalations/escalation.ts';
import { isKeyOf } from '../entryData.ts';
import type { Format, Texts } from '../language.ts';
import { disturbances } from './people.ts';
import { ended, endedInside } from './status.ts';

export const skipped: Record<SkipReason, string> = {
  notFound: 'nobody of that name was found',
  ambiguous: 'several people fit',
  disabled: 'the account is disabled',
  guest: 'guests cannot be called',
  noLicence: 'the account has no licence',
  noTeams: 'the account has no licence for Teams',
  noTeamsPhone: 'the account has no Teams Phone licence',
  nobodyOnDuty: 'nobody is on duty',
  emptyGroup: 'the group is empty or not there',
  noManager: 'no manager is known',
  notInFile: 'ringdown.yaml no longer has it',
  optedOut: 'has asked not to be called from chats',
  ...disturbances,
  directoryUnavailable: 'the directory does not answer',
};

export function skippedLine({ line }: Format): Texts['escalation']['skipped'] {
  return ({ name, reason }) => line`${name} is not called: ${skipped[reason]}.`;
}

/** Why somebody could not be called: a skip reason or a disposition. Others are shown as they are. */
export function whyNot(reason: string): string {
  if (isKeyOf(skipped, reason)) return skipped[reason];
  return isKeyOf(ended, reason) ? endedInside(reason) : reason;
}
