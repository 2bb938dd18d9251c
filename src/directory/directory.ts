import type { Presence } from './presence.ts';

/** A service plan of a licence, as in Graph's `assignedPlans`. */
export interface AssignedPlan {
  servicePlanId: string;
  /** `Enabled`, `Warning`, `Suspended`, `Deleted`, `LockedOut` … */
  capabilityStatus: string;
}

/** A person or a voice application in the directory. Null means unknown: empty, or not readable with our permissions. */
export interface Person {
  /** Entra object id, in lower case. */
  id: string;
  displayName: string;
  givenName: string | null;
  surname: string | null;
  userPrincipalName: string;
  mail: string | null;
  /** Mail addresses besides `mail`. */
  otherAddresses: readonly string[];
  jobTitle: string | null;
  department: string | null;
  accountEnabled: boolean | null;
  userType: 'Member' | 'Guest' | null;
  /** Null if the permission to read them is missing. */
  assignedPlans: readonly AssignedPlan[] | null;
  /** A resource account is a voice application: an auto attendant or a call queue. */
  kind: 'user' | 'resourceAccount';
}

/** Why somebody cannot be called, as far as the directory knows before the call. */
export type NotCallable =
  /** The account is disabled: the person left, or it is a shared mailbox, whose account cannot sign in. */
  | 'disabled'
  /** Call Automation cannot call guests from other organisations. */
  | 'guest'
  /** No licence at all: a shared mailbox, a room without Teams, a service account. */
  | 'noLicence'
  /** A licence, but without Teams. */
  | 'noTeams'
  /** Teams, but without Teams Phone, which calls by Call Automation need. */
  | 'noTeamsPhone';

export type Callable = { callable: true } | { callable: false; reason: NotCallable };

/** What was typed, or an object id from a mention or from the channel. */
export type DirectoryQuery = ({ text: string } | { objectId: string }) & {
  /** The caller will ask for presence next: read and cache it too, if that takes no further request. */
  withPresence?: boolean;
};

/** The person who asks. This changes the order of candidates, but never whether a call goes out without asking. */
export interface Asker {
  objectId?: string;
  tenantId?: string;
  department?: string;
  managerId?: string;
  /** Object ids, the last call first. Called only if several people match. */
  recentCallees?: () => Promise<readonly string[]>;
}

export type Found =
  | { kind: 'one'; person: Person; callable: Callable }
  /** At most five, the likeliest first; `more` if others match as well. */
  | { kind: 'several'; people: readonly Person[]; more: boolean }
  /** At most three people with similar names. */
  | { kind: 'none'; suggestions: readonly Person[]; because?: NotLookedUp };

/** Why the directory did not look something up at all. */
export type NotLookedUp =
  /** `8:acs:…`: an ACS user. The code that asks decides who may call one. */
  | 'communicationUser'
  /** An identifier of another cloud (`8:gcch:…` in the public one). */
  | 'otherCloud';

/** A time for which one person is on duty. */
export interface Shift {
  userId: string;
  /** Epoch milliseconds. */
  startsAt: number;
  endsAt: number;
  name: string | null;
}

export interface Photo {
  contentType: string;
  bytes: Uint8Array;
}

/**
 * The port to the directory of people. All methods but `presence` and `photo` throw
 * `RingdownError('directory_unavailable')` if the directory refuses or does not answer in time; the cause has the words
 * for the operator.
 */
export interface Directory {
  /** The person that a text or an id means. The result is `one` only if there is a single clear winner. */
  find(query: DirectoryQuery, asker: Asker | null): Promise<Found>;
  /** By object id or user principal name; null if there is no such person. */
  get(id: string): Promise<Person | null>;
  /** A small picture (96×96); null if there is none or it cannot be read. */
  photo(id: string): Promise<Photo | null>;
  /** By object id; null if presence cannot be read. The bot then works without it and reports no error. */
  presence(ids: readonly string[]): Promise<Map<string, Presence> | null>;
  /** The people in a group and in its nested groups; null if there is no such group. */
  membersOf(groupId: string): Promise<readonly Person[] | null>;
  managerOf(id: string): Promise<Person | null>;
  /**
   * The phone numbers of people, by object id in lower case, as they stand in the directory: the mobile, then the first
   * business phone. Asks the directory each time and keeps nothing: these numbers are shown nowhere.
   */
  numbersOf(ids: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Those of the groups to which the user belongs, directly or through nested groups. Empty for an unknown user. */
  isMemberOf(userId: string, groupIds: readonly string[]): Promise<ReadonlySet<string>>;
  /**
   * Who is on duty by a team's Shifts: at a time, or at any time before `to` (epoch milliseconds). Null if there is no such
   * team, or no Shifts.
   */
  shifts(teamId: string, at: number, to?: number): Promise<readonly Shift[] | null>;
}
