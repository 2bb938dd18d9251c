import type { Target } from '../../calls/call.ts';
import { targetKey } from '../../calls/callStore.ts';
import type { Directory } from '../../directory/directory.ts';
import type { Skipped, SkipReason, TargetSpec, Way } from '../../escalations/escalation.ts';
import { mobileNumber, type MobileNumber } from '../../escalations/mobileNumber.ts';
import { phoneNamed, type PhoneRules } from '../../escalations/phoneTargets.ts';
import { findNow, type LookedUp } from '../../escalations/findNow.ts';
import { lookUp } from '../../config/lookUp.ts';
import { peopleIn, type CalendarBook } from '../../schedules/calendarDuty.ts';
import {
  DEFAULT_WAYS,
  meantBy,
  needNumbers,
  phonesOfPeople,
  type FoundPeople,
} from '../../escalations/ways.ts';
import type { RingdownYaml } from '../../config/ringdownSchema.ts';
import { found, passed, skipped as notLookedAt, type Finding, type FindingName } from './findings.ts';
import { rulesOf } from '../fileNames.ts';

export interface PoliciesParts {
  ringdown: RingdownYaml;
  /** What the calendars of rotations say. */
  calendars: ReadonlyMap<string, CalendarBook>;
  directory: Directory;
  now: () => number;
  phones: PhoneRules;
  /** Whether a person has the Teams app; null if unknown. */
  hasApp: (objectId: string) => Promise<boolean | null>;
  /** Whether the app is installed for people who are called without it. */
  installs: boolean;
}

interface Reached {
  /** `policies.payments, step 1` */
  where: string;
  targets: readonly Target[];
  skipped: readonly Skipped[];
  /** Who can be called, but not on the mobile that the policy wants to call too. */
  withoutMobile?: readonly Skipped[];
}

/** Only this many people are checked individually. */
const MOST_PEOPLE = 200;
const AT_A_TIME = 8;

/** Checks whether everybody in ringdown.yaml exists, can be called, and gets a card. */
export async function checkPolicies(parts: PoliciesParts): Promise<Finding[]> {
  const findings: Finding[] = [];
  const people = new Map<string, Person>();
  for (const name of Object.keys(parts.ringdown.policies)) {
    const { findings: ofPolicy, people: reached } = await checkPolicy(name, parts);
    findings.push(...ofPolicy);
    for (const one of reached) if (!people.has(targetKey(one.target))) people.set(targetKey(one.target), one);
  }
  findings.push(...(await checkApps([...people.values()], parts)));
  findings.push(...(await checkNames(parts)));
  return findings;
}

interface Person {
  target: Target;
  where: string;
}

async function checkPolicy(
  name: string,
  parts: PoliciesParts,
): Promise<{ findings: Finding[]; people: Person[] }> {
  const { ringdown } = parts;
  const findings: Finding[] = [];
  const people: Person[] = [];
  const { steps = [], test = [], ways: ofPolicy = DEFAULT_WAYS } = ringdown.policies[name] ?? {};
  const ofTest = `policies.${name}, test`;
  const called = [
    ...steps.map(({ targets, ways = ofPolicy }, index) => ({
      where: `policies.${name}, step ${index + 1}`,
      targets,
      ways,
    })),
    { where: ofTest, targets: test, ways: ofPolicy },
  ];
  for (const { where, targets, ways } of called) {
    for (const spec of targets.flatMap((target) => unfold(target, parts))) {
      const reached = await onPhones(await reach(spec, where, parts), ways, parts);
      findings.push(...reached.skipped.map((one) => notReached(one, where)));
      findings.push(...(reached.withoutMobile ?? []).map((one) => lacksMobile(one, where)));
      people.push(...reached.targets.map((target) => ({ target, where })));
      if ('voiceApp' in spec) findings.push(...(await checkVoiceApp(spec.voiceApp, where, parts)));
    }
  }
  const inSteps = people.filter(({ where }) => where !== ofTest);
  const count = new Set(inSteps.map(({ target }) => targetKey(target))).size;
  findings.push(
    count > 0
      ? passed('policies', `policies.${name} reaches ${count} ${count === 1 ? 'phone' : 'phones'}.`)
      : found(
          'policyReachesNobody',
          `policies.${name}: nobody can be called right now.`,
          `Say “on call ${name}” in the chat to see who would be called; name somebody who can be called`,
        ),
  );
  return { findings, people };
}

/** Of a calendar, the people of the coming weeks are checked. */
const AHEAD_MS = 31 * 86_400_000;

