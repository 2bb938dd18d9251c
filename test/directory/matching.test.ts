import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Person } from '../../src/directory/directory.ts';
import { decide, rank } from '../../src/directory/matching.ts';
import { fitOf } from '../../src/directory/nameFit.ts';
import { classify } from '../../src/directory/textQuery.ts';
import type { TextQuery } from '../../src/directory/textQuery.ts';
import { crowd, idOf, made } from '../support/directory/people.ts';

const id = '87d349ed-44d7-43e1-9a83-5f2406dee5bd';
let number = 0;
const named = (displayName: string, more: Partial<Person> = {}): Person =>
  made({ id: idOf((number += 1)), displayName, ...more });

describe('typed text', () => {
  const cases: readonly (readonly [text: string, TextQuery])[] = [
    [id, { kind: 'objectId', id }],
    [` ${id.toUpperCase()} `, { kind: 'objectId', id }],
    [`{${id}}`, { kind: 'objectId', id }],
    [`8:orgid:${id}`, { kind: 'teamsUser', id, cloud: 'public' }],
    [`8:gcch:${id}`, { kind: 'teamsUser', id, cloud: 'gcch' }],
    [`8:dod:${id}`, { kind: 'teamsUser', id, cloud: 'dod' }],
    [`28:orgid:${id}`, { kind: 'voiceApp', id, cloud: 'public' }],
    [`28:gcch:${id}`, { kind: 'voiceApp', id, cloud: 'gcch' }],
    ['8:acs:6d88-AB_0000', { kind: 'communicationUser', rawId: '8:acs:6d88-AB_0000' }],
    ['8:gcch-acs:6d88_0', { kind: 'communicationUser', rawId: '8:gcch-acs:6d88_0' }],
    ['adele@contoso.example', { kind: 'address', address: 'adele@contoso.example' }],
    ['Adele <adele@contoso.example>', { kind: 'address', address: 'adele@contoso.example' }],
    ['mailto:adele@contoso.example', { kind: 'address', address: 'adele@contoso.example' }],
    ['o’brien@contoso.example', { kind: 'address', address: "o'brien@contoso.example" }],
    ['a_b.example#EXT#@contoso.example', { kind: 'address', address: 'a_b.example#EXT#@contoso.example' }],
    ['Adele\u200B Vance', { kind: 'name', text: 'Adele Vance' }],
    ['8:orgid:adele', { kind: 'name', text: '8:orgid:adele' }],
    ['adele @ contoso', { kind: 'name', text: 'adele @ contoso' }],
    ['', { kind: 'nothing' }],
    ['  \n', { kind: 'nothing' }],
    ['🙂', { kind: 'nothing' }],
    ['?!', { kind: 'nothing' }],
    ['a'.repeat(257), { kind: 'nothing' }],
    ['one two three four five six seven eight nine', { kind: 'nothing' }],
    ['\uD800 x', { kind: 'name', text: '\uFFFD x' }],
  ];
  for (const [text, expected] of cases) {
    it(`${JSON.stringify(text.slice(0, 50))} is ${expected.kind}`, () =>
      assert.deepEqual(classify(text), expected));
  }
});

describe('a typed name', () => {
  const cases: readonly (readonly [typed: string, person: Person, grade: string | null])[] = [
    ['adele vance', named('Adele Vance'), 'fullName'],
    ['vance, adele', named('Adele Vance'), 'fullName'],
    ['adele vance', named('Vance, Adele (Retail)'), 'fullName'],
    ['adele vance', named('Adele Vance | Contoso'), 'fullName'],
    ['adele vance', named('Adele Marie Vance', { givenName: 'Adele', surname: 'Vance' }), 'fullName'],
    ['adele vance', named('Adele Marie Vance', { givenName: null, surname: null }), 'words'],
    ['vance', named('Adele Vance'), 'words'],
    ['vance adele', named('Adele Vance'), 'words'],
    ['oconnor', named("Siân O'Connor"), 'words'],
    ["o'connor", named('Sian OConnor'), 'words'],
    ['anne marie', named('Anne-Marie Duff'), 'words'],
    ['annemarie duff', named('Anne-Marie Duff'), 'fullName'],
    ['vanderberg', named('Jan van der Berg'), 'words'],
    ['jan vander berg', named('Jan van der Berg'), 'fullName'],
    ['mueller', named('Bernd Müller'), 'words'],
    ['müller', named('Bernd Mueller'), 'words'],
    ['muller', named('Bernd Müller'), 'words'],
    ['adel', named('Adele Vance'), 'beginning'],
    ['a v', named('Adele Vance'), 'beginning'],
    ['adele adele', named('Adele Vance'), null],
    ['adelle', named('Adele Vance'), 'typingError'],
    ['adlee vance', named('Adele Vance'), 'typingError'],
    ['adlee vanec', named('Adele Vance'), null],
    ['adelevnce', named('Adele Vance'), 'typingError'],
    ['lee', named('Leo Vance'), null],
    ['gu', named('Ga Vance'), null],
    ['dele', named('Adele Vance'), 'typingError'],
    ['ele', named('Adele Vance'), null],
  ];
  for (const [typed, person, grade] of cases) {
    it(`"${typed}" fits ${person.displayName}: ${grade ?? 'not at all'}`, () =>
      assert.equal(fitOf(typed, person)?.grade ?? null, grade));
  }
});

