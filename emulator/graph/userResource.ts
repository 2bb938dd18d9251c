import type { Person } from '../people/person.ts';

/** What Graph returns without `$select`. */
const defaults = [
  'businessPhones',
  'displayName',
  'givenName',
  'jobTitle',
  'mail',
  'mobilePhone',
  'officeLocation',
  'preferredLanguage',
  'surname',
  'userPrincipalName',
  'id',
] as const;

/** The properties that `User.ReadBasic.All` allows (documentation; that the list is complete is unconfirmed). */
const basic: readonly string[] = ['id', 'displayName', 'givenName', 'surname', 'mail', 'userPrincipalName'];

const readers: Record<string, (person: Person) => unknown> = {
  id: (person) => person.id,
  displayName: (person) => person.displayName,
  givenName: (person) => person.givenName,
  surname: (person) => person.surname,
  userPrincipalName: (person) => person.userPrincipalName,
  mail: (person) => person.mail,
  jobTitle: (person) => person.jobTitle,
  department: (person) => person.department,
  accountEnabled: (person) => person.accountEnabled,
  userType: (person) => person.userType,
  assignedPlans: (person) => person.assignedPlans,
  proxyAddresses: (person) => person.proxyAddresses,
  preferredLanguage: (person) => person.preferredLanguage,
  businessPhones: (person) => person.businessPhones,
  mobilePhone: (person) => person.mobilePhone,
  officeLocation: () => null,
};

export interface Selection {
  properties: readonly string[];
  basicOnly: boolean;
}

export function selection($select: string | null, basicOnly: boolean): Selection {
  const properties = $select === null ? defaults : $select.split(',').map((name) => name.trim());
  return { properties, basicOnly };
}

/** A user as Graph returns it: unknown properties are left out, properties without permission are null. */
export function userResource(person: Person, { properties, basicOnly }: Selection): Record<string, unknown> {
  const resource: Record<string, unknown> = {};
  for (const name of properties) {
    const read = readers[name];
    if (read) resource[name] = basicOnly && !basic.includes(name) ? null : read(person);
  }
  return { ...resource, id: person.id };
}

/** The value of a property in a filter; undefined if users do not have it. */
export function propertyOf(person: Person, name: string): unknown {
  return readers[name]?.(person);
}

export function isUserProperty(name: string): boolean {
  return name in readers;
}