/** Those who have a phone in these ways, and who lacks one. The numbers are looked at and forgotten. */
async function onPhones(
  reached: Reached & FoundPeople,
  ways: readonly Way[],
  { directory, phones }: PoliciesParts,
): Promise<Reached> {
  const { meant, skipped: anyway } = meantBy(reached, ways);
  const ids = needNumbers(meant, ways);
  const numbers = ids.length > 0 ? await directory.numbersOf(ids) : new Map<string, readonly string[]>();
  const numberOf = (id: string): MobileNumber => mobileNumber(numbers.get(id) ?? [], phones);
  const { people, skipped, without } = phonesOfPeople(meant, ways, numberOf);
  return {
    where: reached.where,
    targets: people.map(({ target }) => target),
    skipped: [...anyway, ...skipped],
    withoutMobile: without.filter(({ way }) => way === 'mobile'),
  };
}

type Unfolded = LookedUp | { voiceApp: string } | { phone: string };

/** A rotation stands for all its members: each will be on duty some day. Fallbacks are checked too. */
function unfold(target: TargetSpec, parts: PoliciesParts): Unfolded[] {
  if ('rotation' in target) {
    const { ringdown, calendars, now } = parts;
    const rotation = lookUp(ringdown.rotations, target.rotation);
    if (!rotation) return [];
    if ('members' in rotation) return rotation.members.map((user) => ({ user }));
    const calendar = calendars.get(target.rotation);
    if (calendar?.kind !== 'known') return [];
    return peopleIn(calendar.duties, now(), now() + AHEAD_MS).map(({ words }) => ({ oneOf: words }));
  }
  if (!('shifts' in target)) return [target];
  return [{ shifts: target.shifts }, ...(target.fallback ? unfold(target.fallback, parts) : [])];
}

async function reach(
  spec: Unfolded,
  where: string,
  { ringdown, directory, now, phones }: PoliciesParts,
): Promise<Reached & FoundPeople> {
  if ('phone' in spec) return { where, ...phoneNamed(spec.phone, phones) };
  if (!('voiceApp' in spec)) return { where, ...(await findNow(spec, directory, now())) };
  const { voiceApp: displayName } = spec;
  const id = idOf(displayName, ringdown);
  return { where, targets: [{ kind: 'voiceApp', id, displayName }], skipped: [] };
}

function idOf(voiceApp: string, { voiceApps }: RingdownYaml): string {
  return lookUp(voiceApps, voiceApp) ?? voiceApp;
}

const notCallable: Partial<Record<SkipReason, [why: string, fix: string]>> = {
  disabled: ['the account is disabled', 'Name somebody else'],
  guest: ['guests of other organisations cannot be called', 'Name a member of the tenant'],
  noLicence: [
    'no licence',
    'Assign a licence with Teams Phone (docs/setup-teams.md#teams-phone), or name somebody else',
  ],
  noTeams: [
    'no Teams licence',
    'Assign a licence with Teams Phone (docs/setup-teams.md#teams-phone), or name somebody else',
  ],
  noTeamsPhone: [
    'no Teams Phone licence',
    'Assign a Teams Phone licence, then: Set-CsPhoneNumberAssignment -Identity <upn> -EnterpriseVoiceEnabled $true',
  ],
};

function lacksMobile(person: Skipped, where: string): Finding {
  const { what, fix } = notReached(person, where);
  return found('policyMobileMissing', what, fix ?? '');
}

function notReached({ name, reason }: Skipped, where: string): Finding {
  const cannot = notCallable[reason];
  if (cannot) {
    const [why, fix] = cannot;
    return found('policyTargetNotCallable', `${where}: ${name} cannot be called: ${why}.`, fix);
  }
  switch (reason) {
    case 'ambiguous':
      return found(
        'policyTargetAmbiguous',
        `${where}: “${name}” matches several people, so nobody is called.`,
        '{user: <user principal name or object id>}   instead',
      );
    case 'emptyGroup':
      return found(
        'policyGroupEmpty',
        `${where}: the group ${name} is empty or does not exist.`,
        'az ad group member list --group <group id>   shows who is in it',
      );
    case 'noManager':
      return found(
        'policyManagerMissing',
        `${where}: ${name} has no manager in the directory.`,
        'Set the manager in Entra, or name somebody: {user: …}',
      );
    case 'nobodyOnDuty':
      return found(
        'nobodyOnShift',
        `${where}: nobody is on duty in Shifts right now.`,
        '{shifts: <team id>, fallback: {user: …}}   so that somebody is called anyway',
      );
    case 'phonesOff':
      return found(
        'policyTargetNotCallable',
        `${where}: ${name} cannot be called: there is no number to call from.`,
        'ACS_PHONE_NUMBER=<a number of the resource>   (docs/phones.md#a-number-to-call-from)',
      );
    case 'noMobile':
      return found(
        'policyTargetNotCallable',
        `${where}: ${name} has no phone number in the directory.`,
        'Enter mobilePhone in Entra, with + and the country code; or name the number: {phone: "+…"}',
      );
    case 'phoneNotAllowed':
      return found(
        'policyTargetNotCallable',
        `${where}: the phone number of ${name} may not be called: its country or kind is not allowed.`,
        'permissions: {phones: {countries: […]}}   in ringdown.yaml (docs/phones.md#which-numbers)',
      );
    case 'phoneUnclear':
      return found(
        'policyTargetNotCallable',
        `${where}: the phone number of ${name} has no country code, and could be one of several or of none.`,
        'Enter mobilePhone in Entra with + and the country code',
      );
    case 'directoryUnavailable':
      return notLookedAt('policies', `${where}: ${name} was not checked.`);
    default:
      return found(
        'policyTargetUnknown',
        `${where}: “${name}” cannot be found.`,
        '{user: <user principal name or object id>}   of somebody in the directory',
      );
  }
}

