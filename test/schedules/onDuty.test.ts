import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { onDuty, type TurnRotation } from '../../src/schedules/onDuty.ts';
import { itInBoth, runs } from '../support/long.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const zone = 'Europe/Berlin';

const rotation = (more: Partial<TurnRotation> = {}): TurnRotation => ({
  members: ['Adele', 'Alex', 'Megan'],
  every: 7 * DAY,
  handover: { weekday: 1, hour: 9, minute: 0 },
  timeZone: zone,
  ...more,
});
/** A local time in Berlin. */
const berlin = (time: string): number => DateTime.fromISO(time, { zone }).toMillis();
const shown = (at: number, timeZone = zone): string =>
  DateTime.fromMillis(at, { zone: timeZone }).toFormat('ccc yyyy-MM-dd HH:mm');

/** The turns from a time on: "until when, in local time; how many hours". */
function turns(one: TurnRotation, from: number, count: number): { until: string; hours: number }[] {
  const found = [];
  for (let at = onDuty(one, from).until, left = count; left > 0; left -= 1) {
    const { until } = onDuty(one, at);
    found.push({ until: shown(until, one.timeZone), hours: (until - at) / HOUR });
    at = until;
  }
  return found;
}

describe('who is on duty', () => {
  describe('the clocks change', () => {
    // 2026: forward on Sunday 29 March at 02:00, back on Sunday 25 October at 03:00.
    const cases: { every: number; name: string; from: string; turns: { until: string; hours: number }[] }[] =
      [
        {
          name: 'a week, in spring',
          every: 7 * DAY,
          from: '2026-03-18T12:00',
          turns: [
            { until: 'Mon 2026-03-30 09:00', hours: 167 },
            { until: 'Mon 2026-04-06 09:00', hours: 168 },
          ],
        },
        {
          name: 'a week, in autumn',
          every: 7 * DAY,
          from: '2026-10-14T12:00',
          turns: [
            { until: 'Mon 2026-10-26 09:00', hours: 169 },
            { until: 'Mon 2026-11-02 09:00', hours: 168 },
          ],
        },
        {
          name: 'a day, in spring',
          every: DAY,
          from: '2026-03-27T12:00',
          turns: [
            { until: 'Sun 2026-03-29 09:00', hours: 23 },
            { until: 'Mon 2026-03-30 09:00', hours: 24 },
          ],
        },
        {
          name: 'a day, in autumn',
          every: DAY,
          from: '2026-10-23T12:00',
          turns: [
            { until: 'Sun 2026-10-25 09:00', hours: 25 },
            { until: 'Mon 2026-10-26 09:00', hours: 24 },
          ],
        },
        {
          name: 'twelve hours, in spring',
          every: 12 * HOUR,
          from: '2026-03-28T08:00',
          turns: [
            { until: 'Sat 2026-03-28 21:00', hours: 12 },
            { until: 'Sun 2026-03-29 09:00', hours: 11 },
            { until: 'Sun 2026-03-29 21:00', hours: 12 },
          ],
        },
        {
          name: 'twelve hours, in autumn',
          every: 12 * HOUR,
          from: '2026-10-24T08:00',
          turns: [
            { until: 'Sat 2026-10-24 21:00', hours: 12 },
            { until: 'Sun 2026-10-25 09:00', hours: 13 },
            { until: 'Sun 2026-10-25 21:00', hours: 12 },
          ],
        },
      ];
    for (const { name, every, from, turns: expected } of cases) {
      it(name, () => assert.deepEqual(turns(rotation({ every }), berlin(from), expected.length), expected));
    }

    it('two weeks', () => {
      const hours = turns(rotation({ every: 14 * DAY }), berlin('2026-01-01T00:00'), 26).map(
        (turn) => turn.hours,
      );
      assert.deepEqual(new Set(hours), new Set([336, 335, 337]));
    });

    it('a handover at a time that is skipped in spring is an hour later that day', () => {
      const one = rotation({ every: DAY, handover: { weekday: 1, hour: 2, minute: 30 } });
      assert.deepEqual(turns(one, berlin('2026-03-27T12:00'), 3), [
        { until: 'Sun 2026-03-29 03:30', hours: 24 },
        { until: 'Mon 2026-03-30 02:30', hours: 23 },
        { until: 'Tue 2026-03-31 02:30', hours: 24 },
      ]);
    });
  });

  it('the member changes at the minute of the handover', () => {
    const one = rotation();
    const handover = berlin('2026-06-01T09:00');
    const before = onDuty(one, handover - 1);
    const after = onDuty(one, handover);
    assert.equal(before.until, handover);
    assert.equal(after.until, berlin('2026-06-08T09:00'));
    const next = one.members[(one.members.indexOf(before.member) + 1) % one.members.length];
    assert.equal(after.member, next);
  });

  it('weekdays are those of the file', () => {
    for (let weekday = 1; weekday <= 7; weekday++) {
      const one = rotation({ handover: { weekday, hour: 17, minute: 45 } });
      const { until } = onDuty(one, berlin('2026-06-03T12:00'));
      assert.equal(DateTime.fromMillis(until, { zone }).weekday, weekday);
      assert.match(shown(until), / 17:45$/);
    }
  });

  it('each time zone has its own turns', () => {
    for (const timeZone of [
      'UTC',
      'America/New_York',
      'Asia/Kolkata',
      'Australia/Lord_Howe',
      'Africa/Monrovia',
    ]) {
      const { until } = onDuty(rotation({ timeZone }), berlin('2026-06-03T12:00'));
      assert.match(shown(until, timeZone), /^Mon .* 09:00$/, timeZone);
    }
  });

  it('a turn that is not whole hours always has the same length', () => {
    const hours = turns(rotation({ every: 90 * 60_000 }), berlin('2026-03-28T20:00'), 10).map(
      (turn) => turn.hours,
    );
    assert.deepEqual(new Set(hours), new Set([1.5]));
  });

  it('a single member is always on duty', () => {
    const one = rotation({ members: ['Adele'] });
    assert.equal(onDuty(one, berlin('2026-06-03T12:00')).member, 'Adele');
  });

  it('finds a very short turn quickly', () => {
    assert.equal(onDuty(rotation({ every: 1_000 }), 1_800_000_000_500).until, 1_800_000_001_000);
  });

  describe('whatever the rotation', () => {
    const rotations = fc.record({
      members: fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 5 }),
      every: fc.constantFrom(
        HOUR,
        6 * HOUR,
        8 * HOUR,
        12 * HOUR,
        DAY,
        2 * DAY,
        7 * DAY,
        14 * DAY,
        90 * 60_000,
        36 * HOUR,
      ),
      handover: fc.record({
        weekday: fc.integer({ min: 1, max: 7 }),
        hour: fc.integer({ min: 0, max: 23 }),
        minute: fc.integer({ min: 0, max: 59 }),
      }),
      timeZone: fc.constantFrom(
        'UTC',
        zone,
        'America/New_York',
        'Asia/Kolkata',
        'Australia/Lord_Howe',
        'America/St_Johns',
      ),
    });
    const times = fc.oneof(
      fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2040, 0) }),
      // Around the changes of the clocks.
      fc
        .tuple(fc.constantFrom('2026-03-29T01:00Z', '2026-10-25T01:00Z', '2026-03-08T07:00Z', '2026-11-01T06:00Z', '2026-04-04T15:00Z'), fc.integer({ min: -30 * HOUR, max: 30 * HOUR }))
        .map(([time, off]) => Date.parse(time) + off),
    ); // prettier-ignore

    itInBoth('a turn ends when the next begins, and the next member has that one', () => {
      fc.assert(
        fc.property(rotations, times, (one, time) => {
          const { member, until } = onDuty(one, time);
          assert.ok(until > time);
          assert.deepEqual(onDuty(one, until - 1), { member, until });
          const next = onDuty(one, until);
          assert.ok(next.until > until);
          // A skipped hour may be a whole turn.
          const steps = one.every === HOUR ? [1, 2] : [1];
          const expected = steps.map(
            (turn) => one.members[(one.members.indexOf(member) + turn) % one.members.length],
          );
          assert.ok(expected.includes(next.member));
        }),
        { numRuns: runs(500) },
      );
    });

    itInBoth('turns of whole hours begin at the same local time', () => {
      fc.assert(
        fc.property(rotations, times, (one, time) => {
          if (one.every % DAY !== 0 || one.handover.hour < 4) return;
          const { until } = onDuty(one, time);
          const { hour, minute } = DateTime.fromMillis(until, { zone: one.timeZone });
          assert.deepEqual({ hour, minute }, { hour: one.handover.hour, minute: one.handover.minute });
        }),
        { numRuns: runs(300) },
      );
    });
  });
});
