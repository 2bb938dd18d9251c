import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as z from 'zod';
import { CARD_LIMIT_BYTES, initials } from '../../../../src/chat/cards/renderers/elements.ts';
import { escapeMarkdown } from '../../../../src/chat/cards/renderers/markdown.ts';
import { choiceCard } from '../../../../src/chat/cards/renderers/choiceCard.ts';
import { disturbCard, leftAloneCard } from '../../../../src/chat/cards/renderers/disturbCard.ts';
import { stateWords } from '../../../../src/texts/escalationState.ts';
import { historyCard } from '../../../../src/chat/cards/renderers/historyCard.ts';
import { helpCard, helpFor } from '../../../../src/chat/cards/renderers/helpCard.ts';
import { listCard } from '../../../../src/chat/cards/renderers/listCard.ts';
import { welcomeCard } from '../../../../src/chat/cards/renderers/welcomeCard.ts';
import { whoIsCard } from '../../../../src/chat/cards/renderers/whoIsCard.ts';
import { clouds } from '../../../../src/config/clouds.ts';
import { PAGE } from '../../../../src/chat/commands/history.ts';
import { messageOf } from '../../../../src/chat/connector/messages.ts';
import { textsFor } from '../../../../src/texts/texts.ts';
import { adele } from '../../../support/chat/calls.ts';
import { cardFaults } from '../../../support/chat/cardSchema.ts';
import { assertSnapshot } from '../../../support/chat/snapshots.ts';

describe('Initials', () => {
  const table: readonly [name: string, initials: string][] = [
    ['Adele Vance', 'AV'],
    ['Siân O’Connor-Łukasz', 'SO'],
    ['Vance, Adele (Retail)', 'VA'],
    ['adele', 'A'],
    ['Anna Maria de la Cruz', 'AC'],
    ['田中 太郎', '田太'],
    ['e\u0301lan x', 'E\u0301X'],
    ['42', '?'],
    ['+49 30 1234567', '☎'],
    ['', '?'],
  ];
  for (const [name, expected] of table) {
    it(`${name || 'of nobody'}: ${expected}`, () => assert.equal(initials(name), expected));
  }
});

describe('Markdown', () => {
  const table: readonly [written: string, escaped: string][] = [
    ['Adele Vance', 'Adele Vance'],
    ["Dr. O'Brien-Smith (Retail)", "Dr. O'Brien-Smith (Retail)"],
    ['**Adele**', '\\*\\*Adele\\*\\*'],
    ['[x](https://evil.example)', '\\[x\\](https://evil.example)'],
    ['snake_case `code` ~~gone~~ \\', 'snake\\_case \\`code\\` \\~\\~gone\\~\\~ \\\\'],
    ['# a\n- b\n1. c\n> d\n12) e', '\\# a\n\\- b\n1\\. c\n\\> d\n12\\) e'],
    ['<at>x</at>', '\\<at>x\\</at>'],
    ['{{DATE(2026-01-01T00:00:00Z)}}', '{ {DATE(2026-01-01T00:00:00Z)}}'],
  ];
  for (const [written, escaped] of table) {
    it(`is escaped in ${JSON.stringify(written)}`, () => assert.equal(escapeMarkdown(written), escaped));
  }

  it('loses no characters', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const back = escapeMarkdown(text).replaceAll('{ {', '{{').replace(/\\(.)/gsu, '$1');
        assert.equal(back, text.replaceAll('{ {', '{{'));
      }),
    );
  });
});

