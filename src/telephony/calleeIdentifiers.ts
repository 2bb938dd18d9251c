import type { CallInvite } from '@azure/communication-call-automation';
import type { CommunicationIdentifier, MicrosoftTeamsUserIdentifier } from '@azure/communication-common';
import type { Target } from '../calls/call.ts';
import type { IdentifierCloud } from '../config/clouds.ts';

/**
 * The invitation that createCall sends to the callee.
 *
 * @param phoneNumber the number (E.164) that calls to phone numbers come from
 */
export function inviteOf(
  target: Target,
  {
    cloud,
    callerDisplayName,
    phoneNumber,
  }: { cloud: IdentifierCloud; callerDisplayName: string; phoneNumber: string | null },
): CallInvite {
  const sourceDisplayName = callerDisplayName;
  switch (target.kind) {
    case 'teamsUser':
      return { targetParticipant: teamsUserOf(target, cloud), sourceDisplayName };
    case 'voiceApp':
      return { targetParticipant: { teamsAppId: target.id, cloud }, sourceDisplayName };
    case 'communicationUser':
      return { targetParticipant: { communicationUserId: target.id }, sourceDisplayName };
    case 'phone':
      return {
        targetParticipant: { phoneNumber: target.id },
        sourceDisplayName,
        ...(phoneNumber !== null && { sourceCallIdNumber: { phoneNumber } }),
      };
  }
}

/** The callee as a participant of the call. */
export function identifierOf(target: Target, cloud: IdentifierCloud): CommunicationIdentifier {
  switch (target.kind) {
    case 'teamsUser':
      return teamsUserOf(target, cloud);
    case 'voiceApp':
      return { teamsAppId: target.id, cloud };
    case 'communicationUser':
      return { communicationUserId: target.id };
    case 'phone':
      return { phoneNumber: target.id };
  }
}

export function teamsUserOf({ id }: Target, cloud: IdentifierCloud): MicrosoftTeamsUserIdentifier {
  return { microsoftTeamsUserId: id, cloud };
}
