import type { PersonInput } from '../../../emulator/people/person.ts';
import { servicePlans } from '../../../src/directory/callable.ts';
import type { MadePerson } from './people.ts';

/** A fictional person in the emulator's format. */
export function emulated(person: MadePerson): PersonInput {
  const { otherAddresses, assignedPlans, accountEnabled, userType, mail, kind: _, ...same } = person;
  const has = (id: string): boolean =>
    assignedPlans?.some(({ servicePlanId }) => servicePlanId === id) ?? true;
  return {
    ...same,
    mail,
    accountEnabled: accountEnabled ?? true,
    userType: userType ?? 'Member',
    plans: (['TEAMS1', 'MCOEV'] as const).filter((plan) => has(servicePlans[plan])),
    proxyAddresses: [
      ...(mail === null ? [] : [`SMTP:${mail}`]),
      ...otherAddresses.map((address) => `smtp:${address}`),
    ],
  };
}
