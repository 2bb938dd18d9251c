import assert from 'node:assert/strict';
import { peopleOf } from '../../../src/schedules/ical/people.ts';

describe('the person that an event’s title names', () => {
  for (const [title, ...people] of [
    ['Adele Vance', 'Adele Vance'],
    [
      'On Call - Adele Vance - Payments',
      'Adele Vance | Adele Vance - Payments | Payments | On Call - Adele Vance - Payments',
    ],
    ['On-call: Adele Vance', 'Adele Vance | On-call: Adele Vance'],
    ['Adele Vance (on call)', 'Adele Vance | Adele Vance (on call)'],
    ['Bereitschaft: Jürgen Müller', 'Jürgen Müller | Bereitschaft: Jürgen Müller'],
    ['Payments: Adele Vance', 'Payments | Payments: Adele Vance | Adele Vance'],
    ['[L2] adele.vance', 'adele.vance'],
    ["Nora O'Neil", "Nora O'Neil"],
    ['Vance, Adele', 'Vance, Adele'],
    ['Anne-Marie Ruiz', 'Anne-Marie Ruiz'],
    ['adele@contoso.example On-Call - payments', 'adele@contoso.example'],
    ['Adele <adele@contoso.example>, alex@contoso.example', 'adele@contoso.example', 'alex@contoso.example'],
    ['Adele Vance / Alex Wilber', 'Adele Vance', 'Alex Wilber'],
    ['Adele Vance & Alex Wilber', 'Adele Vance', 'Alex Wilber'],
    ['', ''],
  ] as const) {
    it(`“${title}”: ${people.join('; ')}`, () => {
      assert.deepEqual(
        peopleOf(title, []).people.map(({ words }) => words.join(' | ')),
        people,
      );
    });
  }

  it('comes after the attendee’s mail and name, and only if there is one attendee', () => {
    const adele = { mail: 'adele@contoso.example', name: 'Adele', hasDeclined: false, isThing: false };
    const alex = { ...adele, mail: 'alex@contoso.example', name: 'alex@contoso.example' };
    const words = (...attendees: (typeof adele)[]) =>
      peopleOf('On Call - Adele Vance - x', attendees).people.map((one) => one.words.join(' | '));
    assert.deepEqual(words(adele), ['adele@contoso.example | Adele | Adele Vance']);
    assert.deepEqual(words(adele, alex), ['adele@contoso.example | Adele', 'alex@contoso.example']);
    assert.deepEqual(words({ ...adele, hasDeclined: true }), []);
  });
});
