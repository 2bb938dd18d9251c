import assert from 'node:assert/strict';
import { DateTime } from 'luxon';
import { peopleAt, spansOf } from '../../../src/schedules/calendarDuty.ts';
import { MOST_EVENTS } from '../../../src/schedules/ical/contentLines.ts';
import { readCalendar, type ReadCalendar } from '../../../src/schedules/ical/readCalendar.ts';
import { berlinAs, calendar } from '../../support/schedules/calendarText.ts';

const zone = 'Europe/Berlin';
const berlin = (time: string): number => DateTime.fromISO(time, { zone }).toMillis();
/** From before the clocks change in spring (29 March 2026) to after it. */
const range = { from: berlin('2026-03-23'), to: berlin('2026-04-06') };
const shown = (at: number): string => DateTime.fromMillis(at, { zone }).toFormat('d.M. HH:mm');

function read(text: string | Uint8Array, ownZone: string | null = null): ReadCalendar {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  return readCalendar(bytes, { ...range, zone: ownZone, otherwise: zone });
}

/** Who is on duty when: `24.3. 09:00-25.3. 09:00 Adele`. The first word for each person. */
function duties(text: string | Uint8Array, ownZone: string | null = null): string[] {
  return spansOf(read(text, ownZone).duties, range.from, range.to)
    .filter(({ people }) => people.length > 0)
    .map(
      ({ from, to, people }) =>
        `${shown(from)}-${shown(to)} ${people.map(({ words }) => words[0]).join(', ')}`,
    );
}

interface Case {
  it: string;
  text: string | Uint8Array;
  says: string[];
}

