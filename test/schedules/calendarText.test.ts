import assert from 'node:assert/strict';
import fc from 'fast-check';
import nodeIcal from 'node-ical';
import { calendarText, type CalendarEvent } from '../../src/schedules/calendarText.ts';
import { itInBoth, runs } from '../support/long.ts';

const at = (time: string): number => Date.parse(time);
const event: CalendarEvent = {
  uid: 'a@ringdown',
  from: at('2026-03-28T20:00:00Z'),
  to: at('2026-03-29T07:00:00Z'),
  summary: 'web: Conan O’Brien, O\'Neil; "on call"',
  description: 'Policies: payments\nand web\\mobile',
  sequence: 3,
  changedAt: at('2026-03-01T08:30:15Z'),
};

/** What RFC 5545 wants of the form of a calendar, and of each event (3.1, 3.4, 3.6, 3.6.1, 3.8.4.7). */
function assertForm(text: string): void {
  assert.ok(text.endsWith('\r\n'));
  assert.doesNotMatch(text, /(?<!\r)\n|\r(?!\n)/, 'every line ends with CRLF');
  const lines = text.split('\r\n').slice(0, -1);
  for (const line of lines) assert.ok(Buffer.byteLength(line) <= 75, `${Buffer.byteLength(line)}: ${line}`);
  // oxlint-disable-next-line no-control-regex
  assert.doesNotMatch(text, /[\0-\x08\v\f\x0e-\x1f\x7f]/);
  const unfolded = text.replaceAll('\r\n ', '').split('\r\n');
  assert.deepEqual(unfolded.slice(0, 4), [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Ringdown//Duties//EN',
    'CALSCALE:GREGORIAN',
  ]);
  assert.equal(unfolded.at(-2), 'END:VCALENDAR');
  const events = unfolded.join('\r\n').split('BEGIN:VEVENT').slice(1);
  const uids = events.map((one) => {
    for (const name of ['UID', 'DTSTAMP', 'DTSTART', 'DTEND', 'SUMMARY', 'SEQUENCE', 'LAST-MODIFIED'])
      assert.equal(one.match(new RegExp(`^${name}:.`, 'gm'))?.length, 1, name);
    assert.equal(
      one.match(/^(?:DTSTAMP|DTSTART|DTEND|LAST-MODIFIED):\d{8}T\d{6}Z\r$/gm)?.length,
      4,
      'in UTC',
    );
    return /^UID:(.*)\r$/m.exec(one)?.[1];
  });
  assert.equal(new Set(uids).size, uids.length);
}

describe('a calendar as text', () => {
  it('has its names, how often to ask again, and escaped texts', () => {
    const text = calendarText('On call: web, mobile', [event]);
    assertForm(text);
    assert.deepEqual(text.replaceAll('\r\n ', '').split('\r\n').slice(4, -2), [
      String.raw`NAME:On call: web\, mobile`,
      String.raw`X-WR-CALNAME:On call: web\, mobile`,
      'REFRESH-INTERVAL;VALUE=DURATION:PT1H',
      'X-PUBLISHED-TTL:PT1H',
      'BEGIN:VEVENT',
      'UID:a@ringdown',
      'DTSTAMP:20260301T083015Z',
      'DTSTART:20260328T200000Z',
      'DTEND:20260329T070000Z',
      String.raw`SUMMARY:web: Conan O’Brien\, O'Neil\; "on call"`,
      String.raw`DESCRIPTION:Policies: payments\nand web\\mobile`,
      'SEQUENCE:3',
      'LAST-MODIFIED:20260301T083015Z',
      'TRANSP:TRANSPARENT',
      'X-MICROSOFT-CDO-BUSYSTATUS:FREE',
      'END:VEVENT',
    ]);
  });

  for (const [title, summary, shown] of [
    ['a name cannot add a line', 'x\r\nATTENDEE:mailto:a@b.example', 'x\nATTENDEE:mailto:a@b.example'],
    ['control characters become spaces', 'a\u0000b\u0085c\td', 'a b c d'],
    ['long names of several bytes are folded between characters', '👩‍💻日本'.repeat(40), '👩‍💻日本'.repeat(40)],
  ] as const) {
    it(title, async () => {
      const text = calendarText('web', [{ ...event, summary }]);
      assertForm(text);
      assert.equal((await parsed(text)).events[0]?.summary, shown);
    });
  }

  itInBoth(
    'is read by another program as it was meant, whatever people and rotations are called',
    async () => {
      const words = fc
        .string({ unit: 'grapheme', minLength: 1, maxLength: 120 })
        .filter((one) => one.trim() !== '');
      const events = fc.uniqueArray(
        fc.record({
          uid: fc.uuid().map((id) => `${id}@ringdown`),
          from: fc.integer({ min: 1_700_000_000, max: 1_900_000_000 }),
          length: fc.integer({ min: 1, max: 90 * 86_400 }),
          summary: words,
          description: words,
          sequence: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
        }),
        { selector: ({ uid }) => uid, maxLength: 6 },
      );
      await fc.assert(
        fc.asyncProperty(words, events, async (name, given) => {
          const written = given.map(({ from, length, ...rest }): CalendarEvent => ({
            ...rest,
            from: from * 1000,
            to: (from + length) * 1000,
            changedAt: (from - 5) * 1000,
          }));
          const text = calendarText(name, written);
          assertForm(text);
          const { calendar, events: read } = await parsed(text);
          assert.equal(trimmed(calendar), trimmed(name));
          assert.deepEqual(
            read,
            written.map((one) => ({
              ...one,
              summary: trimmed(one.summary),
              description: trimmed(one.description),
            })),
          );
        }),
        { numRuns: runs(40) },
      );
    },
  );
});

/** A property with parameters is an object. */
const textOf = (value: string | { val: string } | undefined): string =>
  trimmed(typeof value === 'object' ? value.val : (value ?? ''));
/** node-ical trims texts. */
const trimmed = (text: string): string => text.trim();

async function parsed(text: string): Promise<{ calendar: string; events: CalendarEvent[] }> {
  const read = await nodeIcal.async.parseICS(text);
  const events = Object.values(read).flatMap((one): CalendarEvent[] => {
    if (one?.type !== 'VEVENT') return [];
    const { uid, start, end, summary, description, sequence, dtstamp } = one;
    return [
      {
        uid,
        from: start.getTime(),
        to: end?.getTime() ?? Number.NaN,
        summary: textOf(summary),
        description: textOf(description),
        sequence: Number(sequence),
        changedAt: dtstamp.getTime(),
      },
    ];
  });
  const name: unknown = read.vcalendar?.['WR-CALNAME'];
  return { calendar: String(name), events };
}