describe('The other cards', () => {
  const texts = textsFor('en-GB');
  const people = [
    { name: 'Chris Green', about: 'Developer, Payments', photo: null },
    { name: '*Chris* Green', about: null, photo: 'data:image/png;base64,AAAA' },
  ];
  const found = people.map((person) => ({ ...person, address: 'chris.green@contoso.example' }));
  const choice = { choiceId: 'choice_1' };
  const past = [
    {
      title: 'Adele Vance',
      by: null,
      state: { text: texts.cards.status.ended.declined, color: 'warning' as const },
      message: 'Red & *hot*',
      at: '2026-03-02T14:03:00.123Z',
      atInWords: '2 Mar, 14:03',
      alert: null,
      again: 'call_1',
    },
    {
      title: 'Alex Wilber',
      by: 'Megan Bowen',
      state: { text: texts.cards.status.running.dialing, color: 'default' as const },
      message: null,
      at: '2026-03-02T14:02:00.000Z',
      atInWords: '2 Mar, 14:02',
      alert: null,
      again: null,
    },
    {
      title: 'Checkout errors',
      by: null,
      state: stateWords('acknowledged', texts),
      message: null,
      at: '2026-03-01T03:00:00.000Z',
      atInWords: '1 Mar, 03:00',
      alert: 'alert' as const,
      again: null,
    },
  ];
  const cards = {
    choice: choiceCard(
      { ...choice, question: texts.chat.people.severalFit({ query: 'chris' }), people, picker: false },
      texts,
    ),
    choiceWithPicker: choiceCard({ ...choice, question: '?', people, picker: true }, texts),
    disturb: disturbCard(
      {
        ...choice,
        target: adele,
        because: 'presenting',
        message: 'Red & *hot*',
        teamsUrl: clouds.public.teamsUrl,
      },
      texts,
    ),
    leftAlone: leftAloneCard('Adele Vance', texts),
    help: helpCard(
      helpFor(texts, () => true),
      texts,
    ),
    welcome: welcomeCard(texts, () => true, false),
    welcomeInGroup: welcomeCard(texts, (kind) => kind !== 'escalate', true),
    status: listCard(texts.chat.calls.running({ count: 2 }), [
      'Adele Vance: Calling … (3 seconds)',
      '*Alex*: Connected (1 minute)',
    ]),
    history: historyCard({ rows: past, older: 'call_3', newest: null }, texts),
    historyOlder: historyCard({ rows: past.slice(1), older: null, newest: 'first' }, texts),
    whoIs: whoIsCard(found, null, texts),
    whoIsCallable: whoIsCard(found.slice(0, 1), { can: true, text: texts.chat.people.canBeCalled }, texts),
    whoIsNotCallable: whoIsCard(
      found.slice(0, 1),
      { can: false, text: texts.errors.notCallable.noTeamsPhone({ callee: 'Chris Green' }) },
      texts,
    ),
  };
  for (const [name, rendered] of Object.entries(cards)) {
    it(`${name}: matches its snapshot and is valid`, () => {
      assertSnapshot(`cards/${name}`, rendered);
      // The people picker is specific to Teams, so the schema does not contain it.
      const { card } = z.object({ card: z.unknown() }).parse(withoutPicker(rendered));
      assert.deepEqual(cardFaults(card) ?? [], []);
    });
  }

  it('help: contains every command that has words, also as plain text', () => {
    const lines = cards.help.text.split('\n');
    for (const { say, does } of Object.values(texts.chat.help.commands)) {
      assert.ok(lines.includes(`  ${say} – ${does}`), say);
    }
  });

  it('choice: Teams looks up whom one picks', () => {
    const { card } = cards.choiceWithPicker;
    assert.match(
      JSON.stringify(card),
      /"type":"Input\.ChoiceSet","id":"person".*"choices\.data":\{"type":"Data\.Query","dataset":"graph\.microsoft\.com\/users"\}/,
    );
  });

  it('stay under the limit of a message with the most that they hold', () => {
    // Graph's own limits: 256 characters for a name, 128 and 64 for title and department.
    const name = '🦊'.repeat(128);
    const about = `${'ü'.repeat(128)}, ${'ü'.repeat(64)} · Available`;
    const long = '🦊 ü '.repeat(400);
    const photo = `data:image/png;base64,${'A'.repeat(15_000 / 5)}`;
    const crowd = Array.from({ length: 5 }, () => ({ name, about, photo }));
    const row = { ...past[0], title: long, by: long, message: long, again: 'call_1', alert: null };
    for (const locale of ['en-GB', 'de-DE']) {
      const words = textsFor(locale);
      const largest = {
        choice: choiceCard(
          {
            ...choice,
            question: words.chat.people.severalFit({ query: long }),
            people: crowd,
            picker: true,
          },
          words,
        ),
        help: helpCard(
          helpFor(words, () => true),
          words,
        ),
        welcome: welcomeCard(words, () => true, true),
        whoIs: whoIsCard(
          crowd.map((person) => ({ ...person, address: `${'a'.repeat(300)}@contoso.example` })),
          null,
          words,
        ),
        history: historyCard(
          {
            rows: Array.from({ length: PAGE }, () => ({
              ...row,
              state: { text: words.cards.status.ended.declined, color: 'warning' as const },
              at: '2026-03-02T14:03:00.123Z',
              atInWords: '2 Mar, 14:03',
            })),
            older: 'call_3',
            newest: 'first',
          },
          words,
        ),
      };
      for (const [what, rendered] of Object.entries(largest)) {
        const bytes = Buffer.byteLength(JSON.stringify(messageOf(rendered, 'msteams')));
        assert.ok(bytes < CARD_LIMIT_BYTES, `${what} (${locale}): ${bytes} bytes`);
      }
    }
    // They are shown if there is room.
    const few = choiceCard({ ...choice, question: '?', people: crowd.slice(0, 2), picker: true }, texts);
    assert.ok(JSON.stringify(few).includes(photo));
  });

  it('choice: at most five and somebody else, as many as there are buttons for', () => {
    const many = Array.from({ length: 9 }, () => ({ name: 'Chris Green', about: null, photo: null }));
    const { card } = choiceCard({ ...choice, question: '?', people: many, picker: true }, texts);
    assert.equal(Array.isArray(card['actions']) && card['actions'].length, 6);
  });
});

function withoutPicker(rendered: object): unknown {
  return JSON.parse(JSON.stringify(rendered), (key, value: unknown) =>
    key === 'choices.data' ? undefined : value,
  );
}
