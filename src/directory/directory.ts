import type { Presence } from './presence.ts';

/** A licence's service plan, as Graph's `assignedPlans` lists it. */
export interface AssignedPlan {
  servicePlanId: string;
  /** `Enabled`, `Warning`, `Suspended`, `Deleted`, `LockedOut` … */
  capabilityStatus: string;
}

/** Somebody, or a voice application, in the directory. Null means unknown: not given, or not to be read. */
export interface Person {
  /** Entra object id, in small letters. */
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
  /** Null when the permission to read them is missing. */
  assignedPlans: readonly AssignedPlan[] | null;
  /** A resource account is an auto attendant or a call queue: a voice application. */
  kind: 'user' | 'resourceAccount';
}

/** Why somebody cannot be called, as far as the directory knows it before the call. */
export type NotCallable =
  /** The account is disabled: somebody who left, or a shared mailbox, whose account cannot sign in. */
  | 'disabled'
  /** Guests of other organisations cannot be called by Call Automation. */
  | 'guest'
  /** No licence at all: a shared mailbox, a room without Teams, a service account. */
  | 'noLicence'
  /** Licences, but none of Teams. */
  | 'noTeams'
  /** Teams, but not Teams Phone, which calls through Call Automation need. */
  | 'noTeamsPhone';

export type Callable = { callable: true } | { callable: false; reason: NotCallable };

/** Whom the directory looks for: what was typed, or an object id that a mention or the channel gave. */
export type DirectoryQuery = ({ text: string } | { objectId: string }) & {
  /** Presence is going to be asked for: it is read along where that takes no further request, and kept. */
  withPresence?: boolean;
};

/** Who asks. It decides the order of candidates, never whether somebody is called without asking. */
export interface Asker {
  objectId?: string;
  tenantId?: string;
  department?: string;
  managerId?: string;
  /** Object ids, the last call first. Asked for only where several fit. */
  recentCallees?: () => Promise<readonly string[]>;
}

export type Found =
  | { kind: 'one'; person: Person; callable: Callable }
  /** At most five, the likeliest first; `more` when others fit as well. */
  | { kind: 'several'; people: readonly Person[]; more: boolean }
  /** At most three names that come near. */
  | { kind: 'none'; suggestions: readonly Person[]; because?: NotLookedUp };

/** Why something was not looked up in this directory at all. */
export type NotLookedUp =
  /** `8:acs:…`: an ACS user; the caller decides who may call it. */
  | 'communicationUser'
  /** An identifier of another cloud (`8:gcch:…` in the public one). */
  | 'otherCloud';

/** One person's turn of duty. */
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
 * The port to the directory of people. Everything but `presence` and `photo` throws
 * `RingdownError('directory_unavailable')` when the directory does not answer in time or refuses; its cause has the
 * words for the operator.
 */
export interface Directory {
  /** Whom a text or an id means. Only a single clear winner is `one`. */
  find(query: DirectoryQuery, asker: Asker | null): Promise<Found>;
  /** By object id or user principal name; null if there is nobody. */
  get(id: string): Promise<Person | null>;
  /** A small picture (96×96); null if there is none or it cannot be had. */
  photo(id: string): Promise<Photo | null>;
  /** By object id; null when presence cannot be read: it is left out then, and nobody is bothered. */
  presence(ids: readonly string[]): Promise<Map<string, Presence> | null>;
  /** The people in a group and in the groups inside of it; null if there is no such group. */
  membersOf(groupId: string): Promise<readonly Person[] | null>;
  managerOf(id: string): Promise<Person | null>;
  /** Those of the groups that the user belongs to, directly or through other groups. Empty for an unknown user. */
  isMemberOf(userId: string, groupIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** Who is on duty in a team's Shifts at a time (epoch milliseconds); null if there is no such team, or no Shifts. */
  shifts(teamId: string, at: number): Promise<readonly Shift[] | null>;
}
