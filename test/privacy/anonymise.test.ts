import assert from 'node:assert/strict';
import { anonymiser } from '../../src/privacy/anonymise.ts';

const key = '87d349ed-44d7-43e1-9a83-5f2406dee5bd';
const adele = { key, names: ['Adele Vance', 'adele@contoso.example'] };

describe('removing a person from stored data', () => {
  for (const [name, who, before, after] of [
    ['their id, in any case', adele, { id: key.toUpperCase() }, { id: 'forgotten' }],
    ['their id within a raw id', adele, ['8:orgid:' + key], ['8:orgid:forgotten']],
    ['their name in a sentence', adele, 'Ask ADELE VANCE: now', 'Ask (forgotten): now'],
    [
      'fields beside their id',
      adele,
      { id: key, givenName: 'Adele', jobTitle: 'Retail Manager', displayName: 'Adele Vance' },
      { id: 'forgotten', displayName: '(forgotten)' },
    ],
    [
      'the number of their own phone',
      { key, names: ['Adele Vance', '+493012345', '+49 30 12345'] },
      {
        target: { kind: 'phone', id: '+493012345', personId: key, displayName: 'Adele Vance' },
        said: 'Calling +49 30 12345 …',
      },
      {
        target: { kind: 'phone', id: 'forgotten', displayName: '(forgotten)' },
        said: 'Calling (forgotten) …',
      },
    ],
    [
      'the name in their acknowledgement',
      { key, names: ['Adele Vance'] },
      { key, name: 'Adele Vance', way: 'api', named: 'a.vance@contoso.example' },
      { key: 'forgotten', name: '(forgotten)', way: 'api' },
    ],
    [
      'the number of their mobile',
      adele,
      { kind: 'phone', id: '+491701234567', personId: key, displayName: 'Adele Vance', givenName: 'Adele' },
      { kind: 'phone', id: 'forgotten', displayName: '(forgotten)' },
    ],
    [
      'nothing about others',
      adele,
      { id: 'other', givenName: 'Adele', displayName: 'Adele Stone', n: 1, none: null },
      { id: 'other', givenName: 'Adele', displayName: 'Adele Stone', n: 1, none: null },
    ],
    [
      'no part of a longer key',
      { key: 'webchat|u1', names: [] },
      ['webchat|u1', 'webchat|u12'],
      ['forgotten', 'webchat|u12'],
    ],
    ['no short name within words', { key, names: ['Ed'] }, ['Ed', 'needed'], ['(forgotten)', 'needed']],
    [
      'a name with special characters',
      { key, names: ['A. (B) [C]*'] },
      'A. (B) [C]* and AxB',
      '(forgotten) and AxB',
    ],
  ] as const) {
    it(`changes ${name}`, () => {
      assert.deepEqual(anonymiser(who)<unknown>(before), after);
    });
  }
});
