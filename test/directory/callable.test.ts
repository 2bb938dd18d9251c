import assert from 'node:assert/strict';
import {
  callableOf,
  resourceAccountDepartment,
  servicePlans,
  toTarget,
} from '../../src/directory/callable.ts';
import type { AssignedPlan, Person } from '../../src/directory/directory.ts';
import { idOf, made } from '../support/directory/people.ts';

const plan = (servicePlanId: string, capabilityStatus = 'Enabled'): AssignedPlan => ({
  servicePlanId,
  capabilityStatus,
});
const person = (more: Partial<Person> = {}): Person =>
  made({ id: idOf(1), displayName: 'Adele Vance', ...more });
const teams = plan(servicePlans.TEAMS1);
const phone = plan(servicePlans.MCOEV);
const mailbox = plan('efb87545-963c-4e0d-99df-69c6916d9eb0');

describe('a person in the directory', () => {
  const cases: readonly (readonly [name: string, Partial<Person>, reason: string | null])[] = [
    ['with Teams and Teams Phone', { assignedPlans: [teams, phone, mailbox] }, null],
    ['with plan ids in capitals', { assignedPlans: [plan(servicePlans.TEAMS1.toUpperCase()), phone] }, null],
    ['in the grace period of the licence', { assignedPlans: [teams, plan(servicePlans.MCOEV, 'Warning')] }, null],
    ['with unreadable plans', { assignedPlans: null }, null],
    ['without readable properties', { assignedPlans: null, accountEnabled: null, userType: null }, null],
    ['with a disabled account', { accountEnabled: false }, 'disabled'],
    ['who is a disabled guest', { accountEnabled: false, userType: 'Guest' }, 'disabled'],
    ['who is a guest', { userType: 'Guest' }, 'guest'],
    ['without any licence, like a shared mailbox', { assignedPlans: [] }, 'noLicence'],
    ['with only suspended plans', { assignedPlans: [plan(servicePlans.TEAMS1, 'Suspended')] }, 'noLicence'],
    ['with only a mailbox', { assignedPlans: [mailbox] }, 'noTeams'],
    ['with Teams Phone, but a deleted Teams plan', { assignedPlans: [plan(servicePlans.TEAMS1, 'Deleted'), phone] }, 'noTeams'],
    ['with Teams, but without Teams Phone', { assignedPlans: [teams, mailbox] }, 'noTeamsPhone'],
    ['that is a voice application without licences', { kind: 'resourceAccount', assignedPlans: [] }, null],
    ['that is a voice application, whose account is always disabled', { kind: 'resourceAccount', accountEnabled: false }, null],
  ]; // prettier-ignore
  for (const [name, more, reason] of cases) {
    it(`${reason === null ? 'can be called' : `cannot be called (${reason})`} ${name}`, () => {
      const expected = reason === null ? { callable: true } : { callable: false, reason };
      assert.deepEqual(callableOf(person(more)), expected);
    });
  }
});

describe('the target of a call', () => {
  it('is a Teams user with an object id and the details for the card', () => {
    assert.deepEqual(toTarget(person({ jobTitle: 'Retail Manager' })), {
      kind: 'teamsUser',
      id: idOf(1),
      displayName: 'Adele Vance',
      givenName: 'Adele',
      userPrincipalName: 'adele.vance@contoso.example',
      jobTitle: 'Retail Manager',
    });
  });

  it('is a voice application for a resource account', () => {
    const account = person({ department: resourceAccountDepartment, givenName: null, jobTitle: null });
    assert.deepEqual(toTarget(account), {
      kind: 'voiceApp',
      id: idOf(1),
      displayName: 'Adele Vance',
      userPrincipalName: 'adele.vance@contoso.example',
    });
  });
});
