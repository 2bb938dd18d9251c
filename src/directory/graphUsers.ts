import { z } from 'zod';
import { resourceAccountDepartment } from './callable.ts';
import type { Person } from './directory.ts';
import { pathPart } from './graphClient.ts';
import type { GraphAnswer, GraphRequest } from './graphClient.ts';
import { faultOf } from './graphFault.ts';
import { userProperties } from './graphQueries.ts';
import type { UserQuery } from './graphQueries.ts';

/** The application permission for users that the operator grants. */
export const userPermissions = 'User.Read.All (or, without departments and licences, User.ReadBasic.All)';

/** A user in Graph's answer. Properties that were not selected are absent; those that may not be read are null. */
const User = z.object({
  id: z.string().min(1),
  displayName: z.string().nullish(),
  givenName: z.string().nullish(),
  surname: z.string().nullish(),
  userPrincipalName: z.string().nullish(),
  mail: z.string().nullish(),
  proxyAddresses: z.array(z.string()).nullish(),
  jobTitle: z.string().nullish(),
  department: z.string().nullish(),
  accountEnabled: z.boolean().nullish(),
  userType: z.string().nullish(),
  assignedPlans: z
    .array(z.object({ servicePlanId: z.string().nullish(), capabilityStatus: z.string().nullish() }))
    .nullish(),
});

const UserPage = z.object({ value: z.array(z.unknown()), '@odata.nextLink': z.string().nullish() });

/** Null if the resource is not a user: the same collections also list groups and devices. */
export function personOf(resource: unknown): Person | null {
  const parsed = User.safeParse(resource);
  if (!parsed.success) return null;
  const user = parsed.data;
  const mail = textOf(user.mail);
  const department = textOf(user.department);
  const userPrincipalName = user.userPrincipalName ?? '';
  return {
    id: user.id.toLowerCase(),
    displayName: textOf(user.displayName) ?? textOf(userPrincipalName) ?? user.id,
    givenName: textOf(user.givenName),
    surname: textOf(user.surname),
    userPrincipalName,
    mail,
    otherAddresses: (user.proxyAddresses ?? [])
      .filter((address) => /^smtp:/i.test(address))
      .map((address) => address.slice('smtp:'.length))
      .filter((address) => address.toLowerCase() !== mail?.toLowerCase()),
    jobTitle: textOf(user.jobTitle),
    department,
    accountEnabled: user.accountEnabled ?? null,
    userType: user.userType === 'Guest' ? 'Guest' : user.userType ? 'Member' : null,
    assignedPlans:
      user.assignedPlans?.map(({ servicePlanId, capabilityStatus }) => ({
        servicePlanId: servicePlanId ?? '',
        capabilityStatus: capabilityStatus ?? '',
      })) ?? null,
    kind: department === resourceAccountDepartment ? 'resourceAccount' : 'user',
  };
}

export interface PeoplePage {
  people: Person[];
  /** The address of the next page, if there is one. */
  next: string | null;
}

export function peopleOf(body: unknown): PeoplePage {
  const page = UserPage.safeParse(body);
  if (!page.success) return { people: [], next: null };
  return {
    people: page.data.value.flatMap((resource) => personOf(resource) ?? []),
    next: page.data['@odata.nextLink'] ?? null,
  };
}

function textOf(value: string | null | undefined): string | null {
  const text = value?.trim() ?? '';
  return text === '' ? null : text;
}

const Numbers = z.object({
  mobilePhone: z.string().nullish(),
  businessPhones: z.array(z.string()).nullish(),
});

/** The phone numbers of a user: the mobile, then the first business phone. People write them as they like. */
export function numbersIn(resource: unknown): string[] {
  const { mobilePhone, businessPhones } = Numbers.safeParse(resource).data ?? {};
  return [textOf(mobilePhone), textOf(businessPhones?.[0])].filter((number) => number !== null);
}

/** Asks for one user, by object id or user principal name. */
export function userRequest(idOrName: string, select = userProperties): GraphRequest {
  // Graph would take a name that begins with $ for an operation ("Get a user").
  const key = pathPart(idOrName).replaceAll("'", "''");
  const path = idOrName.startsWith('$') ? `/users('${key}')` : `/users/${pathPart(idOrName)}`;
  return { path, query: { $select: select } };
}

/** Asks for one page of matching users. */
export function usersRequest(
  { search, filter }: Pick<UserQuery, 'search' | 'filter'>,
  top: number,
  select = userProperties,
): GraphRequest {
  return {
    path: '/users',
    query: {
      ...(search !== undefined && { $search: search }),
      ...(filter !== undefined && { $filter: filter }),
      $select: select,
      $top: String(top),
      ...(search !== undefined && { $count: 'true' }),
    },
    eventual: search !== undefined,
  };
}

/** The body of an answer that must succeed. @throws GraphFault that names the permission, if that is missing */
export function required(answer: GraphAnswer | undefined, permission: string): unknown {
  if (answer?.status !== 200) throw faultOf(answer, permission);
  return answer.body;
}

/** The body of an answer that may fail; null if it did. */
export function optional(answer: GraphAnswer | undefined): unknown {
  return answer?.status === 200 ? answer.body : null;
}

/** Removes duplicates. */
export function unique(people: readonly Person[]): Person[] {
  const byId = new Map<string, Person>();
  // If a person was read twice, keep the reading with licences.
  for (const person of people) {
    if ((byId.get(person.id)?.assignedPlans ?? null) === null) byId.set(person.id, person);
  }
  return [...byId.values()];
}
