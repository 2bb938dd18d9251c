import type { Target } from '../calls/call.ts';
import { readPhone, shownPhone } from '../config/phoneNumbers.ts';
import type { SkipReason } from './escalation.ts';

/** Phones of the telephone network as targets. Pure. */

/** Which phone numbers may be called. Ask for it each time: the file may have changed. */
export interface PhoneRules {
  /** Whether there is a number to call from (`ACS_PHONE_NUMBER`). */
  isOn: boolean;
  /** `permissions.phones.countries`: ISO 3166-1 alpha-2. */
  countries: readonly string[];
}

/** Somebody whose phone it is. */
export type Owner = Pick<Target, 'displayName' | 'givenName' | 'userPrincipalName' | 'jobTitle'> & {
  /** Entra object id. */
  id: string;
};

/**
 * The phone with a number, as people write it, if it may be called.
 *
 * @param owner whose phone it is; null for a number that is nobody's in particular
 */
export function phoneTarget(
  written: string,
  owner: Owner | null,
  { isOn, countries }: PhoneRules,
): { target: Target } | { skip: SkipReason } {
  if (!isOn) return { skip: 'phonesOff' };
  const { number } = readPhone(written, countries);
  if (!number) return { skip: 'phoneNotAllowed' };
  if (!owner) return { target: { kind: 'phone', id: number.e164, displayName: number.shown } };
  const { id: personId, ...names } = owner;
  return { target: { ...names, kind: 'phone', id: number.e164, personId: personId.toLowerCase() } };
}

/** The phone with a number of ringdown.yaml. */
export function phoneNamed(
  number: string,
  rules: PhoneRules,
): { targets: Target[]; skipped: { name: string; reason: SkipReason }[] } {
  const found = phoneTarget(number, null, rules);
  if ('target' in found) return { targets: [found.target], skipped: [] };
  return { targets: [], skipped: [{ name: shownPhone(number), reason: found.skip }] };
}
