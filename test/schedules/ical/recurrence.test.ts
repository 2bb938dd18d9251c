import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import nodeIcal from 'node-ical';
import { readCalendar } from '../../../src/schedules/ical/readCalendar.ts';
import { readInWorker } from '../../../src/schedules/ical/calendarWorker.ts';
import { calendar } from '../../support/schedules/calendarText.ts';
import { itInBoth, runs } from '../../support/long.ts';

const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'];
const days = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];

/** A rule whose first occurrence fits it, as calendar programs write them. */
const rules = fc.record({
  zone: fc.constantFrom(...zones),
  start: fc.record({
    day: fc.integer({ min: 0, max: 700 }),
    // Not in the hours that a change skips or repeats: there programs differ.
    hour: fc.integer({ min: 4, max: 23 }),
    minute: fc.constantFrom(0, 30),
  }),
  hours: fc.integer({ min: 1, max: 200 }),
  freq: fc.constantFrom('DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'),
  interval: fc.integer({ min: 1, max: 4 }),
  end: fc.oneof(
    fc.constant(''),
    fc.integer({ min: 1, max: 300 }).map((count) => `;COUNT=${count}`),
    fc.integer({ min: 2, max: 900 }).map((until) => ({ until })),
  ),
  more: fc.subarray(days),
  left: fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 3 }),
});

const first = DateTime.fromISO('2024-06-01T00:00', { zone: 'utc' });
const dayAfter = (day: number): DateTime => first.plus({ days: day });
const stamp = (time: DateTime): string => time.toFormat('yyyyMMdd');
/** Both changes of the clocks of a year. */
const range = { from: Date.UTC(2026, 0, 1), to: Date.UTC(2027, 0, 1) };

describe('recurrence', () => {
  itInBoth('begins when a second implementation says, also across changes of the clocks', () => {
    fc.assert(
      fc.property(rules, ({ zone, start, hours, freq, interval, end, more, left }) => {
        const begin = dayAfter(start.day).set({ hour: start.hour, minute: start.minute });
        const weekday = days[begin.weekday - 1] ?? '';
        const last =
          typeof end === 'string' ? end : `;UNTIL=${stamp(begin.plus({ days: end.until }))}T120000Z`;
        const byDay = freq === 'WEEKLY' ? `;BYDAY=${[...new Set([weekday, ...more])].join(',')}` : '';
        const local = (time: DateTime): string => time.toFormat("yyyyMMdd'T'HHmmss");
        // A day that not each month has: programs differ.
        fc.pre(begin.day <= 28);
        const step =
          {
            DAILY: { days: interval },
            WEEKLY: { weeks: interval },
            MONTHLY: { months: interval },
            YEARLY: { years: interval },
          }[freq] ?? {};
        const except = left.map((times) => {
          let one = begin;
          for (let at = 0; at < times; at += 1) one = one.plus(step);
          return `EXDATE;TZID=${zone}:${local(one)}`;
        });
        const text = calendar([
          'UID:one',
          `DTSTART;TZID=${zone}:${local(begin)}`,
          `DTEND;TZID=${zone}:${local(begin.plus({ hours }))}`,
          `RRULE:FREQ=${freq};INTERVAL=${interval}${byDay}${last}`,
          ...except,
          'SUMMARY:Adele',
        ]);
        const { duties } = readCalendar(new TextEncoder().encode(text), {
          ...range,
          zone: null,
          otherwise: 'UTC',
        });
        const ours = duties.map(({ from }) => from).filter((from) => from >= range.from);
        assert.deepEqual(shown(ours), shown(startsBySecond(text)), text);
      }),
      { numRuns: runs(40) },
    );
  });

  it('of a rule from long ago, or that never fits, takes no time', async () => {
    for (const [rule, count] of [
      ['FREQ=DAILY', 365],
      ['FREQ=HOURLY;INTERVAL=12', 730],
      ['FREQ=MINUTELY;INTERVAL=1440', 365],
      ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', 0],
    ] as const) {
      const text = calendar(['DTSTART:16010101T000000Z', 'DURATION:PT1H', `RRULE:${rule}`, 'SUMMARY:x']);
      const { duties } = readCalendar(new TextEncoder().encode(text), {
        ...range,
        zone: null,
        otherwise: 'UTC',
      });
      assert.equal(duties.length, count, rule);
    }
  });

  it('by a rule that the reader would get wrong is left out, and counted', () => {
    for (const rule of [
      'FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO',
      'FREQ=YEARLY;BYDAY=20MO',
      'FREQ=YEARLY;BYDAY=MO;BYSETPOS=1',
      'FREQ=YEARLY;BYMONTH=3,5;BYDAY=MO;BYSETPOS=-1',
      'FREQ=YEARLY;BYMONTHDAY=13',
      'FREQ=WEEKLY;BYDAY=MO,FR;BYSETPOS=1',
      'FREQ=DAILY;BYMONTHDAY=-1',
    ]) {
      const event = (...more: string[]): string[] => ['DTSTART:20260105T090000Z', 'DURATION:PT1H', ...more];
      const text = calendar(event(`RRULE:${rule}`, 'SUMMARY:x'), event('SUMMARY:Adele'));
      const asked = { ...range, zone: null, otherwise: 'UTC' };
      const { duties, unread } = readCalendar(new TextEncoder().encode(text), asked);
      assert.deepEqual([duties.length, unread], [1, 1], rule);
    }
  });

  it('that would keep a reader busy for years ends with its thread', async () => {
    const endless = 'RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30';
    const text = calendar(['DTSTART:20200101T000000Z', 'DURATION:PT1H', endless, 'SUMMARY:x']);
    const asked = { ...range, zone: null, otherwise: 'UTC' };
    assert.deepEqual(await readInWorker(new TextEncoder().encode(text), asked, 300), {
      kind: 'unreadable',
      problem: 'it takes too long',
    });
  });
});

function startsBySecond(text: string): number[] {
  const [event] = Object.values(nodeIcal.sync.parseICS(text)).filter((one) => one?.type === 'VEVENT');
  assert.ok(event?.type === 'VEVENT');
  const to = new Date(range.to - 1);
  return nodeIcal
    .expandRecurringEvent(event, { from: new Date(range.from), to })
    .map(({ start }) => start.getTime())
    .filter((at) => at >= range.from && at < range.to);
}

function shown(instants: readonly number[]): string[] {
  return instants.toSorted((one, other) => one - other).map((at) => new Date(at).toISOString());
}