/** Graph need not show the resource account of a voice app. But if it shows a person, that is wrong. */
async function checkVoiceApp(name: string, where: string, parts: PoliciesParts): Promise<Finding[]> {
  const person = await parts.directory.get(idOf(name, parts.ringdown));
  if (person === null || person.kind === 'resourceAccount') return [];
  return [
    found(
      'voiceAppIsPerson',
      `${where}: the voice app ${name} is a person in the directory (${person.displayName}).`,
      '{user: …}   instead of {voiceApp: …}; or put the object id of the resource account under voiceApps',
    ),
  ];
}

async function checkApps(people: readonly Person[], { hasApp, installs }: PoliciesParts): Promise<Finding[]> {
  const users = people.filter(({ target }) => target.kind === 'teamsUser').slice(0, MOST_PEOPLE);
  const findings: Finding[] = [];
  for (let at = 0; at < users.length; at += AT_A_TIME) {
    const some = users.slice(at, at + AT_A_TIME);
    const without = await Promise.all(some.map(async ({ target }) => (await hasApp(target.id)) === false));
    findings.push(
      ...some
        .filter((_, index) => without[index])
        .map(({ target, where }) =>
          installs
            ? found(
                'appToBeInstalled',
                `${where}: ${target.displayName} does not have the Teams app; it is installed with the first call.`,
                'Nothing to do; a Teams setup policy installs it earlier (docs/setup-teams.md#app-upload)',
              )
            : found(
                'policyTargetWithoutApp',
                `${where}: ${target.displayName} does not have the Teams app, and gets no card to acknowledge on.`,
                'TEAMS_APP_ID=<id in the catalogue>   so that Ringdown installs it; or use a Teams setup policy (docs/setup-teams.md#app-upload)',
              ),
        ),
    );
  }
  return findings;
}

/** People named outside policies: operators, people to notify, and permissions. */
async function checkNames({ ringdown, directory }: PoliciesParts): Promise<Finding[]> {
  const { operators, permissions, policies } = ringdown;
  const findings: Finding[] = [];
  if (operators.length === 0) {
    findings.push(
      found(
        'noOperators',
        'There are no operators: nobody hears of exhausted escalations, rejected alerts and people who cannot be called.',
        'operators: [<user principal name>]   in ringdown.yaml',
      ),
    );
  }
  const told = [
    ...operators.map((name) => ({ name, where: 'operators' })),
    ...Object.entries(policies).flatMap(([policy, { onExhausted }]) =>
      (onExhausted?.notify ?? []).map((name) => ({ name, where: `policies.${policy}.onExhausted` })),
    ),
  ];
  for (const { name, where } of told) {
    findings.push(...(await isThere(directory, name, where, 'operatorUnknown')));
  }
  for (const [rule, whos] of Object.entries(rulesOf(permissions))) {
    const where = `permissions.${rule}`;
    for (const who of whos) {
      if ('user' in who) findings.push(...(await isThere(directory, who.user, where, 'permissionUnknown')));
      if ('group' in who && (await directory.membersOf(who.group)) === null) {
        findings.push(
          found(
            'permissionUnknown',
            `${where}: the group ${who.group} does not exist.`,
            'az ad group list --query "[].{id:id,name:displayName}"   lists the groups',
          ),
        );
      }
    }
  }
  return findings;
}

async function isThere(
  directory: Directory,
  name: string,
  where: string,
  fault: Extract<FindingName, 'operatorUnknown' | 'permissionUnknown'>,
): Promise<Finding[]> {
  const { kind } = await directory.find({ text: name }, null);
  if (kind === 'one') return [];
  return [
    found(
      fault,
      `${where}: “${name}” ${kind === 'several' ? 'matches several people' : 'cannot be found'}.`,
      'Name the person by user principal name or object id',
    ),
  ];
}
