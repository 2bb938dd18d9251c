import type { Script } from './script.ts';

/** Service plans of Microsoft Teams and Teams Phone (from third-party sources; see README.md). */
export const servicePlans = {
  TEAMS1: '57ff2da0-773e-42df-b2af-ffb7a2317929',
  MCOEV: '4828c8ec-dc2e-4779-b502-87ac9ce28ab7',
} as const;

/** The `department` of a resource account (auto attendant, call queue) in Graph. */
export const resourceAccountDepartment = 'Microsoft Communication Application Instance';

export interface AssignedPlan {
  servicePlanId: string;
  service: string;
  capabilityStatus: 'Enabled' | 'Suspended' | 'Deleted';
  assignedDateTime: string;
}

export interface Presence {
  availability: string;
  activity: string;
}

/** A person in the fictional tenant: the directory entry, and how their phone behaves. */
export interface Person {
  /**
   * Entra object id. Those who are not in the directory: `8:acs:…` for a communication user, and a number in E.164
   * (`+4930…`) for a phone of the telephone network.
   */
  id: string;
  displayName: string;
  givenName: string | null;
  surname: string | null;
  userPrincipalName: string;
  mail: string | null;
  jobTitle: string | null;
  department: string | null;
  /** As people write it in the directory. */
  mobilePhone: string | null;
  businessPhones: string[];
  accountEnabled: boolean;
  userType: 'Member' | 'Guest';
  assignedPlans: AssignedPlan[];
  proxyAddresses: string[];
  managerId: string | null;
  presence: Presence;
  preferredLanguage: string | null;
  /** Whether `/photo/$value` returns a photo. */
  hasPhoto: boolean;
  /** Whether the bot's app is installed for this person. Only then can a bot start a conversation. */
  appInstalled: boolean;
  /** How the phone behaves: the first script serves the next ring and is used up, the last one stays. */
  scripts: Script[];
  /** Whether another call gets busy while the person is on a call; otherwise the phone rings again. Default true. */
  busyWhenOnCall: boolean;
  /** Whether this person's key presses reach the service, which is not certain for Teams users. Default true. */
  keysArrive: boolean;
}

export type PersonInput = Partial<Omit<Person, 'scripts' | 'assignedPlans'>> & {
  displayName: string;
  script?: Script | Script[];
  /** Licences. Default: both. */
  plans?: (keyof typeof servicePlans)[];
};

/**
 * The identifier that calls use: `8:orgid:…` for a user, `28:orgid:…` for a resource account, `8:acs:…`, `4:+…` for a
 * phone of the telephone network.
 */
export function rawIdOf(person: Person): string {
  if (person.id.startsWith('8:acs:')) return person.id;
  if (isTelephone(person)) return `4:${person.id}`;
  return `${isResourceAccount(person) ? '28' : '8'}:orgid:${person.id}`;
}

export function isResourceAccount(person: Person): boolean {
  return person.department === resourceAccountDepartment;
}

export function isInDirectory(person: Person): boolean {
  return !person.id.startsWith('8:acs:') && !isTelephone(person);
}

/** Whether it is a phone of the telephone network, not of Teams. */
export function isTelephone({ id }: Pick<Person, 'id'>): boolean {
  return id.startsWith('+');
}

export function hasTeamsPhone(person: Person): boolean {
  return person.assignedPlans.some(
    (plan) => plan.servicePlanId === servicePlans.MCOEV && plan.capabilityStatus === 'Enabled',
  );
}
