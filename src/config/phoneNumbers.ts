import type { CountryCode, NumberType } from 'libphonenumber-js/max';
import { phoneLibrary } from './phoneLibrary.ts';

/**
 * Which numbers of the telephone network may be called. Pure.
 *
 * Kinds of numbers and their lengths are libphonenumber's, with its full metadata: the smaller ones know no premium
 * rates. It knows no emergency and short numbers; those are the tables below.
 */

/** A number that may be called. */
export interface PhoneNumber {
  /** E.164: `+49301234567`. */
  e164: string;
  /** As people write it: `+49 30 1234567`. */
  shown: string;
}

/** Why a number is not called. */
export type PhoneProblem =
  /** It is no telephone number. */
  | 'notANumber'
  /** Digits without `+` and country code: they mean something else in each country. */
  | 'noCountryCode'
  | 'emergency'
  /** Directory services, hotlines of three to six digits and the like. */
  | 'shortNumber'
  /** Satellites and other networks that belong to no country. */
  | 'noCountry'
  /** No such number can exist there. */
  | 'invalid'
  /** Premium rate, shared cost, personal and company-wide numbers, pagers, voicemail: the callee sets the price. */
  | 'costly'
  /** Of a country that `permissions.phones.countries` does not list. */
  | 'country';

/** `country` is the number's own (ISO 3166-1 alpha-2), if it is known. */
export type ReadPhone =
  | { number: PhoneNumber; problem: null; country: string }
  | { number: null; problem: PhoneProblem; country: string | null };

/** Kinds whose price the callee or a provider sets. */
const costly: ReadonlySet<NumberType> = new Set([
  'PREMIUM_RATE',
  'SHARED_COST',
  'PERSONAL_NUMBER',
  'UAN',
  'PAGER',
  'VOICEMAIL',
] as const);

/**
 * Emergency numbers of the world, which have two or three digits. Calls to them must never come from a program. Sources:
 * national numbering plans, and "List of emergency telephone numbers".
 */
// prettier-ignore
const emergency = new Set([
  '15', '16', '17', '18', '000', '061', '062', '066', '080', '088', '091', '092', '100', '101', '102', '103', '104',
  '105', '106', '107', '108', '110', '111', '112', '113', '114', '115', '116', '117', '118', '119', '120', '121', '122',
  '123', '124', '125', '126', '127', '128', '129', '130', '131', '132', '133', '140', '141', '142', '144', '147', '150',
  '151', '155', '158', '160', '166', '180', '190', '191', '192', '193', '194', '195', '196', '197', '198', '199', '900',
  '901', '902', '903', '911', '912', '913', '914', '922', '933', '977', '988', '991', '992', '993', '994', '995', '996',
  '997', '998', '999',
]);

/** Emergency numbers with more digits, by calling code. */
const longEmergency: Readonly<Record<string, RegExp>> = {
  27: /^10(111|177)$/,
  34: /^10(06|62)$/,
  41: /^141[45]$/,
  // With an area code in front, which reaches the control centre of that area.
  43: /^[1-7]\d{0,3}1(12|22|33|4[0-4])$/,
  44: /^18000$/,
  46: /^11(414|313)$/,
  49: /^[2-9]\d{1,3}11[02]$/,
  86: /^12(110|395)$/,
  91: /^10(9[0-9]|7[0-9])$/,
};

