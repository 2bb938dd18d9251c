import { randomUUID } from 'node:crypto';
import type { People } from '../people/people.ts';

export interface Group {
  id: string;
  displayName: string;
  /** Ids of people, and of nested groups. */
  members: string[];
}

export interface Shift {
  id: string;
  teamId: string;
  userId: string;
  displayName: string;
  /** ISO 8601, UTC. */
  startDateTime: string;
  endDateTime: string;
}

/** Application permissions of the token. Requests that need a removed one get 403. */
const allPermissions = [
  'User.Read.All',
  'Presence.Read.All',
  'GroupMember.Read.All',
  'Schedule.Read.All',
  'TeamsAppInstallation.ReadWriteSelfForUser.All',
] as const;
export type Permission = (typeof allPermissions)[number] | 'User.ReadBasic.All';

/** What Graph knows apart from people. */
export class Graph {
  readonly permissions = new Set<Permission>(allPermissions);
  /** `webApplicationInfo.id` in the manifest of the app in the catalogue; null: any application may install it. */
  manifestApplication: string | null = null;
  readonly groups = new Map<string, Group>();
  readonly shifts: Shift[] = [];
  readonly teams = new Set<string>();
  readonly #people: People;

  constructor(people: People) {
    this.#people = people;
  }

  /** Members are people by id, UPN, mail or name, or groups by id. */
  addGroup(group: { id?: string; displayName: string; members: string[] }): Group {
    const members = group.members.map((member) =>
      this.groups.has(member) ? member : this.#people.get(member).id,
    );
    const whole = { id: group.id ?? randomUUID(), displayName: group.displayName, members };
    this.groups.set(whole.id, whole);
    return whole;
  }

  addShift(shift: {
    teamId: string;
    person: string;
    start: number;
    end: number;
    displayName?: string;
  }): Shift {
    const whole: Shift = {
      id: `SHFT_${randomUUID()}`,
      teamId: shift.teamId,
      userId: this.#people.get(shift.person).id,
      displayName: shift.displayName ?? 'On call',
      startDateTime: new Date(shift.start).toISOString(),
      endDateTime: new Date(shift.end).toISOString(),
    };
    this.teams.add(shift.teamId);
    this.shifts.push(whole);
    return whole;
  }

  /** Ids of all people in a group, including nested groups. */
  transitiveMembers(groupId: string, seen = new Set<string>()): string[] {
    if (seen.has(groupId)) return [];
    seen.add(groupId);
    const members = this.groups.get(groupId)?.members ?? [];
    return [
      ...new Set(members.flatMap((id) => (this.groups.has(id) ? this.transitiveMembers(id, seen) : [id]))),
    ];
  }
}
