import assert from 'node:assert/strict';
import fc from 'fast-check';
import { atomsOf, clean, expanded, isOneErrorApart, plain } from '../../src/directory/folding.ts';

describe('the spelling of a name', () => {
  const cases: readonly (readonly [name: string, plain: string, expanded: string])[] = [
    ['Siân', 'sian', 'sian'],
    ['Łukasz', 'lukasz', 'lukasz'],
    ['Sørensen', 'sorensen', 'soerensen'],
    ['Weiß', 'weiss', 'weiss'],
    ['Æsir', 'aesir', 'aesir'],
    ['Müller', 'muller', 'mueller'],
    ['Mu\u0308ller', 'muller', 'mueller'],
    ['Ångström', 'angstrom', 'aangstroem'],
    ['Nguyễn', 'nguyen', 'nguyen'],
    ['ŽIŽEK', 'zizek', 'zizek'],
    ['Yılmaz', 'yilmaz', 'yilmaz'],
    ['Đorđević', 'dordevic', 'dordevic'],
    ['İNCİ', 'inci', 'inci'],
    ['Ａｄｅｌｅ', 'adele', 'adele'],
    ['Αλέξης', 'αλεξησ', 'αλεξησ'],
    ['ΑΛΕΞΗΣ', 'αλεξησ', 'αλεξησ'],
    // In these scripts the marks make different letters, and stay.
    ['Андрей', 'андрей', 'андрей'],
    ['Семёнова', 'семенова', 'семенова'],
    ['がく', 'がく', 'がく'],
    ['हिन्दी', 'हिन्दी', 'हिन्दी'],
    ['민준', '민준', '민준'],
    ['田中', '田中', '田中'],
    ['ade\u200Ble\u202E', 'adele', 'adele'],
  ];
  for (const [name, toPlain, toExpanded] of cases) {
    it(`of ${name} becomes ${toPlain} or ${toExpanded}`, () => {
      assert.equal(plain(clean(name)), toPlain);
      assert.equal(expanded(clean(name)), toExpanded);
    });
  }

  it('is split at spaces, apostrophes of all kinds and hyphens', () => {
    for (const name of [
      "O'Connor-Vance Ann",
      'O’Connor‑Vance Ann',
      'oʼconnor–vance.ann',
      'O`Connor, Vance (Ann)',
    ]) {
      const words = atomsOf(name).map((atom) => atom.plain);
      // Unicode classifies ʼ (U+02BC) as a letter.
      assert.equal(words.join(''), name.includes('ʼ') ? 'oʼconnorvanceann' : 'oconnorvanceann', name);
    }
  });

  it('does not change if it is folded twice', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        assert.equal(clean(clean(text)), clean(text));
        assert.equal(plain(plain(clean(text))), plain(clean(text)));
      }),
    );
  });
});

describe('a typing error', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['adele', 'adele', false],
    ['adele', 'adle', true],
    ['adele', 'adelle', true],
    ['adele', 'adeke', true],
    ['adele', 'adlee', true],
    ['adele', 'daele', true],
    ['adele', 'alede', false],
    ['adele', 'adel', true],
    ['adele', 'ade', false],
    ['adele', 'bdelf', false],
    ['adele', 'eladel', false],
    ['', 'a', true],
    ['', '', false],
    ['田中', '田口', true],
  ];
  for (const [one, another, expected] of cases) {
    it(`${expected ? 'turns' : 'does not turn'} "${one}" into "${another}"`, () => {
      assert.equal(isOneErrorApart(one, another), expected);
      assert.equal(isOneErrorApart(another, one), expected);
    });
  }

  it('is a letter added, missing or replaced, or two swapped, at any place', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(word, fc.nat(), fc.constantFrom('a', 'b', 'x'), (right, place, letter) => {
        const at = place % (right.length - 1);
        const [one, two] = [right.charAt(at), right.charAt(at + 1)];
        const wrong = [
          right.slice(0, at) + letter + right.slice(at),
          right.slice(0, at) + right.slice(at + 1),
          right.slice(0, at) + letter + right.slice(at + 1),
          right.slice(0, at) + two + one + right.slice(at + 2),
        ];
        for (const typed of wrong) assert.equal(isOneErrorApart(typed, right), typed !== right);
      }),
    );
  });
});
