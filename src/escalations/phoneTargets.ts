import type { Target } from '../calls/call.ts';
import { readPhone, shownPhone } from '../config/phoneNumbers.ts';
import type { Skipped } from './escalation.ts';

/** Phones of the telephone network as targets. Pure. */

/** Which phone numbers may be called. Ask for it each time: the file may have changed. */
export interface PhoneRules {
  /** Whether there is a number to call from (`ACS_PHONE_NUMBER`). */
  isOn: boolean;
  /** `permissions.phones.countries`: ISO 3166-1 alpha-2. */
  countries: readonly string[];
}

/** The phone with a number that a policy names, if it may be called now. @param number E.164 */
export function phoneNamed(
  number: string,
  { isOn, countries }: PhoneRules,
): { targets: Target[]; skipped: Skipped[] } {
  const read = readPhone(number, countries).number;
  if (!isOn || !read) {
    const reason = isOn ? 'phoneNotAllowed' : 'phonesOff';
    return { targets: [], skipped: [{ name: shownPhone(number), reason }] };
  }
  return { targets: [{ kind: 'phone', id: read.e164, displayName: read.shown }], skipped: [] };
}
