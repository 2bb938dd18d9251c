import { randomUUID } from 'node:crypto';
import type { Changes } from '../changes.ts';
import { UserIndex, indexedProperties } from './userIndex.ts';
import { rawIdOf, servicePlans } from './person.ts';
import type { AssignedPlan, Person, PersonInput } from './person.ts';
import { answersAfterTwoSeconds } from './script.ts';
import type { Script } from './script.ts';

/** Everybody in the fictional tenant. */
export class People {
  readonly #byId = new Map<string, Person>();
  readonly #byRawId = new Map<string, Person>();
  readonly #changes: Changes;
  #index: UserIndex | null = null;

  constructor(changes: Changes) {
    this.#changes = changes;
  }

  /** Adds a person, or replaces the one with the same id. */
  add(input: PersonInput): Person {
    const person = complete(input);
    this.#byId.set(person.id.toLowerCase(), person);
    this.#byRawId.set(rawIdOf(person).toLowerCase(), person);
    this.#index = null;
    this.#changes.tell({ type: 'person', personId: person.id });
    return person;
  }

  remove(idOrName: string): void {
    const person = this.find(idOrName);
    if (!person) return;
    this.#byId.delete(person.id.toLowerCase());
    this.#byRawId.delete(rawIdOf(person).toLowerCase());
    this.#index = null;
    this.#changes.tell({ type: 'person', personId: person.id });
  }

  clear(): void {
    for (const person of this.list()) this.remove(person.id);
  }

  list(): Person[] {
    return [...this.#byId.values()];
  }

  /** Finds a person by object id, user principal name, mail, or display name (the first of namesakes). Ignores case. */
  find(idOrName: string): Person | null {
    const byId = this.byId(idOrName);
    if (byId) return byId;
    const wanted = idOrName.toLowerCase();
    return (
      this.list().find((person) => person.userPrincipalName.toLowerCase() === wanted) ??
      this.list().find((person) => person.mail?.toLowerCase() === wanted) ??
      this.list().find((person) => person.displayName.toLowerCase() === wanted) ??
      null
    );
  }

  byId(id: string): Person | null {
    return this.#byId.get(id.toLowerCase()) ?? null;
  }

  byRawId(rawId: string): Person | null {
    return this.#byRawId.get(rawId.toLowerCase()) ?? null;
  }

  /** Like `find`, but throws if there is nobody. */
  get(idOrName: string): Person {
    const person = this.find(idOrName);
    if (!person) throw new RangeError(`There is nobody "${idOrName}" in the emulator.`);
    return person;
  }

  /** Sets how this person's phone behaves: each script serves one ring, the last one all that follow. */
  script(idOrName: string, ...scripts: Script[]): Person {
    const person = this.get(idOrName);
    if (scripts.length > 0) person.scripts = scripts;
    this.#changes.tell({ type: 'person', personId: person.id });
    return person;
  }

  /** Changes a person's directory entry. */
  change(idOrName: string, fields: Partial<Omit<Person, 'id' | 'scripts'>>): Person {
    const person = this.get(idOrName);
    this.#byRawId.delete(rawIdOf(person).toLowerCase());
    Object.assign(person, fields);
    this.#byRawId.set(rawIdOf(person).toLowerCase(), person);
    if ('proxyAddresses' in fields || indexedProperties.some((property) => property in fields))
      this.#index = null;
    this.#changes.tell({ type: 'person', personId: person.id });
    return person;
  }

  /** The script for the next ring. */
  takeScript(person: Person): Script {
    const [first, ...rest] = person.scripts;
    if (first !== undefined && rest.length > 0) person.scripts = rest;
    return first ?? answersAfterTwoSeconds;
  }

  /** The index for Graph's searches. Rebuilt after a change of an indexed property. */
  get index(): UserIndex {
    this.#index ??= new UserIndex(this.list());
    return this.#index;
  }
}

function complete(input: PersonInput): Person {
  const { script, plans, ...fields } = input;
  const scripts = script === undefined ? [answersAfterTwoSeconds] : Array.isArray(script) ? script : [script];
  const account = accountName(input.displayName);
  const userPrincipalName = input.userPrincipalName ?? `${account}@contoso.example`;
  const mail = input.mail === undefined ? userPrincipalName : input.mail;
  return {
    id: randomUUID(),
    givenName: null,
    surname: null,
    userPrincipalName,
    jobTitle: null,
    department: null,
    mobilePhone: null,
    businessPhones: [],
    accountEnabled: true,
    userType: 'Member',
    assignedPlans: (plans ?? ['TEAMS1', 'MCOEV']).map(plan),
    proxyAddresses: mail === null ? [] : [`SMTP:${mail}`],
    managerId: null,
    presence: { availability: 'Available', activity: 'Available' },
    preferredLanguage: 'en-US',
    hasPhoto: false,
    appInstalled: true,
    busyWhenOnCall: true,
    keysArrive: true,
    ...fields,
    mail,
    scripts,
  };
}

function plan(name: keyof typeof servicePlans): AssignedPlan {
  return {
    servicePlanId: servicePlans[name],
    service: name === 'TEAMS1' ? 'TeamspaceAPI' : 'MicrosoftCommunicationsOnline',
    capabilityStatus: 'Enabled',
    assignedDateTime: '2026-01-07T08:00:00Z',
  };
}

function accountName(displayName: string): string {
  const plain = displayName
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '.');
  return plain.replace(/^\.+|\.+$/g, '') || `user.${randomUUID().slice(0, 8)}`;
}
