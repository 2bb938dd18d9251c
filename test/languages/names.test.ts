import assert from 'node:assert/strict';
import { languageNamed, ownName } from '../../src/languages/names.ts';
import { languageOf, languages } from '../../src/texts/texts.ts';

const cases: readonly [name: string, tag: string | undefined][] = [
  ['German', 'de'],
  ['Deutsch', 'de'],
  ['  DEUTSCH! ', 'de'],
  ['de', 'de'],
  ['de-CH', 'de'],
  ['de_AT', 'de'],
  ['Englisch', 'en'],
  ['English (United Kingdom)', 'en'],
  ['en-gb', 'en'],
  ['Klingon', undefined],
  ['Swedish', undefined],
  ['sv-SE', undefined],
  ['call Adele', undefined],
  ['(German)', 'de'],
  ['', undefined],
];

describe('The name of a language', () => {
  for (const [name, tag] of cases) {
    it(`"${name}" means ${tag ?? 'nothing'}`, () => assert.equal(languageNamed(name), tag));
  }

  for (const tag of languages) {
    it(`is understood in the language itself, in English and as a tag: ${tag}`, () => {
      const english = new Intl.DisplayNames(['en'], { type: 'language', languageDisplay: 'standard' });
      const plain = ownName(tag).normalize('NFD').replace(/\p{M}/gu, '').normalize('NFC');
      for (const name of [ownName(tag), ownName(tag).toUpperCase(), plain, english.of(tag) ?? '', tag]) {
        assert.equal(languageNamed(name), tag, name);
      }
      assert.equal(languageOf(`${tag.split('-')[0]}-XX`), tag);
    });
  }
});
