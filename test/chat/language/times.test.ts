import assert from 'node:assert/strict';
import { DateTime } from 'luxon';
import { parseNamedTime, parseTime } from '../../../src/chat/language/times.ts';
import { languages, textsFor } from '../../../src/texts/texts.ts';

const zone = 'Europe/Berlin';
/** A Wednesday, 14:30 in Berlin. */
const now = DateTime.fromISO('2026-03-11T14:30', { zone }).toMillis();

/** The time on the clock in Berlin. */
function read(words: string, locale = 'en-GB', at = now): string | null {
  const found = parseTime(words, { now: at, zone, locale });
  return found === null ? null : DateTime.fromMillis(found, { zone }).toFormat('ccc yyyy-MM-dd HH:mm');
}

const table: readonly [words: string, means: string | null, locale?: string][] = [
  ['18:00', 'Wed 2026-03-11 18:00'],
  ['18.00', 'Wed 2026-03-11 18:00'],
  ['8:00', 'Thu 2026-03-12 08:00'],
  ['14:30', 'Thu 2026-03-12 14:30'],
  ['6 pm', 'Wed 2026-03-11 18:00'],
  ['6:30PM', 'Wed 2026-03-11 18:30'],
  ['6 p.m.', 'Wed 2026-03-11 18:00'],
  ['12 am', 'Thu 2026-03-12 00:00'],
  ['12 pm', 'Thu 2026-03-12 12:00'],
  ['noon', 'Thu 2026-03-12 12:00'],
  ['midnight', 'Thu 2026-03-12 00:00'],
  ['24:00', 'Thu 2026-03-12 00:00'],
  ["6 o'clock", 'Thu 2026-03-12 06:00'],
  ['today 18:00', 'Wed 2026-03-11 18:00'],
  ['today 9:00', 'Wed 2026-03-11 09:00'],
  ['18:00 today', 'Wed 2026-03-11 18:00'],
  ['tonight 10 pm', 'Wed 2026-03-11 22:00'],
  ['tomorrow', 'Thu 2026-03-12 09:00'],
  ['Tomorrow 8:00', 'Thu 2026-03-12 08:00'],
  ['tomorrow at 8', 'Thu 2026-03-12 08:00'],
  ['tomorrow 8 am', 'Thu 2026-03-12 08:00'],
  ['8 am tomorrow', 'Thu 2026-03-12 08:00'],
  ['the day after tomorrow 7:15', 'Fri 2026-03-13 07:15'],
  ['Monday', 'Mon 2026-03-16 09:00'],
  ['mon 09:00', 'Mon 2026-03-16 09:00'],
  ['on Friday at noon', 'Fri 2026-03-13 12:00'],
  ['wednesday 16:00', 'Wed 2026-03-11 16:00'],
  ['wednesday', 'Wed 2026-03-18 09:00'],
  ['next wednesday 16:00', 'Wed 2026-03-18 16:00'],
  ['thurs 8', 'Thu 2026-03-12 08:00'],
  ['Montag 8 Uhr', 'Mon 2026-03-16 08:00', 'de-DE'],
  ['2h', 'Wed 2026-03-11 16:30'],
  ['2 hours', 'Wed 2026-03-11 16:30'],
  ['in 90 minutes', 'Wed 2026-03-11 16:00'],
  ['1h30', 'Wed 2026-03-11 16:00'],
  ['1h 30m', 'Wed 2026-03-11 16:00'],
  ['1.5 hours', 'Wed 2026-03-11 16:00'],
  ['an hour', 'Wed 2026-03-11 15:30'],
  ['half an hour', 'Wed 2026-03-11 15:00'],
  ['2 and a half hours', 'Wed 2026-03-11 17:00'],
  ['3 days', 'Sat 2026-03-14 14:30'],
  ['1 week', 'Wed 2026-03-18 14:30'],
  ['1 day and 2 hours', 'Thu 2026-03-12 16:30'],
  ['2026-03-20', 'Fri 2026-03-20 09:00'],
  ['2026-03-20 18:00', 'Fri 2026-03-20 18:00'],
  ['2026-03-20T18:00', 'Fri 2026-03-20 18:00'],
  ['2026-03-20T18:00Z', 'Fri 2026-03-20 19:00'],
  ['2026-03-20T18:00:00+05:00', 'Fri 2026-03-20 14:00'],
  ['20 March', 'Fri 2026-03-20 09:00'],
  ['March 20th 8:00', 'Fri 2026-03-20 08:00'],
  ['20th of March 2027', 'Sat 2027-03-20 09:00'],
  ['3 Feb', 'Wed 2027-02-03 09:00'],
  ['20.3.', 'Fri 2026-03-20 09:00'],
  ['20.3.2026 18:00', 'Fri 2026-03-20 18:00'],
  ['4/5', 'Mon 2026-05-04 09:00', 'en-GB'],
  ['4/5', 'Sun 2026-04-05 09:00', 'en-US'],
  ['4/5/2026 6 pm', 'Sun 2026-04-05 18:00', 'en-US'],

  ['tonight', 'Wed 2026-03-11 20:00'],
  ['tonight at 8', 'Wed 2026-03-11 20:00'],
  ['tonight 8:30', 'Wed 2026-03-11 20:30'],
  ['22:00 tonight', 'Wed 2026-03-11 22:00'],
  ['tonight 24:00', 'Thu 2026-03-12 00:00'],
  ['tonight at 12', 'Thu 2026-03-12 00:00'],
  ['tonight 1:00', 'Thu 2026-03-12 01:00'],
  ['this evening', 'Wed 2026-03-11 18:00'],
  ['evening', 'Wed 2026-03-11 18:00'],
  ['8 in the evening', 'Wed 2026-03-11 20:00'],
  ['this afternoon', 'Wed 2026-03-11 15:00'],
  ['tomorrow morning', 'Thu 2026-03-12 09:00'],
  ['tomorrow evening', 'Thu 2026-03-12 18:00'],
  ['tomorrow night', 'Thu 2026-03-12 20:00'],
  ['Friday afternoon', 'Fri 2026-03-13 15:00'],
  ['Monday morning at 7', 'Mon 2026-03-16 07:00'],
  ['heute Abend', 'Wed 2026-03-11 18:00'],
  ['heute Nacht', 'Wed 2026-03-11 20:00'],
  ['heute um 18:30 Uhr', 'Wed 2026-03-11 18:30'],
  ['morgen', 'Thu 2026-03-12 09:00'],
  ['morgen früh', 'Thu 2026-03-12 09:00'],
  ['übermorgen Mittag', 'Fri 2026-03-13 12:00'],
  ['Mitternacht', 'Thu 2026-03-12 00:00'],
  ['18h30', 'Wed 2026-03-11 18:30'],
  ['18 h 30', 'Wed 2026-03-11 18:30'],
  ['08h15', 'Thu 2026-03-12 08:15'],
  ['tomorrow 18h30', 'Thu 2026-03-12 18:30'],
  ['à 18h30', null],
  ['at 18h30', 'Wed 2026-03-11 18:30'],
  ['18h30m', 'Thu 2026-03-12 09:00'],
  ['in 18h30', 'Thu 2026-03-12 09:00'],
  ['36h30', 'Fri 2026-03-13 03:00'],
  ['18:30 Uhr', 'Wed 2026-03-11 18:30'],
  ['18.30 Uhr', 'Wed 2026-03-11 18:30'],

  ['demain 8:00', 'Thu 2026-03-12 08:00', 'fr'],
  ['demain à 8h', 'Thu 2026-03-12 08:00', 'fr'],
  ['aujourd’hui 18h', 'Wed 2026-03-11 18:00', 'fr'],
  ['après-demain 8h30', 'Fri 2026-03-13 08:30', 'fr'],
  ['apres-demain', 'Fri 2026-03-13 09:00', 'fr'],
  ['18 h', 'Wed 2026-03-11 18:00', 'fr'],
  ['18 h 30', 'Wed 2026-03-11 18:30', 'fr'],
  ['2h', 'Thu 2026-03-12 02:00', 'fr'],
  ['2h', 'Wed 2026-03-11 16:30', 'de'],
  ['90 minutes', 'Wed 2026-03-11 16:00', 'fr'],
  ['minuit', 'Thu 2026-03-12 00:00', 'fr'],
  ['lundi 8:00', 'Mon 2026-03-16 08:00', 'fr'],
  ['mañana 8:00', 'Thu 2026-03-12 08:00', 'es'],
  ['manana a las 8', 'Thu 2026-03-12 08:00', 'es'],
  ['pasado mañana', 'Fri 2026-03-13 09:00', 'es'],
  ['lunes', 'Mon 2026-03-16 09:00', 'es'],
  ['amanhã às 8h', 'Thu 2026-03-12 08:00', 'pt-BR'],
  ['amanha 8:00', 'Thu 2026-03-12 08:00', 'pt-BR'],
  ['segunda 8:00', 'Mon 2026-03-16 08:00', 'pt-BR'],
  ['segunda-feira', 'Mon 2026-03-16 09:00', 'pt-BR'],
  ['18時', 'Wed 2026-03-11 18:00', 'ja'],
  ['18時30分', 'Wed 2026-03-11 18:30', 'ja'],
  ['午後6時', 'Wed 2026-03-11 18:00', 'ja'],
  ['明日8:00', 'Thu 2026-03-12 08:00', 'ja'],
  ['明日8時', 'Thu 2026-03-12 08:00', 'ja'],
  ['月曜', 'Mon 2026-03-16 09:00', 'ja'],
  ['2h', 'Wed 2026-03-11 16:30', 'ja'],

  ['', null],
  ['8', null],
  ['25:00', null],
  ['18:75', null],
  ['13 pm', null],
  ['31.2.', null],
  ['2026-02-30', null],
  ['2 moons', null],
  ['later', null],
  ['18:00 of sorts', null],
  ['9'.repeat(80), null],
];

