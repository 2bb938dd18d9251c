/**
 * Who may call whom, by the rules of ringdown.yaml. Pure: the caller passes in what the rules need to know about people.
 *
 * If a rule cannot be checked, it grants nothing and clears nobody: requests that depend on it are refused.
 */
import type { Person } from '../directory/directory.ts';
import { atomsOf, joined } from '../directory/folding.ts';
import { classify } from '../directory/textQuery.ts';
import { readPhone } from '../config/phoneNumbers.ts';
import type { RingdownYaml } from '../config/ringdownSchema.ts';

export type Rules = RingdownYaml['permissions'];
/** Whom a rule names. */
export type Who = Rules['acknowledge'][number];

/** What the rules need to know about a person. */
export interface Known {
  /** Object id, or the raw id of an ACS user. */
  id: string;
  displayName: string;
  /** In lower case. */
  addresses: readonly string[];
  /** The person's home domains, in lower case. For a guest, the domain of this tenant does not count. */
  domains: readonly string[];
  /** The person's groups among those that the rules name; null if the directory did not answer. */
  groups: ReadonlySet<string> | null;
  /** False if the directory did not answer, so that there may be more addresses and domains. */
  complete: boolean;
  /** Display names in rules that mean this person and nobody else. A name that two people share grants nothing. */
  ownNames: ReadonlySet<string>;
}

export type AskerKind =
  /** The chat service vouches for the identity. */
  | 'known'
  | 'anonymous'
  /** An API key, which may call without being among `callers`. */
  | 'api';

export type RuleRefusal =
  | 'anonymous'
  /** A guest, or somebody from another tenant, whom `permissions.guests` does not name. */
  | 'guest'
  /** Not among `permissions.callers`. */
  | 'caller'
  /** Denied, or not in `permissions.callees.allow`. */
  | 'callee'
  /** An ACS user whom no rule names. */
  | 'communicationUser'
  /** Not among `permissions.phones.callers`, or a phone number where nobody may call any. */
  | 'phones'
  /** A phone number of a country that `permissions.phones.countries` does not list. */
  | 'phoneCountry'
  /** The directory did not answer, or does not show what a rule needs. */
  | 'unchecked';

type Answer = 'yes' | 'no' | 'unknown';

/**
 * Why the asker may not call the callee; null if they may. Deny overrides allow.
 *
 * @param asker null if not in the directory: anonymous people and API keys
 */
export function refusalOf(
  rules: Rules,
  kind: AskerKind,
  asker: Known | null,
  callee: Known,
): RuleRefusal | null {
  return refusalOfAsker(rules, kind, asker) ?? refusalOfCallee(rules, kind, callee);
}

/** Why the asker may not call anybody at all; null if they may. */
export function refusalOfAsker(rules: Rules, kind: AskerKind, asker: Known | null): RuleRefusal | null {
  if (kind === 'anonymous') return rules.anonymous.mayCall.length > 0 ? null : 'anonymous';
  if (kind === 'api' || !rules.callers) return null;
  const answer = asker ? granted(rules.callers, asker) : 'no';
  return answer === 'yes' ? null : answer === 'unknown' ? 'unchecked' : 'caller';
}

/**
 * Why somebody may not do what members may do; null if they may.
 *
 * @param isMember null if unknown
 */
export function refusalOfGuest(rules: Rules, isMember: boolean | null, known: Known): RuleRefusal | null {
  if (isMember === true) return null;
  const answer = granted(rules.guests, known);
  if (answer === 'yes') return null;
  return answer === 'unknown' || isMember === null ? 'unchecked' : 'guest';
}

/**
 * Why the asker may not call phone numbers, whatever the number; null if they may. The operator trusts an API key, as
 * with `callers`, once the file allows numbers of any country.
 *
 * @param asker as the rules of `phones.callers` know them
 */
export function refusalOfPhones({ phones }: Rules, kind: AskerKind, asker: Known | null): RuleRefusal | null {
  if (phones.countries.length === 0 || kind === 'anonymous') return 'phones';
  if (kind === 'api') return null;
  const answer = asker ? granted(phones.callers, asker) : 'no';
  return answer === 'yes' ? null : answer === 'unknown' ? 'unchecked' : 'phones';
}

/** Why nobody may call a number any more; null if it may be called. @param number E.164 */
export function refusalOfNumber({ phones }: Rules, number: string): RuleRefusal | null {
  const { problem } = readPhone(number, phones.countries);
  return problem === null ? null : 'phoneCountry';
}

