import { dialledIn, readPhone } from '../config/phoneNumbers.ts';
import type { SkipReason } from './escalation.ts';
import type { PhoneRules } from './phoneTargets.ts';

/** Which of a person's numbers in the directory is called. Pure. */

/** A number, E.164, or why there is none to call. */
export type MobileNumber = { number: string } | { reason: SkipReason };

/**
 * The first number that may be called.
 *
 * People write numbers as they dial them. Without a country code, a number is taken only if it can mean one number among
 * the allowed countries: with two that have such a number, the call could go to a stranger.
 *
 * @param numbers as they stand in the directory, the best one first
 * @returns otherwise the reason for the best one
 */
export function mobileNumber(numbers: readonly string[], { isOn, countries }: PhoneRules): MobileNumber {
  if (!isOn) return { reason: 'phonesOff' };
  const read = numbers.map((text) => readNumber(text, countries));
  return read.find((one) => 'number' in one) ?? read[0] ?? { reason: 'noMobile' };
}

function readNumber(text: string, countries: readonly string[]): MobileNumber {
  const { number, problem } = readPhone(text, countries);
  if (number) return { number: number.e164 };
  if (problem !== 'noCountryCode') return { reason: 'phoneNotAllowed' };
  const meanings = new Set(countries.flatMap((country) => numberIn(text, country, countries) ?? []));
  const [only, ...others] = meanings;
  return only !== undefined && others.length === 0 ? { number: only } : { reason: 'phoneUnclear' };
}

/** What a number without a country code means where this country's numbers are dialled; null if it cannot be called. */
function numberIn(text: string, country: string, countries: readonly string[]): string | null {
  const meant = dialledIn(country, text);
  return meant === null ? null : (readPhone(meant, countries).number?.e164 ?? null);
}
