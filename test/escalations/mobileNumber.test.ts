import assert from 'node:assert/strict';
import { mobileNumber } from '../../src/escalations/mobileNumber.ts';

const DE = ['DE'];
const BOTH = ['DE', 'AT'];

/** What the directory has, which countries are allowed -> the number that is called, or why none is. */
const table: [numbers: string[], countries: string[], called: string][] = [
  [['+49 170 1234567', '+49 30 1234567'], DE, '+491701234567'],
  [['+49 (0)170 / 123 45 67'], DE, '+491701234567'],
  [['0049 170 1234567'], DE, '+491701234567'],
  [['0170 1234567'], DE, '+491701234567'],
  [['0170 1234567'], [], 'phoneUnclear'],
  // A number of both countries: nobody knows which is meant.
  [['0664 1234567'], BOTH, 'phoneUnclear'],
  [['0664 1234567'], ['AT'], '+436641234567'],
  [['0049 170 1234567'], BOTH, '+491701234567'],
  // Canada and the USA share their code, and each number belongs to one of them.
  [['(416) 555-0100', '(425) 555-0100'], ['US', 'CA'], '+14165550100'],
  // The first one that may be called.
  [['+43 664 1234567', '+49 30 1234567'], DE, '+49301234567'],
  [['+43 664 1234567'], DE, 'phoneNotAllowed'],
  [['+49 900 1 234567'], DE, 'phoneNotAllowed'],
  [['112'], DE, 'phoneNotAllowed'],
  [['0112'], DE, 'phoneNotAllowed'],
  [['+49 170 1234567 ext. 7'], DE, 'phoneNotAllowed'],
  [['ask Megan'], DE, 'phoneNotAllowed'],
  [[], DE, 'noMobile'],
];

describe('the number of a person', () => {
  for (const [numbers, countries, called] of table) {
    it(`${JSON.stringify(numbers)} in ${countries.join(' and ') || 'no country'}: ${called}`, () => {
      const expected = called.startsWith('+') ? { number: called } : { reason: called };
      assert.deepEqual(mobileNumber(numbers, { isOn: true, countries }), expected);
      assert.deepEqual(mobileNumber(numbers, { isOn: false, countries }), { reason: 'phonesOff' });
    });
  }
});
