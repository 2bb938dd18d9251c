import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parse, TYPE, type MessageFormatElement } from '@formatjs/icu-messageformat-parser';
import { catalogueOf, languages } from '../../src/texts/catalogue.ts';
import { BASE, textsIn, type Catalogue } from '../../src/texts/textsIn.ts';
import { formatsFor } from '../../src/texts/formats.ts';
import { isComplete } from '../support/languages.ts';
import { parseMessage, Verbatim, type ParameterKind, type Values } from '../../src/texts/message.ts';

/** A text by its path: "cards.call.hangUp" -> "Hang up". */
type Texts = ReadonlyMap<string, string>;

function textsOf(catalogue: Catalogue, under = ''): Texts {
  return new Map(
    Object.entries(catalogue).flatMap(([name, text]) =>
      typeof text === 'string' ? [[under + name, text] as const] : [...textsOf(text, `${under}${name}.`)],
    ),
  );
}

const english = textsOf(catalogueOf(BASE));
const others = languages.filter((language) => language !== BASE);
const formats = formatsFor(BASE);
const parametersOf = (text: string): ReadonlyMap<string, ParameterKind> =>
  parseMessage(text, formats).parameters;

/** Values for all parameters of a text. */
function valuesFor(text: string, foreign: string, flag: boolean, count: number): Values {
  const example = (kind: ParameterKind): Values[string] => {
    if (kind === 'number') return count;
    if (kind === 'flag') return flag;
    if (kind === 'optional') return flag ? foreign : null;
    return foreign;
  };
  return Object.fromEntries([...parametersOf(text)].map(([name, kind]) => [name, example(kind)]));
}

/** Everything that a text can say, with this foreign text in it. */
function saidBy(language: string, text: string, foreign: string): string[] {
  const message = parseMessage(text, formatsFor(language));
  return [true, false].flatMap((flag) =>
    [0, 1, 2, 1000].map((count) => message.format(valuesFor(text, foreign, flag, count))),
  );
}

/** The words of a text without its parameters and their forms. */
function wordsOf(text: string): string {
  const of = (elements: readonly MessageFormatElement[]): string =>
    elements
      .map((element) => {
        if (element.type === TYPE.literal) return element.value;
        if (element.type !== TYPE.select && element.type !== TYPE.plural) return ' ';
        return Object.values(element.options)
          .map(({ value }) => of(value))
          .join(' ');
      })
      .join('');
  return of(parse(text, { ignoreTag: true }));
}