/** Short numbers with more than three digits, by calling code: directory enquiries, hotlines, premium short codes. */
const shortNumbers: Readonly<Record<string, RegExp>> = {
  1: /^\d{4,6}$/,
  31: /^(1[48]\d{2}|18\d{2}|116\d{3})$/,
  32: /^(\d{4}|116\d{3})$/,
  33: /^(3\d{3}|10\d{2}|116\d{3}|118\d{3})$/,
  34: /^(0\d{2}|1\d{3}|116\d{3}|118\d{2})$/,
  39: /^(1\d{3,5}|4\d{4,6}|116\d{3})$/,
  41: /^(1\d{3}|18\d{2}|116\d{3})$/,
  43: /^(1[0-9]\d{1,2}|116\d{3}|118\d{2,3})$/,
  44: /^(1\d{3,5}|116\d{3}|118\d{3})$/,
  45: /^(1\d{3}|116\d{3})$/,
  46: /^(11[0-9]\d{2,3}|116\d{3}|118\d{2,3})$/,
  47: /^(0\d{4}|1\d{3}|116\d{3})$/,
  48: /^(19\d{3}|116\d{3}|118\d{2,3}|9\d{4})$/,
  49: /^(11[0-9]|116\d{3}|118\d{2,3}|19\d{3})$/,
  61: /^(1[23]\d{2,4}|12[0-9]{2})$/,
  81: /^(1\d{2}|[#*]?\d{4})$/,
};

/** Calling codes of networks that belong to no country: freephone, satellites, international premium rates. */
const withoutCountry = ['800', '808', '870', '878', '881', '882', '883', '888', '979'] as const;

let callingCodes: ReadonlySet<string> | undefined;

/** The calling code that a number begins with; undefined if there is none. */
function callingCodeOf(digits: string): string | undefined {
  const { getCountries, getCountryCallingCode } = phoneLibrary();
  callingCodes ??= new Set([
    ...getCountries().map((country) => getCountryCallingCode(country)),
    ...withoutCountry,
  ]);
  const known = callingCodes;
  return [1, 2, 3].map((length) => digits.slice(0, length)).find((prefix) => known.has(prefix));
}

/** Digits beyond this are no number of any plan (E.164). */
const MOST_DIGITS = 15;
const SHORT_DIGITS = 6;

/**
 * Reads a number as people write it: spaces, dashes, dots, slashes and brackets do not matter, and neither do a leading
 * `tel:` or `4:`. It must begin with `+` and the country code.
 *
 * @param countries those that may be called (ISO 3166-1 alpha-2); null: all
 */
export function readPhone(text: string, countries: readonly string[] | null): ReadPhone {
  const refused = (problem: PhoneProblem, country: string | null = null): ReadPhone => ({
    number: null,
    problem,
    country,
  });
  const compact = compactNumber(text);
  if (compact === null) return refused('notANumber');
  const digits = compact.replace(/^\+/, '');
  if (!compact.startsWith('+')) {
    if (emergency.has(digits)) return refused('emergency');
    return refused(digits.length <= SHORT_DIGITS ? 'shortNumber' : 'noCountryCode');
  }
  if (digits.length > MOST_DIGITS || digits.startsWith('0')) return refused('invalid');
  // "+112" is meant as 112, although it would be a number of the +1 area.
  if (emergency.has(digits)) return refused('emergency');
  const code = callingCodeOf(digits);
  if (code === undefined) return refused('invalid');
  if (withoutCountry.some((network) => network === code)) return refused('noCountry');
  const special = specialNumber(code, digits.slice(code.length));
  if (special) return refused(special);
  const parsed = phoneLibrary().parsePhoneNumberFromString(compact);
  if (!parsed?.isValid()) return refused('invalid');
  const { country, number: e164 } = parsed;
  if (country === undefined) return refused('noCountry');
  const type = parsed.getType();
  if (type === undefined) return refused('invalid', country);
  if (costly.has(type)) return refused('costly', country);
  if (countries && !countries.includes(country)) return refused('country', country);
  return { number: { e164, shown: parsed.formatInternational() }, problem: null, country };
}

/** `+` and digits, or digits alone; null if the text is no number. Full-width digits count. */
function compactNumber(text: string): string | null {
  const plain = text.normalize('NFKC').trim().toLowerCase();
  const bare = plain.replace(/^(?:tel:|4:)/, '').replace(/\(0\)/, '');
  const compact = bare.replace(/[\s().\-‐‑‒–—/\p{Cf}]/gu, '');
  return /^\+?\d{2,40}$/.test(compact) ? compact : null;
}

/** Whether a national number, with or without the trunk prefix, is one that nobody may call from here. */
function specialNumber(code: string, national: string): 'emergency' | 'shortNumber' | null {
  const forms = [national, ...(national.startsWith('0') ? [national.slice(1)] : [])];
  if (forms.some((form) => emergency.has(form) || longEmergency[code]?.test(form))) return 'emergency';
  const isShort = forms.some((form) => form.length <= 3 || shortNumbers[code]?.test(form));
  return isShort ? 'shortNumber' : null;
}

/** A number as people write it: `+49 30 1234567`; as it is if it cannot be read. */
export function shownPhone(e164: string): string {
  return phoneLibrary().parsePhoneNumberFromString(e164)?.formatInternational() ?? e164;
}

/** Whether a text is the code of a country with telephone numbers (ISO 3166-1 alpha-2, upper case). */
export function isPhoneCountry(code: string): code is CountryCode {
  return phoneLibrary().isSupportedCountry(code);
}

/** What a number without a country code means where this country's numbers are dialled, E.164; null if nothing. */
export function dialledIn(country: string, text: string): string | null {
  if (!isPhoneCountry(country)) return null;
  const parsed = phoneLibrary().parsePhoneNumberFromString(text, country);
  return parsed && parsed.ext === undefined ? parsed.number : null;
}
