import type { Disturbance } from '../../directory/presence.ts';
import type { SkipReason } from '../../escalations/escalation.ts';
import { isKeyOf } from '../entryData.ts';
import type { Format, Texts } from '../language.ts';
import { ended, endedInside } from './status.ts';

const disturbances: Record<Disturbance, string> = {
  doNotDisturb: 'does not want to be disturbed',
  inACall: 'is in a call',
  presenting: 'is presenting',
  outOfOffice: 'is out of the office',
};

export const skipped: Record<SkipReason, string> = {
  notFound: 'nobody with that name was found',
  ambiguous: 'several people match',
  disabled: 'the account is disabled',
  guest: 'guests cannot be called',
  noLicence: 'the account has no licence',
  noTeams: 'the account has no licence for Teams',
  noTeamsPhone: 'the account has no Teams Phone licence',
  nobodyOnDuty: 'nobody is on duty',
  emptyGroup: 'the group is empty or does not exist',
  noManager: 'no manager is listed in the directory',
  notInFile: 'ringdown.yaml no longer contains it',
  optedOut: 'has opted out of calls from chats',
  ...disturbances,
  directoryUnavailable: 'the directory is not responding',
};

export function skippedLine({ line }: Format): Texts['escalation']['skipped'] {
  return ({ name, reason }) => line`Skipping ${name}: ${skipped[reason]}.`;
}

/** Why somebody could not be called: a skip reason or a disposition. Other words stay as they are. */
export function whyNot(reason: string): string {
  if (isKeyOf(skipped, reason)) return skipped[reason];
  return isKeyOf(ended, reason) ? endedInside(reason) : reason;
}
