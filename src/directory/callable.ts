import type { Target } from '../calls/call.ts';
import type { AssignedPlan, Callable, Person } from './directory.ts';

/** The `department` of every resource account. Source: documentation of the call-end codes. */
export const resourceAccountDepartment = 'Microsoft Communication Application Instance';

/** Ids of service plans, on which third-party lists agree: Microsoft Teams, and Teams Phone. */
export const servicePlans = {
  TEAMS1: '57ff2da0-773e-42df-b2af-ffb7a2317929',
  MCOEV: '4828c8ec-dc2e-4779-b502-87ac9ce28ab7',
} as const;

/**
 * Whether a call is worth a try. What the directory does not show (such as the enterprise voice switch) counts as present:
 * if it is missing, the service refuses the call.
 */
export function callableOf(person: Person): Callable {
  if (person.kind === 'resourceAccount') return { callable: true };
  if (person.accountEnabled === false) return { callable: false, reason: 'disabled' };
  if (person.userType === 'Guest') return { callable: false, reason: 'guest' };
  if (person.assignedPlans === null) return { callable: true };
  const works = person.assignedPlans.filter(isInForce);
  if (works.length === 0) return { callable: false, reason: 'noLicence' };
  if (!includes(works, servicePlans.TEAMS1)) return { callable: false, reason: 'noTeams' };
  if (!includes(works, servicePlans.MCOEV)) return { callable: false, reason: 'noTeamsPhone' };
  return { callable: true };
}

/** `Warning` is the grace period of a subscription, in which everything still works. */
function isInForce({ capabilityStatus }: AssignedPlan): boolean {
  const status = capabilityStatus.toLowerCase();
  return status === 'enabled' || status === 'warning';
}

function includes(plans: readonly AssignedPlan[], id: string): boolean {
  return plans.some(({ servicePlanId }) => servicePlanId.toLowerCase() === id);
}

/** The target of a call to this person. */
export function toTarget(person: Person): Target {
  return {
    kind: person.kind === 'resourceAccount' ? 'voiceApp' : 'teamsUser',
    id: person.id,
    displayName: person.displayName,
    ...(person.givenName !== null && { givenName: person.givenName }),
    ...(person.userPrincipalName !== '' && { userPrincipalName: person.userPrincipalName }),
    ...(person.jobTitle !== null && { jobTitle: person.jobTitle }),
  };
}