describe('The catalogues', () => {
  it('start with English', () => assert.equal(languages[0], BASE));

  for (const language of others) {
    describe(language, () => {
      const own = textsOf(catalogueOf(language));
      const both = [...english].flatMap(([path, original]) => {
        const text = own.get(path);
        return text === undefined ? [] : [{ path, original, text }];
      });

      it('has the same texts as English, in the same order', () => {
        const unknown = [...own.keys()].filter((path) => !english.has(path));
        assert.equal(unknown.join(), '', `${language}.json has texts that English does not have`);
        const missing = [...english.keys()].filter((path) => !own.has(path));
        if (!isComplete(language)) assert.ok(missing.length > 0, 'it is complete, and says that it is not');
        else assert.equal(missing.slice(0, 10).join(), '', `${language}.json lacks ${missing.length} texts`);
        assert.deepEqual(
          [...own.keys()],
          [...english.keys()].filter((path) => own.has(path)),
        );
      });

      it('has the same parameters in each text', () => {
        for (const { path, original, text } of both) {
          const sorted = (of: string) => [...parametersOf(of)].toSorted(([a], [b]) => (a < b ? -1 : 1));
          assert.deepEqual(sorted(text), sorted(original), path);
        }
      });

      it('leaves no sentence in English', () => {
        const same = both.filter(({ original, text }) => {
          const words = wordsOf(original).match(/\p{L}{2,}/gu) ?? [];
          return text === original && words.length > 1 && words.some((word) => word !== 'Ringdown');
        });
        assert.deepEqual(
          same.map(({ path, text }) => `${path}: ${text}`),
          [],
        );
      });

      it('has the forms of its plurals', () => {
        const { pluralCategories } = new Intl.PluralRules(language).resolvedOptions();
        // "many" is for millions in compact notation, which no text uses.
        const needed = pluralCategories.filter((form) => form !== 'many');
        const check = (path: string, elements: readonly MessageFormatElement[]): void => {
          for (const element of elements) {
            if (element.type !== TYPE.select && element.type !== TYPE.plural) continue;
            const forms = Object.keys(element.options);
            if (element.type === TYPE.plural)
              for (const form of needed) assert.ok(forms.includes(form), `${path} has no form "${form}"`);
            for (const { value } of Object.values(element.options)) check(path, value);
          }
        };
        for (const { path, text } of both) check(path, parse(text, { ignoreTag: true }));
      });

      it('is about as long as English, so that it fits on cards', () => {
        for (const { path, original, text } of both) {
          const [short, long] = [wordsOf(original).length, wordsOf(text).length];
          assert.ok(long <= Math.max(24, 1.7 * short + 20), `${path} has ${long} characters: ${text}`);
        }
      });
    });
  }

  for (const language of languages) {
    it(`say whole sentences in ${language}, whatever names are in them`, () => {
      for (const [path, text] of textsOf(catalogueOf(language))) {
        for (const said of saidBy(language, text, 'Zoë {x} O’Neil <b> # null')) {
          assert.doesNotMatch(said, /undefined|NaN|\[object|\n/, path);
          assert.equal(said, said.trim(), path);
          assert.doesNotMatch(said, / {2}| [.,:;!?](?:\s|$)/, path);
        }
      }
    });
  }

  /** The service does not report that a phone rings. */
  const ringing: Readonly<Record<string, RegExp>> = {
    en: /\brings?\b|\bringing\b|\brang\b/i,
    de: /klingel|läutet/i,
    es: /\bsuena|\bsonando/i,
    fr: /\bsonne/i,
    ja: /鳴/,
    'pt-BR': /\btoca(?:ndo)?\b|\btoque/i,
  };
  /** Familiar forms of address, and quotation marks that the language does not have. */
  const foreignTo: Readonly<Record<string, RegExp>> = {
    de: /\b(?:du|dir|dich|dein\w*|euch|euer\w*)\b|["']/i,
    es: /(?<!\p{L})(?:tú|te|ti|tu|tus|contigo)(?!\p{L})|["']/iu,
    fr: /(?<!\p{L})(?:tu|toi|ton|tes)(?!\p{L})|["']| [!?;:]/iu,
    ja: /["',]|[ぁ-ん][.!?]/,
    'pt-BR': /\b(?:tu|teu|tua)\b|["']/i,
  };
  for (const language of languages) {
    it(`never say in ${language} that a phone rings, and address people as the language does at work`, () => {
      for (const [path, text] of textsOf(catalogueOf(language))) {
        assert.doesNotMatch(wordsOf(text), ringing[language] ?? /^$/, path);
        // Names of programs and settings are in quotation marks of their own there.
        if (!path.startsWith('cards.advice.'))
          assert.doesNotMatch(wordsOf(text), foreignTo[language] ?? /^$/, path);
      }
    });
  }

  it('say whether the voice greets people by their given name or by their whole name', () => {
    for (const language of languages) {
      const calledBy = textsOf(catalogueOf(language)).get('speech.calledBy');
      assert.ok(
        calledBy === undefined || ['givenName', 'displayName'].includes(calledBy),
        `speech.calledBy in ${language}.json is "${calledBy}": write "givenName" (Adele) or "displayName" (Adele Vance)`,
      );
    }
  });

  it('say nothing else, whatever foreign text is in them', () => {
    const foreign = fc.string({ unit: 'binary', maxLength: 300 });
    fc.assert(
      fc.property(fc.constantFrom(...english), foreign, ([path, text], inserted) => {
        for (const said of saidBy(BASE, text, inserted)) {
          assert.doesNotMatch(said, /[\p{Cc}\u202A-\u202E\u2066-\u2069]/u, path);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('are files that begin with a glossary for translators', () => {
    for (const language of languages) {
      const file = readFileSync(new URL(`../../src/texts/${language}.json`, import.meta.url), 'utf8');
      assert.match(file, /^\{\n {2}"glossary": \{/, language);
    }
  });
});

describe('A text', () => {
  const base = {
    group: { plain: 'It’s done', named: 'Call {name}', count: '{n, plural, one {# call} other {# calls}}' },
  };
  const of = (own: Catalogue | undefined, locale = 'en') =>
    textsIn(base, own, formatsFor(locale)) as {
      group: { plain: string; named: (values: Values) => string; count: (values: Values) => string };
    };

  it('is a string without parameters, and a function with them', () => {
    const { group } = of(undefined);
    assert.equal(group.plain, 'It’s done');
    assert.equal(group.named({ name: 'Siobhán O’Connor' }), 'Call Siobhán O’Connor');
    assert.equal(group.count({ n: 1234 }), '1,234 calls');
  });

  it('falls back to English where the language lacks it', () => {
    const { group } = of({ group: { named: '{name} anrufen' } }, 'de');
    assert.equal(group.named({ name: 'Adele' }), 'Adele anrufen');
    assert.equal(group.plain, 'It’s done');
  });

  it('puts foreign text on one line and cuts it, but not text that was prepared', () => {
    const { group } = of(undefined);
    assert.equal(group.named({ name: 'a\nb\u202E' }), 'Call a b');
    assert.equal(group.named({ name: 'a'.repeat(500) }).length, 'Call '.length + 200);
    assert.equal(group.named({ name: new Verbatim('a'.repeat(500)) }).length, 'Call '.length + 500);
  });

  it('can depend on whether something is known', () => {
    const { format } = parseMessage('{by, select, none {Done.} other {Done by {by}.}}', formats);
    assert.equal(format({ by: null }), 'Done.');
    assert.equal(format({ by: 'none' }), 'Done by none.');
    assert.equal(format({ by: 'null' }), 'Done by null.');
  });

  it('that is malformed names itself', () => {
    assert.throws(
      () => parseMessage('{n, plural, one {a}}', formats),
      /MISSING_OTHER_CLAUSE in "\{n, plural/,
    );
  });
});
