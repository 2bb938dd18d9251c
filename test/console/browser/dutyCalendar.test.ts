import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import {
  daysOf,
  instantOf,
  localOf,
  moved,
  placeOf,
  rangeOf,
  selectionOf,
  snapped,
  startOf,
  STEP_MS,
  turned,
  weeksOf,
  within,
} from '../../../src/console/browser/duty/calendar.ts';
import { itInBoth, runs } from '../../support/long.ts';

const HOUR = 3_600_000;
const berlin = 'Europe/Berlin';
const at = (time: string, zone = berlin): number => DateTime.fromISO(time, { zone }).toMillis();

describe('the calendar of the page Duty', () => {
  const zones = fc.constantFrom(
    berlin,
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kolkata',
    'America/Sao_Paulo',
    'Asia/Beirut',
    'UTC',
  );
  const times = fc.integer({ min: Date.UTC(2010, 0), max: Date.UTC(2035, 0) });

  itInBoth('reads local times as luxon does, and finds the instant of each again', () => {
    fc.assert(
      fc.property(times, zones, (time, zone) => {
        const minute = Math.floor(time / 60_000) * 60_000;
        const local = localOf(minute, zone);
        assert.equal(
          `${local.date}T${local.time}`,
          DateTime.fromMillis(minute, { zone }).toFormat("yyyy-MM-dd'T'HH:mm"),
        );
        const found = instantOf(local.date, local.time, zone);
        assert.deepEqual(localOf(found, zone), local);
        assert.ok(found <= minute);
      }),
      { numRuns: runs(200) },
    );
  });

  itInBoth('has days that follow each other without a gap, each within its date', () => {
    fc.assert(
      fc.property(times, zones, fc.constantFrom('week' as const, 'month' as const), (time, zone, period) => {
        const days = daysOf(period, localOf(time, zone).date, zone);
        assert.equal(days.length % 7, 0);
        for (const [index, day] of days.entries()) {
          assert.equal(localOf(day.from, zone).date, day.date);
          assert.equal(localOf(day.to - 60_000, zone).date, day.date);
          if (index > 0) assert.equal(day.from, days[index - 1]?.to);
        }
        const { from, to } = rangeOf(days);
        assert.ok(from <= time && time < to);
        assert.ok(to - from <= 43 * 24 * HOUR);
      }),
      { numRuns: runs(100) },
    );
  });

  const skipped: [title: string, date: string, time: string, zone: string, instant: number][] = [
    ['skipped in spring: after the change', '2026-03-29', '02:30', berlin, at('2026-03-29T03:30')],
    ['twice in autumn: the first', '2026-10-25', '02:30', berlin, Date.parse('2026-10-25T00:30Z')],
    ['a day without midnight', '2018-11-04', '00:00', 'America/Sao_Paulo', Date.parse('2018-11-04T03:00Z')],
  ];
  for (const [title, date, time, zone, instant] of skipped) {
    it(`knows the instant of a time that occurs ${title}`, () =>
      assert.equal(instantOf(date, time, zone), instant));
  }

  it('knows that words are no time', () => assert.ok(Number.isNaN(instantOf('', '', berlin))));

  it('has a week of 167 hours in spring and of 169 in autumn', () => {
    const hours = (date: string): number => {
      const { from, to } = rangeOf(daysOf('week', date, berlin));
      return (to - from) / HOUR;
    };
    assert.deepEqual(['2026-03-25', '2026-04-01', '2026-10-25'].map(hours), [167, 168, 169]);
  });

  it('shows a month with whole weeks from Monday on', () => {
    const days = daysOf('month', '2026-11-17', berlin);
    assert.deepEqual([days[0]?.date, days.at(-1)?.date], ['2026-10-26', '2026-12-06']);
    assert.equal(weeksOf(days).length, 6);
    assert.equal(weeksOf(daysOf('month', '2027-02-10', berlin)).length, 4);
  });

  it('turns to the next and the previous period', () => {
    assert.equal(startOf('week', '2026-11-29'), '2026-11-23');
    assert.equal(turned('week', '2026-11-29', 1), '2026-11-30');
    assert.equal(turned('week', '2026-11-29', -1), '2026-11-16');
    assert.equal(turned('month', '2026-01-31', 1), '2026-02-01');
    assert.equal(turned('month', '2026-03-31', -1), '2026-02-01');
    assert.equal(turned('month', '2026-12-05', 1), '2027-01-01');
  });

  it('places parts of spans in a range', () => {
    const range = { from: 0, to: 100 };
    assert.equal(within({ from: 100, to: 120 }, range), null);
    assert.deepEqual(within({ from: -5, to: 25 }, range), { from: 0, to: 25 });
    assert.deepEqual(placeOf({ from: 25, to: 75 }, range), { left: '25.0000%', width: '50.0000%' });
  });

  describe('a selection', () => {
    const week = daysOf('week', '2026-03-25', berlin);
    const range = rangeOf(week);

    it('snaps to half hours, also on the day on which the clocks change', () => {
      assert.equal(snapped(at('2026-03-29T15:44'), week), at('2026-03-29T15:30'));
      assert.equal(snapped(range.from - 5, week), range.from);
      assert.equal(snapped(range.to + 5, week), range.to);
    });

    it('contains both half hours, in either direction', () => {
      const [nine, ten] = [at('2026-03-25T09:00'), at('2026-03-25T10:00')];
      assert.deepEqual(selectionOf(nine, ten, range), { from: nine, to: ten + STEP_MS });
      assert.deepEqual(selectionOf(ten, nine, range), { from: nine, to: ten + STEP_MS });
      assert.deepEqual(selectionOf(nine, nine, range), { from: nine, to: nine + STEP_MS });
      assert.deepEqual(selectionOf(range.to, range.to, range), { from: range.to - STEP_MS, to: range.to });
    });

    itInBoth(
      'stays in its range and keeps its length as arrow keys move it, and at least half an hour',
      () => {
        const key = fc.tuple(
          fc.constantFrom('ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown'),
          fc.boolean(),
        );
        fc.assert(
          fc.property(fc.array(key, { maxLength: 40 }), (keys) => {
            let selection = { from: range.from + HOUR, to: range.from + 3 * HOUR };
            for (const [name, withShift] of keys) {
              const next = moved(selection, name, withShift, range);
              assert.ok(range.from <= next.from && next.to <= range.to);
              assert.ok(next.to - next.from >= STEP_MS);
              if (withShift) assert.equal(next.from, selection.from);
              else assert.equal(next.to - next.from, selection.to - selection.from);
              selection = next;
            }
          }),
          { numRuns: runs(50) },
        );
      },
    );
  });
});