const cases: Case[] = [
  {
    it: 'Outlook: a week by turns, with a Windows zone in quotes and its definition',
    text: calendar(berlinAs('W. Europe Standard Time'), [
      'UID:040000008200E00074C5B7101A82E008',
      'SUMMARY;LANGUAGE=de:Adele Vance',
      'DTSTART;TZID="W. Europe Standard Time":20260105T090000',
      'DTEND;TZID="W. Europe Standard Time":20260112T090000',
      'RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO;WKST=MO',
      'TRANSP:OPAQUE',
      'X-MICROSOFT-CDO-BUSYSTATUS:BUSY',
      'BEGIN:VALARM',
      'ACTION:DISPLAY',
      'DESCRIPTION:SUMMARY:Not this',
      'END:VALARM',
    ]),
    says: ['23.3. 00:00-23.3. 09:00 Adele Vance', '30.3. 09:00-6.4. 00:00 Adele Vance'],
  },
  {
    it: 'Outlook: a zone that only the calendar knows, a night when the clocks change',
    text: calendar(berlinAs('Customized Time Zone'), [
      'UID:1',
      'SUMMARY:Alex',
      'DTSTART;TZID=Customized Time Zone:20260328T210000',
      'DTEND;TZID=Customized Time Zone:20260329T090000',
      'RRULE:FREQ=DAILY;COUNT=2',
    ]),
    says: ['28.3. 21:00-29.3. 09:00 Alex', '29.3. 21:00-30.3. 09:00 Alex'],
  },
  {
    it: 'Google: whole days that are marked as free, in the zone of the calendar, with a mail',
    text: calendar(
      ['X-WR-TIMEZONE:America/New_York'],
      [
        'UID:g@google.com',
        'DTSTART;VALUE=DATE:20260324',
        'DTEND;VALUE=DATE:20260326',
        'TRANSP:TRANSPARENT',
        'ORGANIZER;CN=Team:mailto:team@contoso.example',
        "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN=Nora O'Neil;X-NUM-GUESTS=0:mailto:nora@contoso.example",
        'ATTENDEE;CUTYPE=RESOURCE;CN=Room 1:mailto:room@contoso.example',
        'ATTENDEE;PARTSTAT=DECLINED;CN=Alex:mailto:alex@contoso.example',
        'SUMMARY:On call',
      ],
    ),
    says: ['24.3. 05:00-26.3. 05:00 nora@contoso.example'],
  },
  {
    it: 'Google: one occurrence moved, one deleted, one given to somebody else',
    text: calendar(
      [
        'UID:s',
        'DTSTART;TZID=Europe/Berlin:20260302T090000',
        'DTEND;TZID=Europe/Berlin:20260302T170000',
        'RRULE:FREQ=DAILY;UNTIL=20260327T080000Z',
        'EXDATE;TZID=Europe/Berlin:20260324T090000',
        'SUMMARY:Adele',
      ],
      [
        'UID:s',
        'RECURRENCE-ID;TZID=Europe/Berlin:20260325T090000',
        'DTSTART;TZID=Europe/Berlin:20260325T120000',
        'DTEND;TZID=Europe/Berlin:20260325T200000',
        'SUMMARY:Adele',
      ],
      [
        'UID:s',
        'SEQUENCE:1',
        'RECURRENCE-ID:20260326T080000Z',
        'DTSTART:20260326T080000Z',
        'DTEND:20260326T160000Z',
        'SUMMARY:Megan',
      ],
      [
        'UID:s',
        'RECURRENCE-ID;TZID=Europe/Berlin:20260327T090000',
        'DTSTART;TZID=Europe/Berlin:20260327T090000',
        'STATUS:CANCELLED',
      ],
    ),
    says: ['23.3. 09:00-23.3. 17:00 Adele', '25.3. 12:00-25.3. 20:00 Adele', '26.3. 09:00-26.3. 17:00 Megan'],
  },
  {
    it: 'PagerDuty: a bare mail as attendee, the name and the schedule in the title',
    text: calendar([
      'DTEND;VALUE=DATE-TIME:20260325T080000Z',
      'DTSTART;VALUE=DATE-TIME:20260324T080000Z',
      'ATTENDEE:adele@contoso.example',
      'UID:Q1S46N8B8ADP9D',
      'URL:https://contoso.pagerduty.com/schedules#KXQAOAO',
      'SUMMARY:On Call - Adele Vance - Payments\\, Primary',
      'TRANSP:TRANSPARENT',
    ]),
    says: ['24.3. 09:00-25.3. 09:00 adele@contoso.example'],
  },
  {
    it: 'Opsgenie: a mail in the title, two rotations at once',
    text: calendar(
      [
        'UID:a',
        'DTSTART:20260324T080000Z',
        'DTEND:20260325T080000Z',
        'SUMMARY:adele@contoso.example (Payments_schedule)',
      ],
      [
        'UID:b',
        'DTSTART:20260324T080000Z',
        'DTEND:20260324T200000Z',
        'SUMMARY:alex@contoso.example (Payments_schedule)',
      ],
    ),
    says: [
      '24.3. 09:00-24.3. 21:00 adele@contoso.example, alex@contoso.example',
      '24.3. 21:00-25.3. 09:00 adele@contoso.example',
    ],
  },
  {
    it: 'Grafana OnCall: the highest level counts, and all of that level',
    text: calendar(
      ['UID:0', 'DTSTART:20260324T080000Z', 'DTEND:20260327T080000Z', 'SUMMARY:adele'],
      ['UID:1', 'DTSTART:20260325T080000Z', 'DTEND:20260326T080000Z', 'SUMMARY:[L1] alex'],
      ['UID:2', 'DTSTART:20260325T080000Z', 'DTEND:20260325T080000Z', 'SUMMARY:[L9] nobody'],
      ['UID:3', 'DTSTART:20260325T200000Z', 'DTEND:20260326T080000Z', 'SUMMARY:[L1]  megan@contoso.example'],
    ),
    says: [
      '24.3. 09:00-25.3. 09:00 adele',
      '25.3. 09:00-25.3. 21:00 alex',
      '25.3. 21:00-26.3. 09:00 alex, megan@contoso.example',
      '26.3. 09:00-27.3. 09:00 adele',
    ],
  },
  {
    it: 'several at once: by PRIORITY, then by who began first; somebody with two events once',
    text: calendar(
      ['UID:1', 'DTSTART:20260324T080000Z', 'DTEND:20260324T120000Z', 'SUMMARY:No priority', 'PRIORITY:0'],
      ['UID:2', 'DTSTART:20260324T100000Z', 'DTEND:20260324T120000Z', 'SUMMARY:First', 'PRIORITY:1'],
      ['UID:3', 'DTSTART:20260324T090000Z', 'DTEND:20260324T120000Z', 'SUMMARY:Fifth', 'PRIORITY:5'],
      ['UID:4', 'DTSTART:20260324T110000Z', 'DTEND:20260324T120000Z', 'SUMMARY:FIRST', 'PRIORITY:9'],
    ),
    says: [
      '24.3. 09:00-24.3. 10:00 No priority',
      '24.3. 10:00-24.3. 11:00 Fifth, No priority',
      '24.3. 11:00-24.3. 13:00 First, Fifth, No priority',
    ],
  },
  {
    it: 'times without a zone, DURATION, an extra day and an extra time with an end of its own',
    text: calendar([
      'UID:1',
      'DTSTART:20260324T210000',
      'DURATION:PT10H30M',
      'RDATE:20260326T210000',
      'RDATE;VALUE=PERIOD:20260327T200000Z/20260327T210000Z',
      'SUMMARY:Adele',
    ]),
    says: ['24.3. 21:00-25.3. 07:30 Adele', '26.3. 21:00-27.3. 07:30 Adele', '27.3. 21:00-27.3. 22:00 Adele'],
  },
  {
    it: 'DURATION in days follows the clock, in hours it is exact: across the change there is a gap only then',
    text: calendar(
      ['UID:1', 'DTSTART;TZID=Europe/Berlin:20260328T090000', 'DURATION:P1D', 'SUMMARY:Day'],
      ['UID:2', 'DTSTART;TZID=Europe/Berlin:20260328T120000', 'DURATION:PT24H', 'SUMMARY:Hours'],
    ),
    says: [
      '28.3. 09:00-28.3. 12:00 Day',
      '28.3. 12:00-29.3. 09:00 Day, Hours',
      '29.3. 09:00-29.3. 13:00 Hours',
    ],
  },
  {
    it: 'a day that begins long before the range; an end in another zone; an event without a length',
    text: calendar(
      ['UID:1', 'DTSTART;VALUE=DATE:20251201', 'DTEND;VALUE=DATE:20260324', 'SUMMARY:Long'],
      [
        'UID:2',
        'DTSTART;TZID=Europe/Berlin:20260325T090000',
        'DTEND;TZID=America/New_York:20260325T090000',
        'SUMMARY:Two zones',
      ],
      ['UID:3', 'DTSTART:20260326T090000Z', 'SUMMARY:No length'],
      ['UID:4', 'DTSTART;VALUE=DATE:20260327', 'SUMMARY:One day'],
    ),
    says: [
      '23.3. 00:00-24.3. 00:00 Long',
      '25.3. 09:00-25.3. 14:00 Two zones',
      '27.3. 00:00-28.3. 00:00 One day',
    ],
  },
  {
    it: 'whole days: an exception as a day, and as its midnight; until a day',
    text: calendar([
      'UID:1',
      'DTSTART;VALUE=DATE:20260323',
      'RRULE:FREQ=DAILY;UNTIL=20260327',
      'EXDATE;VALUE=DATE:20260324',
      'EXDATE:20260325T000000',
      'SUMMARY:Adele',
    ]),
    says: ['23.3. 00:00-24.3. 00:00 Adele', '26.3. 00:00-28.3. 00:00 Adele'],
  },
  {
    it: 'folded within a name, with line feeds only, a byte order mark, and odd case',
    text: Buffer.concat([
      Buffer.from([0xef, 0xbb, 0xbf]),
      Buffer.from(
        'begin:vcalendar\nBEGIN:VEVENT\ndtstart:20260324T080000Z\nDTEND:20260324T090000Z\nSUMMARY:J',
      ),
      Buffer.from([0xc3]),
      Buffer.from('\n '),
      Buffer.from([0xbc]),
      Buffer.from("rgen O\n\t'Neil\nEND:VEVENT\nEND:VCALENDAR"),
    ]),
    says: ["24.3. 09:00-24.3. 10:00 Jürgen O'Neil"],
  },
  {
    it: 'UTF-16, as some connectors of Exchange write it',
    text: Buffer.concat([
      Buffer.from([0xff, 0xfe]),
      Buffer.from(calendar(['DTSTART:20260324T080000Z', 'DTEND:20260324T090000Z', 'SUMMARY:Zoë']), 'utf16le'),
    ]),
    says: ['24.3. 09:00-24.3. 10:00 Zoë'],
  },
  {
    it: 'zones by a path, by Windows’ name without quotes, and UTC by Microsoft’s name',
    text: calendar(
      [
        'UID:1',
        'DTSTART;TZID=/mozilla.org/20050126_1/America/Argentina/Buenos_Aires:20260324T090000',
        'DURATION:PT1H',
        'SUMMARY:Path',
      ],
      ['UID:2', 'DTSTART;TZID=Pacific Standard Time:20260324T090000', 'DURATION:PT1H', 'SUMMARY:Windows'],
      ['UID:3', 'DTSTART;TZID=tzone://Microsoft/Utc:20260324T090000', 'DURATION:PT1H', 'SUMMARY:Utc'],
    ),
    says: ['24.3. 10:00-24.3. 11:00 Utc', '24.3. 13:00-24.3. 14:00 Path', '24.3. 17:00-24.3. 18:00 Windows'],
  },
  {
    it: 'a cancelled series, and a cancelled calendar, have nobody',
    text: calendar([
      'UID:1',
      'STATUS:CANCELLED',
      'DTSTART:20260324T090000Z',
      'DURATION:PT1H',
      'SUMMARY:x',
    ]).replace('VERSION:2.0', 'METHOD:CANCEL'),
    says: [],
  },
  { it: 'a calendar without events has nobody', text: calendar(), says: [] },
];

