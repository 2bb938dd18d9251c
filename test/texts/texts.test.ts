import assert from 'node:assert/strict';
import { textsFor } from '../../src/texts/texts.ts';

const texts = textsFor('en');

describe('Texts', () => {
  describe('by locale', () => {
    const cases: [asked: string | undefined, used: string, words: string][] = [
      [undefined, 'en', 'No call is running.'],
      ['en', 'en', 'No call is running.'],
      ['en-GB', 'en-GB', 'No call is running.'],
      ['EN-us', 'en-US', 'No call is running.'],
      ['tlh', 'en', 'No call is running.'],
      ['', 'en', 'No call is running.'],
      ['not a locale', 'en', 'No call is running.'],
      ['en_US', 'en-US', 'No call is running.'],
      ['constructor', 'en', 'No call is running.'],
      ['de', 'de', 'Es läuft kein Anruf.'],
      ['de_DE', 'de-DE', 'Es läuft kein Anruf.'],
      ['DE-at', 'de-AT', 'Es läuft kein Anruf.'],
      ['de-Latn-CH-1996', 'de-Latn-CH-1996', 'Es läuft kein Anruf.'],
      ['en-XA', 'en-XA', '⟦No call is running.⟧'],
    ];
    for (const [asked, used, words] of cases) {
      it(`${JSON.stringify(asked)} reads ${used}`, () => {
        const found = textsFor(asked);
        assert.equal(found.format.locale, used);
        assert.equal(found.chat.calls.nothingRuns, words);
      });
    }

    it('another region of a language that has texts for one region', () => {
      assert.equal(textsFor('pt-PT').chat.calls.nothingRuns, textsFor('pt-BR').chat.calls.nothingRuns);
      assert.notEqual(textsFor('pt').chat.calls.nothingRuns, texts.chat.calls.nothingRuns);
    });

    it('are kept for the locales in use, whatever locales clients have sent before', () => {
      for (let at = 0; at < 200; at += 1) textsFor(`de-x-${String(at)}`);
      assert.equal(textsFor('fr-CH'), textsFor('fr-CH'));
    });
  });

  describe('names cannot break out of a sentence', () => {
    it('apostrophes and Markdown stay: escaping happens where a text is shown', () => {
      for (const name of ["Siobhán O'Hara", 'A*d_e[l](e) <b>V</b> `x`', '\\"$&$1${name}', '艾德尔', 'عادل']) {
        assert.equal(texts.cards.cause.noAnswer({ callee: name }), `${name} did not answer.`);
      }
    });

    it('line breaks and direction marks are removed', () => {
      const callee = 'Adele\u202E\r\n\u2067Vance\u2028\u0000';
      assert.equal(texts.cards.cause.noAnswer({ callee }), 'Adele Vance did not answer.');
    });

    it('a very long name is cut', () => {
      const text = texts.cards.cause.noAnswer({ callee: 'Adele '.repeat(500) });
      assert.ok(text.length < 250);
      assert.match(text, /Adele… did not answer\.$/);
    });
  });

  describe('format', () => {
    it('writes durations in at most two units', () => {
      const cases: [seconds: number, words: string][] = [
        [0, '0 seconds'],
        [1, '1 second'],
        [59.6, '1 minute'],
        [125, '2 minutes 5 seconds'],
        [3600, '1 hour'],
        [3725, '1 hour 2 minutes'],
        [90_000, '1 day 1 hour'],
        [604_800, '7 days'],
        [-5, '0 seconds'],
      ];
      for (const [seconds, words] of cases) assert.equal(texts.format.duration(seconds), words);
      assert.equal(textsFor('de').format.duration(125), '2 Minuten, 5 Sekunden');
    });

    it('writes times in the time zone and in the region’s format', () => {
      const at = '2026-09-15T13:05:00.000Z';
      assert.match(texts.format.time(at, 'Europe/Berlin'), /^3:05\sPM$/);
      assert.equal(textsFor('en-GB').format.time(at, 'Europe/Berlin'), '15:05');
    });

    it('cuts between words of the language, and never inside a character', () => {
      assert.equal(texts.format.cut('The build is red', 12), 'The build is');
      assert.equal(texts.format.cut('The build is red', 11), 'The build');
      assert.equal(texts.format.cut('short', 5), 'short');
      assert.equal(texts.format.cut('Donaudampfschifffahrt', 5), 'Donau');
      assert.equal(texts.format.cut('👩‍👩‍👧👩‍👩‍👧', 9), '👩‍👩‍👧');
    });
  });
});