function refusalOfCallee(rules: Rules, kind: AskerKind, callee: Known): RuleRefusal | null {
  const needs = (answer: Answer, otherwise: RuleRefusal): RuleRefusal | null =>
    answer === 'yes' ? null : answer === 'unknown' ? 'unchecked' : otherwise;
  if (kind === 'anonymous') {
    const refusal = needs(granted(rules.anonymous.mayCall, callee), 'anonymous');
    if (refusal) return refusal;
  }
  const { allow = [], deny } = rules.callees;
  const isDenied = denied(deny, callee);
  if (isDenied !== 'no') return isDenied === 'yes' ? 'callee' : 'unchecked';
  if (isCommunicationUser(callee.id)) {
    return kind === 'api' ? null : needs(granted(allow, callee), 'communicationUser');
  }
  // `permissions.phones` decides on these.
  if (isPhone(callee.id)) return null;
  // ACS users in `allow` do not limit calls to people: only entries for people do.
  const people = allow.filter((who) => !('user' in who && isCommunicationUser(who.user)));
  const isLimited = people.length > 0 || (rules.callees.allow !== undefined && allow.length === 0);
  return isLimited ? needs(granted(people, callee), 'callee') : null;
}

/** Whether a list that grants something names this person. */
export function granted(list: readonly Who[], known: Known): Answer {
  return anyOf(list.map((who) => names(who, known, known.ownNames.has(nameOf(who) ?? ''))));
}

function denied(list: readonly Who[], known: Known): Answer {
  return anyOf(list.map((who) => names(who, known, isSameName(nameOf(who), known.displayName))));
}

function anyOf(answers: readonly Answer[]): Answer {
  if (answers.includes('yes')) return 'yes';
  return answers.includes('unknown') ? 'unknown' : 'no';
}

function names(who: Who, known: Known, byName: boolean): Answer {
  const ifComplete = (found: boolean): Answer => (found ? 'yes' : known.complete ? 'no' : 'unknown');
  if ('group' in who) {
    if (known.groups === null) return 'unknown';
    return known.groups.has(who.group) ? 'yes' : 'no';
  }
  if ('domain' in who) return ifComplete(known.domains.includes(who.domain));
  const user = classify(who.user);
  switch (user.kind) {
    case 'objectId':
    case 'teamsUser':
    case 'voiceApp':
      return user.id === known.id.toLowerCase() ? 'yes' : 'no';
    case 'communicationUser':
      return user.rawId.toLowerCase() === known.id.toLowerCase() ? 'yes' : 'no';
    case 'address':
      return ifComplete(known.addresses.includes(user.address.toLowerCase()));
    default:
      return ifComplete(byName);
  }
}

/** The display name by which a rule names somebody; null if it uses another form. */
export function nameOf(who: Who): string | null {
  if (!('user' in who)) return null;
  const { kind } = classify(who.user);
  return kind === 'name' || kind === 'nothing' ? who.user : null;
}

/** Ignores case, accents, hyphens and spaces. */
export function isSameName(name: string | null, other: string): boolean {
  if (name === null) return false;
  const [one, another] = [joined(atomsOf(name)).plain, joined(atomsOf(other)).plain];
  return one !== '' && one === another;
}

/** What to look up before these rules can be checked. */
export function needsOf(list: readonly Who[]): { groups: string[]; person: boolean } {
  return {
    groups: list.flatMap((who) => ('group' in who ? [who.group] : [])),
    person: list.some((who) => 'domain' in who || ('user' in who && classify(who.user).kind === 'address')),
  };
}

/** Whether an id is a phone number, E.164. */
export function isPhone(id: string): boolean {
  return id.startsWith('+');
}

export function isCommunicationUser(id: string): boolean {
  return classify(id).kind === 'communicationUser';
}

/** A person's addresses and home domains, in the form that the rules need. */
export function addressesOf(
  person: Pick<Person, 'userPrincipalName' | 'mail' | 'otherAddresses' | 'userType'>,
): Pick<Known, 'addresses' | 'domains'> {
  const all = [person.userPrincipalName, person.mail ?? '', ...person.otherAddresses];
  const addresses = [...new Set(all.filter((one) => one.includes('@')).map((one) => one.toLowerCase()))];
  const homes = addresses.map((one) => homeAddress(one)).map((one) => one.slice(one.lastIndexOf('@') + 1));
  return { addresses, domains: [...new Set(homes)] };
}

/**
 * Whether a user principal name has the form that Entra gives to guests.
 * Source: "Properties of a Microsoft Entra B2B collaboration user".
 */
export function isGuestName(userPrincipalName: string): boolean {
  return /#ext#@/i.test(userPrincipalName);
}

/** `patti_fabrikam.example#EXT#@contoso.example` is a guest from fabrikam.example. */
function homeAddress(address: string): string {
  const guest = /^(.+)_([^_]+)#ext#@/.exec(address);
  return guest ? `${guest[1]}@${guest[2]}` : address;
}