describe('a calendar says who is on duty', () => {
  for (const { it: title, text, says } of cases) {
    it(title, () => {
      assert.deepEqual(duties(text), says);
    });
  }

  it('the same by the part of it that is kept, which has no descriptions', () => {
    for (const { text, says } of cases) assert.deepEqual(duties(read(text).text), says);
    const kept = read(
      calendar(['DTSTART:20260324T080000Z', 'SUMMARY:x', 'DESCRIPTION:secret', 'LOCATION:secret']),
    ).text;
    assert.doesNotMatch(kept, /secret/);
  });

  it('an operator’s zone counts for times without one', () => {
    const text = calendar(
      ['X-WR-TIMEZONE:Asia/Tokyo'],
      ['DTSTART:20260324T090000', 'DURATION:PT1H', 'SUMMARY:x'],
    );
    assert.deepEqual(duties(text), ['24.3. 01:00-24.3. 02:00 x']);
    assert.deepEqual(duties(text, 'America/New_York'), ['24.3. 14:00-24.3. 15:00 x']);
  });

  it('one faulty event is left out and counted, and an unknown zone too', () => {
    const good = ['UID:good', 'DTSTART:20260324T080000Z', 'DTEND:20260324T090000Z', 'SUMMARY:Adele'];
    for (const faulty of [
      ['UID:1', 'DTSTART:tomorrow', 'SUMMARY:x'],
      ['UID:1', 'SUMMARY:no start'],
      ['UID:1', 'DTSTART:20260324T080000Z', 'DTEND:20260323T080000Z', 'SUMMARY:x'],
      ['UID:1', 'DTSTART:20260324T080000Z', 'DURATION:PT1H', 'RRULE:FREQ=SOMETIMES', 'SUMMARY:x'],
      ['UID:1', 'DTSTART:19700101T000000Z', 'DURATION:PT1S', 'RRULE:FREQ=SECONDLY', 'SUMMARY:x'],
    ]) {
      const { unread } = read(calendar(good, faulty));
      assert.equal(unread, 1, faulty.join(' '));
      assert.deepEqual(duties(calendar(good, faulty)), ['24.3. 09:00-24.3. 10:00 Adele']);
    }
    const odd = ['DTSTART;TZID=Nowhere Time:20260324T090000', 'DURATION:PT1H', 'SUMMARY:x'];
    assert.deepEqual(
      [read(calendar(good, odd)).unknownZones, duties(calendar(odd))],
      [1, ['24.3. 09:00-24.3. 10:00 x']],
    );
  });

  it('what is no calendar, or only a part of one, is refused', () => {
    const whole = calendar(['DTSTART:20260324T080000Z', 'DTEND:20260324T090000Z', 'SUMMARY:Adele']);
    const many = calendar(...Array.from({ length: MOST_EVENTS + 1 }, () => ['SUMMARY:x']));
    for (const [text, problem] of [
      ['', /empty/],
      ['<!doctype html><title>Sign in</title>', /no calendar/],
      [whole.slice(0, -20), /incomplete/],
      [calendar(['DTSTART:never', 'SUMMARY:x']), /none of its events/],
      [many, /too many/],
    ] as const) {
      assert.throws(() => read(text), problem);
    }
  });

  it('nobody is on duty between events', () => {
    const { duties: found } = read(
      calendar(['DTSTART:20260324T080000Z', 'DTEND:20260324T090000Z', 'SUMMARY:Adele']),
    );
    assert.deepEqual(peopleAt(found, Date.UTC(2026, 2, 24, 9)), []);
    assert.equal(peopleAt(found, Date.UTC(2026, 2, 24, 8)).length, 1);
  });
});
