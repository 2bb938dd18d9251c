import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { maximumLength, placeholder, readMentions, tidy } from '../../../src/chat/language/mentions.ts';

const botId = '28:0f1e2d3c-0000-4000-8000-000000000001';
const recipient = { id: botId };
const bot = { type: 'mention', text: '<at>Ringdown</at>', mentioned: { id: botId, name: 'Ringdown' } };
const adele = {
  type: 'mention',
  text: '<at>Adele Vance</at>',
  mentioned: { id: '29:adele', name: 'Adele Vance' },
};
const alex = {
  type: 'mention',
  text: '<at>Alex Wilber</at>',
  mentioned: { id: '29:alex', name: 'Alex Wilber' },
};
const other = { ...adele, mentioned: { id: '29:other', name: 'Adele Vance' } };

const [first, second] = [placeholder(0), placeholder(1)];
const textOf = (text: string, ...entities: unknown[]): string =>
  readMentions({ text, entities, recipient }).text;

describe('readMentions', () => {
  describe('reads the text as people see it', () => {
    const cases: readonly (readonly [what: string, text: string, expected: string])[] = [
      ['plain text', 'call Adele Vance: hi', 'call Adele Vance: hi'],
      ['spaces of all kinds', ' call\u00A0 Adele\u2003Vance\u3000hi\t', 'call Adele Vance hi'],
      ['zero-width characters', '\uFEFFca\u200Bll \u2060Ad\u00ADele\u200E', 'call Adele'],
      ['joiners of names and emoji, kept', 'call می\u200Cخواهم 👩\u200D🚀', 'call می\u200Cخواهم 👩\u200D🚀'],
      ['control characters', 'call\u0000 Ad\u0007ele\u001B', 'call Adele'],
      ['halves of characters', 'call \uD83D Adele', 'call \uFFFD Adele'],
      ['line breaks', 'call Adele:\r\none \r\n\n two\u2028three', 'call Adele:\none\ntwo\nthree'],
      ['combining accents', 'call Ade\u0301le', 'call Adéle'],
      [
        'escapes',
        'call O&#39;Connor&nbsp;&amp; Co &lt;x&gt; &quot;&#x1F600;&quot;',
        'call O\'Connor & Co <x> "😀"',
      ],
      ['escapes that are escaped', '&amp;lt;b&amp;gt;', '&lt;b&gt;'],
      ['impossible escapes', 'a&#9999999;b&#xFFFFFF;c&#xD800;', 'abc\uFFFD'],
      ['unknown escapes', 'R&D; &foo; &', 'R&D; &foo; &'],
      [
        'html',
        '<div><p>call <b>Adele</b></p><p class="x">now<br/>please</p></div>',
        'call Adele\nnow\nplease',
      ],
      [
        'a link to a mail address',
        'call <a href="mailto:a@contoso.example">a@contoso.example</a>',
        'call a@contoso.example',
      ],
      [
        'a mail address in markdown',
        'call [a@contoso.example](mailto:a@contoso.example)',
        'call a@contoso.example',
      ],
      [
        'a mail address from Slack',
        'call <mailto:a@contoso.example|a@contoso.example>',
        'call a@contoso.example',
      ],
      ['comparisons, which are no tags', 'if a <b and c> d or 1 < 2', 'if a <b and c> d or 1 < 2'],
      ['a forged mention', 'call <at>Adele</at>: hi', 'call Adele: hi'],
      ['a forged and escaped mention', 'call &lt;at id="0"&gt;Adele&lt;/at&gt;: hi', 'call Adele: hi'],
      ['half a mention', 'call <at>Adele: hi</at', 'call Adele: hi</at'],
      ['forged placeholders', `call ${placeholder(0)} &#xE000;0&#xE001;`, 'call 0 0'],
      ['nothing', '', ''],
    ];
    for (const [what, text, expected] of cases) {
      it(what, () => {
        assert.deepEqual(readMentions({ text, recipient }), {
          text: expected,
          mentions: [],
          mentionsBot: false,
          tooLong: false,
        });
      });
    }
  });

  describe('removes the bot', () => {
    const cases: readonly (readonly [
      what: string,
      text: string,
      expected: string,
      ...entities: unknown[],
    ])[] = [
      ['at the beginning', '<at>Ringdown</at> call Adele', 'call Adele', bot],
      ['in the middle', 'call <at>Ringdown</at> Adele', 'call Adele', bot],
      ['at the end, without a space', 'status<at>Ringdown</at>', 'status', bot],
      ['twice', '<at>Ringdown</at> call Adele <at>Ringdown</at>', 'call Adele', bot, bot],
      ['twice with one entity', '<at>Ringdown</at> call Adele <at>Ringdown</at>', 'call Adele', bot],
      ['with attributes in the text only', '<at id="0">Ringdown</at>&nbsp;help', 'help', bot],
      [
        'with attributes in the entity only',
        '<at>Ringdown</at> help',
        'help',
        { ...bot, text: '<at id="0">Ringdown</at>' },
      ],
      ['on a channel without tags', '@Ringdown help', 'help', { ...bot, text: '@Ringdown' }],
      ['when only its mention was written', '<at>Ringdown</at>', '', bot],
    ];
    for (const [what, text, expected, ...entities] of cases) {
      it(what, () => {
        const read = readMentions({ text, entities, recipient });
        assert.deepEqual(read, { text: expected, mentions: [], mentionsBot: true, tooLong: false });
      });
    }

    it('and reports it even if the mention is not in the text', () => {
      assert.equal(readMentions({ text: 'help', entities: [bot], recipient }).mentionsBot, true);
      assert.equal(readMentions({ entities: [bot], recipient }).text, '');
    });

    it('but not a person with its name', () => {
      const namesake = { ...bot, mentioned: { id: '29:somebody', name: 'Ringdown' } };
      const read = readMentions({ text: 'call <at>Ringdown</at>', entities: [namesake], recipient });
      assert.deepEqual([read.text, read.mentionsBot], [`call ${first}`, false]);
    });
  });

  describe('puts placeholders for people', () => {
    it('one next to the bot', () => {
      const text = '<at>Ringdown</at> call <at>Adele Vance</at>: hi';
      assert.deepEqual(readMentions({ text, entities: [bot, adele], recipient }), {
        text: `call ${first}: hi`,
        mentions: [{ id: '29:adele', name: 'Adele Vance' }],
        mentionsBot: true,
        tooLong: false,
      });
    });

    it('several, including one mentioned twice', () => {
      const text = 'escalate <at>Adele Vance</at>, <at>Alex Wilber</at>, <at>Adele Vance</at>: hi';
      const read = readMentions({ text, entities: [adele, alex, adele], recipient });
      assert.equal(read.text, `escalate ${first}, ${second}, ${first}: hi`);
      assert.deepEqual(
        read.mentions.map(({ id }) => id),
        ['29:adele', '29:alex'],
      );
    });

    it('one for first and last name that Teams mentions separately', () => {
      const part = (name: string) => ({
        type: 'mention',
        text: `<at>${name}</at>`,
        mentioned: { id: '29:adele', name },
      });
      const read = readMentions({
        text: 'call <at>Adele</at>&nbsp;<at>Vance</at>: hi',
        entities: [part('Adele'), part('Vance')],
        recipient,
      });
      assert.equal(read.text, `call ${first}: hi`);
      assert.deepEqual(read.mentions, [{ id: '29:adele', name: 'Adele Vance' }]);
    });

    it('two for two people next to each other', () => {
      const text = '<at>Adele Vance</at> <at>Alex Wilber</at>';
      assert.equal(textOf(text, adele, alex), `${first} ${second}`);
    });

    it('two people with the same name by their order', () => {
      const read = readMentions({
        text: '<at>Adele Vance</at>, <at>Adele Vance</at>',
        entities: [other, adele],
        recipient,
      });
      assert.deepEqual(
        read.mentions.map(({ id }) => id),
        ['29:other', '29:adele'],
      );
    });

    it('two people with the same name by the id of their tags', () => {
      const read = readMentions({
        text: 'call <at id="1">Adele Vance</at>',
        entities: [
          { ...adele, text: '<at id="0">Adele Vance</at>' },
          { ...other, text: '<at id="1">Adele Vance</at>' },
        ],
        recipient,
      });
      assert.deepEqual(read.mentions, [{ id: '29:other', name: 'Adele Vance' }]);
    });

    it('none for a name that could be either of two', () => {
      const read = readMentions({ text: 'call <at>Adele Vance</at>', entities: [adele, other], recipient });
      assert.deepEqual([read.text, read.mentions], ['call Adele Vance', []]);
    });

    it('on channels without tags, the longer name first and whole words only', () => {
      const short = { type: 'mention', text: '@Adele', mentioned: { id: 'U1', name: 'Adele' } };
      const long = { type: 'mention', text: '@Adele Vance', mentioned: { id: 'U2', name: 'Adele Vance' } };
      const read = readMentions({
        text: 'call @Adele Vance, @Adele, @Adelena',
        entities: [short, long],
        recipient,
      });
      assert.equal(read.text, `call ${first}, ${second}, @Adelena`);
      assert.deepEqual(
        read.mentions.map(({ id }) => id),
        ['U2', 'U1'],
      );
    });

    it('with escaped names, and with the written name if the entity has none', () => {
      const read = readMentions({
        text: 'call <at>O&#39;Connor &amp; Co</at>',
        entities: [{ type: 'mention', text: '<at>O&#39;Connor &amp; Co</at>', mentioned: { id: '29:x' } }],
        recipient,
      });
      assert.deepEqual(read.mentions, [{ id: '29:x', name: "O'Connor & Co" }]);
    });
  });

  it('ignores malformed entities and activities', () => {
    const malformed = [
      null,
      7,
      'mention',
      [],
      {},
      { type: 'mention' },
      { type: 'mention', mentioned: null },
      { type: 'mention', mentioned: { id: 5 } },
      { type: 'mention', mentioned: { id: '' }, text: '<at>Adele</at>' },
      { type: 'clientInfo', locale: 'en' },
      { type: 'mention', mentioned: { id: '29:x', name: 4 }, text: 9 },
    ];
    assert.equal(textOf('call <at>Adele</at>', ...malformed), 'call Adele');
    assert.equal(readMentions({ text: 'help', entities: 'none', recipient }).text, 'help');
    assert.deepEqual(readMentions({}), { text: '', mentions: [], mentionsBot: false, tooLong: false });
  });

  it('flags messages that are too long', () => {
    assert.equal(readMentions({ text: ` ${'a'.repeat(maximumLength)} ` }).tooLong, false);
    assert.equal(readMentions({ text: 'a'.repeat(maximumLength + 1) }).tooLong, true);
    assert.equal(readMentions({ text: `${' '.repeat(20_000)}help` }).tooLong, false);
    assert.equal(readMentions({ text: '<p>'.repeat(200_000), entities: [bot], recipient }).mentionsBot, true);
    assert.equal(readMentions({ text: '<p>'.repeat(200_000) }).tooLong, true);
  });

  it('never throws, and lets no foreign placeholder through', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '<at>',
        '</at>',
        'Adele Vance',
        '&#xE000;',
        '\uE000',
        '0',
        '\uE001',
        '<at id="0">',
        '&nbsp;',
      ),
    );
    const text = fc.array(piece).map((parts) => parts.join(''));
    const entities = fc.oneof(
      fc.anything(),
      fc.array(fc.oneof(fc.constantFrom(bot, adele, alex, other), fc.anything())),
    );
    fc.assert(
      fc.property(text, entities, (written, marked) => {
        const read = readMentions({ text: written, entities: marked, recipient });
        for (const [, index] of read.text.matchAll(/\uE000(\d+)\uE001/g)) {
          assert.ok(read.mentions[Number(index)]);
        }
        assert.doesNotMatch(read.text.replace(/\uE000\d+\uE001/g, ''), /[\uE000-\uF8FF]/);
        assert.equal(tidy(read.text), read.text);
      }),
    );
  });

  it('has no backtracking patterns, and neither has the parser', async () => {
    // An unbounded repetition that contains another one: (a+)*, (?:\s*x)+, (a*){2,}.
    const repeatedRepetition = /\([^()\n]*(?<!\\)[+*}][^()\n]*\)(?:[+*]|\{\d+,\})/;
    assert.match(String.raw`/^(?:\s*x)+$/`, repeatedRepetition);
    const language = fileURLToPath(new URL('../../../src/chat/language/', import.meta.url));
    const files = await readdir(language, { recursive: true });
    // In quotes.ts, the repeated parts cannot overlap.
    for (const file of files.filter((name) => name.endsWith('.ts') && name !== 'quotes.ts')) {
      const source = await readFile(join(language, file), 'utf8');
      assert.doesNotMatch(source, repeatedRepetition, file);
    }
  });
});
