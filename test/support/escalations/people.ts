import { createHash } from 'node:crypto';
import { servicePlans } from '../../../src/directory/callable.ts';
import { callableOf } from '../../../src/directory/callable.ts';
import type { Directory, Found, Person, Shift } from '../../../src/directory/directory.ts';
import { RingdownError } from '../../../src/errors.ts';

/** An object id that is always the same for a name. */
export function idOf(name: string): string {
  const hex = createHash('sha256').update(name.toLowerCase()).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const plan = (servicePlanId: string): { servicePlanId: string; capabilityStatus: string } => ({
  servicePlanId,
  capabilityStatus: 'Enabled',
});

/** A person who can be called, unless `more` says otherwise. */
export function person(name: string, more: Partial<Person> = {}): Person {
  return {
    id: idOf(name),
    displayName: name,
    givenName: name.split(' ')[0] ?? null,
    surname: null,
    userPrincipalName: `${name.toLowerCase()}@contoso.example`,
    mail: null,
    otherAddresses: [],
    jobTitle: null,
    department: null,
    accountEnabled: true,
    userType: 'Member',
    assignedPlans: [plan(servicePlans.TEAMS1), plan(servicePlans.MCOEV)],
    kind: 'user',
    ...more,
  };
}

export const teamsOnly = [plan(servicePlans.TEAMS1)];

/** Finds people by name, address and id. The test sets groups, managers and shifts. */
export class FakeDirectory implements Directory {
  readonly people: Person[] = [];
  readonly groups = new Map<string, string[]>();
  readonly managers = new Map<string, string>();
  /** Phone numbers, as the directory has them. */
  readonly numbers = new Map<string, string[]>();
  /** Whose numbers were asked for. */
  readonly askedNumbers: string[] = [];
  /** Who is on shift now, by team. */
  readonly onShift = new Map<string, string[]>();
  /** Shifts of teams that are not in `onShift`. */
  readonly planned = new Map<string, Shift[]>();
  /** `away`: it refuses at once; `silent`: it never answers; `broken`: it fails with an unexpected error. */
  state: 'well' | 'away' | 'silent' | 'broken' = 'well';
  /** How often it was asked for a person. */
  lookUps = 0;

  constructor(...names: string[]) {
    this.add(...names.map((name) => person(name)));
  }

  add(...people: Person[]): this {
    this.people.push(...people);
    return this;
  }

  async find(query: { text: string } | { objectId: string }): Promise<Found> {
    await this.#answer();
    const text = ('text' in query ? query.text : query.objectId).toLowerCase();
    const fits = this.people.filter(
      (one) =>
        one.id === text ||
        one.userPrincipalName === text ||
        one.displayName.toLowerCase().split(' ').includes(text) ||
        one.displayName.toLowerCase() === text,
    );
    const [first, ...others] = fits;
    if (!first) return { kind: 'none', suggestions: [] };
    if (others.length > 0) return { kind: 'several', people: fits, more: false };
    return { kind: 'one', person: first, callable: callableOf(first) };
  }

  async get(id: string): Promise<Person | null> {
    await this.#answer();
    return this.people.find((one) => one.id === id) ?? null;
  }

  async membersOf(groupId: string): Promise<readonly Person[] | null> {
    await this.#answer();
    const names = this.groups.get(groupId);
    return names ? this.people.filter(({ displayName }) => names.includes(displayName)) : null;
  }

  async managerOf(id: string): Promise<Person | null> {
    await this.#answer();
    const who = this.people.find((one) => one.id === id);
    const manager = this.managers.get(who?.displayName ?? '');
    return this.people.find(({ displayName }) => displayName === manager) ?? null;
  }

  async numbersOf(ids: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    await this.#answer();
    const found = this.people.filter(({ id }) => ids.includes(id));
    this.askedNumbers.push(...found.map(({ displayName }) => displayName));
    return new Map(found.map(({ id, displayName }) => [id, this.numbers.get(displayName) ?? []]));
  }

  async shifts(teamId: string, at: number, to = at + 1): Promise<readonly Shift[] | null> {
    await this.#answer();
    const names = this.onShift.get(teamId);
    if (!names)
      return this.planned.get(teamId)?.filter(({ startsAt, endsAt }) => startsAt < to && at < endsAt) ?? null;
    return names.map((name) => ({ userId: idOf(name), startsAt: at - 1, endsAt: at + 1, name: null }));
  }

  async isMemberOf(): Promise<ReadonlySet<string>> {
    return new Set();
  }

  async presence(): Promise<null> {
    return null;
  }

  async photo(): Promise<null> {
    return null;
  }

  async #answer(): Promise<void> {
    this.lookUps += 1;
    if (this.state === 'away') throw new RingdownError('directory_unavailable');
    if (this.state === 'broken') throw new TypeError('Cannot read properties of undefined');
    if (this.state === 'silent') await new Promise(() => undefined);
  }
}
