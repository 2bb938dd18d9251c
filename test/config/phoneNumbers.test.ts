import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { readPhone, shownPhone, type PhoneProblem } from '../../src/config/phoneNumbers.ts';

describe('a phone number', () => {
  const accepted: [written: string, e164: string, shown: string, country: string][] = [
    ['+49301234567', '+49301234567', '+49 30 1234567', 'DE'],
    ['+49 30 1234567', '+49301234567', '+49 30 1234567', 'DE'],
    ['+49 (0)30 / 123-45.67', '+49301234567', '+49 30 1234567', 'DE'],
    ['tel:+49-30-1234567', '+49301234567', '+49 30 1234567', 'DE'],
    ['4:+49301234567', '+49301234567', '+49 30 1234567', 'DE'],
    ['＋８１３１２３４５６７８', '+81312345678', '+81 3 1234 5678', 'JP'],
    ['+39 06 1234 5678', '+390612345678', '+39 06 1234 5678', 'IT'],
    ['+1 800 234 5678', '+18002345678', '+1 800 234 5678', 'US'],
    // The +1 area is many countries, some of them expensive.
    ['+1 876 926 1234', '+18769261234', '+1 876 926 1234', 'JM'],
    ['+44 7624 123456', '+447624123456', '+44 7624 123456', 'IM'],
  ];
  for (const [written, e164, shown, country] of accepted) {
    it(`${written} is called as ${e164}`, () => {
      assert.deepEqual(readPhone(written, null), { number: { e164, shown }, problem: null, country });
      assert.equal(shownPhone(e164), shown);
    });
  }

  const refused: [written: string, problem: PhoneProblem][] = [
    ['', 'notANumber'],
    ['Adele', 'notANumber'],
    ['+49 30 12345x', 'notANumber'],
    ['030 1234567', 'noCountryCode'],
    ['0049 30 1234567', 'noCountryCode'],
    ...['112', '911', '110', '999', '000', '119', '15', '17', '18', '+112', '+911', '+49110', '+49 112'].map(
      (one): [string, PhoneProblem] => [one, 'emergency'],
    ),
    ...['+44999', '+33 15', '+33 18', '+81 119', '+61 000', '+1911', '+49 030 112', '+43 1 144'].map(
      (one): [string, PhoneProblem] => [one, 'emergency'],
    ),
    ['+41 1414', 'emergency'],
    ['118 33', 'shortNumber'],
    ['+49 11833', 'shortNumber'],
    ['+49 116117', 'shortNumber'],
    ['+33 3900', 'shortNumber'],
    ['+44 118 118', 'shortNumber'],
    ...['+881612345678', '+88212345678', '+88312345678', '+870773112345', '+87812345678'].map(
      (one): [string, PhoneProblem] => [one, 'noCountry'],
    ),
    ...['+88812345678', '+979123456789', '+80812345678', '+80012345678'].map(
      (one): [string, PhoneProblem] => [one, 'noCountry'],
    ),
    ['+15550100', 'invalid'],
    ['+49 1', 'shortNumber'],
    ['+999 1234567', 'invalid'],
    ['+4930123456789012345', 'invalid'],
    ['+49 900 1234567', 'costly'],
    ['+49 180 5123456', 'costly'],
    ['+49 700 12345678', 'costly'],
    ['+44 70 1234 5678', 'costly'],
    ['+44 7600 123456', 'costly'],
    ['+33 8 99 12 34 56', 'costly'],
    ['+1 900 234 5678', 'costly'],
    ['+1 500 234 5678', 'costly'],
  ];
  for (const [written, problem] of refused) {
    it(`${written} is refused: ${problem}`, () => assert.equal(readPhone(written, null).problem, problem));
  }

  it('of a country that is not allowed is refused, by its own country', () => {
    const { problem, country } = readPhone('+1 876 926 1234', ['US', 'CA']);
    assert.deepEqual([problem, country], ['country', 'JM']);
    assert.equal(readPhone('+1 425 555 0100', ['US', 'CA']).problem, null);
  });

  it('that is accepted is E.164, valid, of an allowed country and no costly kind', () => {
    const digits = fc.stringMatching(/^\d{1,15}$/);
    const code = fc.constantFrom('49', '43', '44', '1', '33', '39', '81', '7', '881', '979', '290', '');
    const noise = fc.constantFrom('', ' ', '-', '(0)', '\u00a0', '.');
    const countries = ['DE', 'AT', 'GB', 'US', 'FR', 'IT', 'JP'];
    let seen = 0;
    fc.assert(
      fc.property(code, noise, digits, (prefix, between, rest) => {
        const { number, country } = readPhone(`+${prefix}${between}${rest}`, countries);
        if (number === null) return;
        seen += 1;
        const parsed = parsePhoneNumberFromString(number.e164);
        assert.match(number.e164, /^\+[1-9]\d{6,14}$/);
        assert.ok(parsed?.isValid() === true);
        assert.ok(countries.includes(country ?? ''));
        assert.equal(parsed.country, country);
        assert.match(parsed.getType() ?? '', /^(FIXED_LINE|MOBILE|FIXED_LINE_OR_MOBILE|TOLL_FREE|VOIP)$/);
        // Reading it again gives the same.
        assert.deepEqual(readPhone(number.shown, countries).number, number);
      }),
      { numRuns: 3_000, seed: 25 },
    );
    assert.ok(seen > 100, String(seen));
  });
});