describe('Times in chat', () => {
  for (const [words, means, locale] of table) {
    it(`"${words.slice(0, 40)}" ${locale ? `in ${locale} ` : ''}means ${means ?? 'nothing'}`, () =>
      assert.equal(read(words, locale), means));
  }

  for (const language of languages) {
    it(`are understood as the answer in ${language} proposes them`, () => {
      const answer = textsFor(language).chat.escalations.cover.notUnderstood({ words: '' });
      const quoted = [...answer.matchAll(/["„“«「]\s?([^"“”»」]*?)\s?["“”»」]/gu)].map(
        ([, words = '']) => words,
      );
      const examples = quoted.slice(1);
      assert.ok(examples.length >= 3, answer);
      for (const words of examples) assert.ok(read(words, language), words);
      if (examples.includes('2h')) assert.equal(read('2h', language), 'Wed 2026-03-11 16:30');
    });
  }

  it('reads days, moments and ranges', () => {
    const named: readonly (readonly [string, string, string?])[] = [
      ['on Friday', 'Fri 13 00:00 – Sat 14 00:00'],
      ['Wednesday', 'Wed 11 00:00 – Thu 12 00:00'],
      ['next Wednesday', 'Wed 18 00:00 – Thu 19 00:00'],
      ['on 29 March', 'Sun 29 00:00 – Mon 30 00:00'],
      ['2026-03-13', 'Fri 13 00:00 – Sat 14 00:00'],
      ['tomorrow', 'Thu 12 00:00 – Fri 13 00:00'],
      ['on Friday at 18:00', 'Fri 13 18:00'],
      ['from Friday 18:00 to Saturday 8:00', 'Fri 13 18:00 – Sat 14 08:00'],
      ['Friday 18:00 – 23:00', 'Fri 13 18:00 – Fri 13 23:00'],
      ['from Friday to Sunday', 'Fri 13 00:00 – Mon 16 00:00'],
      ['am nächsten Freitag', 'Fri 13 00:00 – Sat 14 00:00', 'de'],
      ['von Freitag 18:00 bis Samstag 8:00', 'Fri 13 18:00 – Sat 14 08:00', 'de'],
      ['du vendredi 18h au samedi 8h', 'Fri 13 18:00 – Sat 14 08:00', 'fr'],
      ['el 5 de abril', 'Sun 5 00:00 – Mon 6 00:00', 'es'],
      ['na próxima sexta', 'Fri 13 00:00 – Sat 14 00:00', 'pt-BR'],
      ['4月5日', 'Sun 5 00:00 – Mon 6 00:00', 'ja'],
      ['金曜18:00から土曜8:00', 'Fri 13 18:00 – Sat 14 08:00', 'ja'],
      ['blargh', 'null'],
      ['from Friday to blargh', 'null'],
    ];
    const at = (time: number): string => DateTime.fromMillis(time, { zone }).toFormat('ccc d HH:mm');
    for (const [words, expected, locale = 'en-GB'] of named) {
      const found = parseNamedTime(words, { now, zone, locale });
      const shown =
        found === null
          ? 'null'
          : found.kind === 'moment'
            ? at(found.at)
            : `${at(found.from)} – ${at(found.to)}`;
      assert.equal(shown, expected, words);
    }
  });

  it('reads "tonight" as its end once it has begun', () => {
    const late = DateTime.fromISO('2026-03-11T21:30', { zone }).toMillis();
    assert.equal(read('tonight', 'en', late), 'Thu 2026-03-12 00:00');
    assert.equal(read('this evening', 'en', late), 'Thu 2026-03-12 00:00');
    assert.equal(read('tonight at 9', 'en', late), 'Wed 2026-03-11 21:00');
  });

  it('follows the wall clock when the clocks change', () => {
    const before = DateTime.fromISO('2026-03-28T20:00', { zone }).toMillis();
    assert.equal(read('tomorrow 8:00', 'en', before), 'Sun 2026-03-29 08:00');
    assert.equal(read('1 day', 'en', before), 'Sun 2026-03-29 20:00');
    assert.equal(read('tomorrow 2:30', 'en', before), 'Sun 2026-03-29 03:30');
    assert.equal(read('12h', 'en', before), 'Sun 2026-03-29 09:00');
  });
});