describe('the decision who is meant', () => {
  it('is a choice between two people with one name, even if one is likelier', () => {
    const [one, other] = [named('Chris Green'), named('Chris Green', { department: 'IT' })];
    const asker = { department: 'IT', managerId: other.id, recentCalleeIds: [other.id], teamIds: [other.id] };
    const expected = { kind: 'several', people: [other, one], more: false };
    assert.deepEqual(decide('Chris Green', [one, other], asker), expected);
  });

  it('prefers an enabled account to a disabled one', () => {
    const [gone, here] = [named('Chris Green', { accountEnabled: false }), named('Chris Green')];
    assert.deepEqual(decide('chris green', [gone, here], null), { kind: 'one', person: here });
    assert.deepEqual(decide('chris green', [gone], null), { kind: 'one', person: gone });
  });

  it('has no winner if there may be other matches', () => {
    const adele = named('Adele Vance');
    assert.deepEqual(decide('adele vance', [adele], null, false), {
      kind: 'several',
      people: [adele],
      more: true,
    });
  });

  it('respects typed accents, but not missing ones', () => {
    const [with_, without] = [named('Zdena Horáčková'), named('Zdena Horackova')];
    assert.deepEqual(decide('Zdena Horáčková', [with_, without], null), { kind: 'one', person: with_ });
    assert.equal(decide('zdena horackova', [with_, without], null).kind, 'several');
  });

  it('does not treat a lone first name as the full name of a person who has no other name', () => {
    const people = [named('Adele', { givenName: null, surname: null }), named('Adele Vance')];
    assert.equal(decide('adele', people, null).kind, 'several');
  });

  it('suggests at most three people and offers at most five', () => {
    const many = Array.from({ length: 7 }, () => named('Chris Green'));
    const offered = decide('chris green', many, null);
    assert.ok(offered.kind === 'several' && offered.people.length === 5 && offered.more);
    const suggested = decide('chriss green', many, null);
    assert.ok(suggested.kind === 'none' && suggested.suggestions.length === 3);
  });

  it('orders people by recent calls, manager line, department and name', () => {
    const [recent, manager, peer, department, other, gone] = [
      named('Chris Blue'),
      named('Chris White'),
      named('Chris Red'),
      named('Chris Zinc', { department: 'IT' }),
      named('Chris Aqua'),
      named('Chris Aaa', { accountEnabled: false }),
    ];
    const asker = {
      department: 'it',
      managerId: manager.id,
      teamIds: [peer.id],
      recentCalleeIds: ['x', recent.id],
    };
    const ranked = rank('chris', [gone, other, department, peer, manager, recent], asker);
    assert.deepEqual(
      ranked.map(({ person }) => person.displayName),
      [recent, peer, manager, department, other, gone].map(({ displayName }) => displayName),
    );
  });

  const people = crowd(400, 7);
  const anybody = fc.constantFrom(...people);
  const some = fc.uniqueArray(anybody, { selector: (person) => person.id, maxLength: 30 });
  const asker = fc.record(
    {
      department: fc.constantFrom('IT', 'Sales'),
      managerId: anybody.map((person) => person.id),
      recentCalleeIds: fc.array(
        anybody.map((person) => person.id),
        { maxLength: 5 },
      ),
    },
    { requiredKeys: [] },
  );
  /** A name as people type it, correctly or almost. */
  const typed = fc.oneof(
    anybody.map((person) => person.displayName),
    anybody.map((person) => person.givenName ?? ''),
    anybody.map((person) => `${person.surname}, ${person.givenName}`),
    anybody.map((person) => person.displayName.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '')),
    fc.tuple(anybody, fc.nat()).map(([person, at]) => person.displayName.slice(0, 1 + (at % 12))),
    fc.string({ unit: 'grapheme', maxLength: 30 }),
  );
  /** People, and typed text that means one of them. */
  const meant = some
    .filter(({ length }) => length > 0)
    .chain((among) => {
      const person = fc.constantFrom(...among);
      const names = person.chain(({ displayName, givenName, surname }) =>
        fc.constantFrom(
          displayName,
          givenName ?? displayName,
          surname ?? displayName,
          displayName.slice(0, -1),
        ),
      );
      return fc.record({ among: fc.constant(among), text: names });
    });
  const idOfWinner = (
    text: string,
    among: readonly Person[],
    by: Parameters<typeof decide>[2],
  ): string | null => {
    const decision = decide(text, among, by);
    return decision.kind === 'one' ? decision.person.id : null;
  };

  it('does not depend on the order of the people', () => {
    fc.assert(
      fc.property(typed, some, asker, fc.nat(), (text, among, by, turn) => {
        const at = turn % (among.length + 1);
        const turned = [...among.slice(at), ...among.slice(0, at)].toReversed();
        assert.deepEqual(decide(text, turned, by), decide(text, among, by));
      }),
    );
  });

  /** Includes lone surrogates and control characters. */
  const anything = fc
    .array(fc.nat({ max: 0xffff }), { maxLength: 300 })
    .map((units) => String.fromCharCode(...units));

  it('never throws, and names only the given people', () => {
    fc.assert(
      fc.property(anything, some, (text, among) => {
        const decision = decide(text, among, null);
        const chosen =
          decision.kind === 'one'
            ? [decision.person]
            : decision.kind === 'several'
              ? decision.people
              : decision.suggestions;
        assert.ok(chosen.every((person) => among.some((one) => one.id === person.id)));
        assert.ok(classify(text).kind.length > 0);
      }),
    );
  });

  it('has the same winner for every asker', () => {
    fc.assert(
      fc.property(meant, asker, asker, ({ text, among }, one, another) => {
        assert.equal(idOfWinner(text, among, one), idOfWinner(text, among, another));
      }),
    );
  });

  it('keeps its winner if a person is added whom the name does not fit', () => {
    fc.assert(
      fc.property(meant, anybody, ({ text, among }, newcomer) => {
        fc.pre(fitOf(text, newcomer) === null);
        assert.equal(idOfWinner(text, [...among, newcomer], null), idOfWinner(text, among, null));
      }),
    );
  });

  it('never picks one of two enabled people with the same name', () => {
    fc.assert(
      fc.property(meant, fc.nat(), ({ text, among }, which) => {
        const person = among[which % among.length] ?? named('Nobody');
        const twins = [
          { ...person, accountEnabled: true },
          { ...person, accountEnabled: true, id: idOf(999_999) },
        ];
        const winner = idOfWinner(
          text,
          [...among.filter(({ id: other }) => other !== person.id), ...twins],
          null,
        );
        assert.ok(winner === null || twins.every((twin) => twin.id !== winner));
      }),
    );
  });

  it('never picks somebody because of a typing error or a beginning', () => {
    fc.assert(
      fc.property(meant, ({ text, among }) => {
        const winner = among.find((person) => person.id === idOfWinner(text, among, null));
        if (winner) assert.match(fitOf(text, winner)?.grade ?? '', /^(?:fullName|words)$/);
      }),
    );
  });

  it('finds everybody by their full name, with and without accents', () => {
    fc.assert(
      fc.property(anybody, (person) => {
        const bare = person.displayName
          .normalize('NFD')
          .replace(/\p{M}/gu, '')
          .replaceAll('ł', 'l')
          .replaceAll('Ł', 'L');
        assert.equal(fitOf(person.displayName, person)?.grade, 'fullName');
        if (/^[\p{Script=Latin}\p{P}\s]+$/u.test(bare)) assert.equal(fitOf(bare, person)?.grade, 'fullName');
      }),
    );
  });

  it('is quick even for names made to be slow', () => {
    const person = named('a '.repeat(16).trim(), { givenName: null, surname: null });
    const startedAt = performance.now();
    assert.equal(fitOf('a a a a a a a b', person), null);
    assert.ok(performance.now() - startedAt < 200);
  });
});
