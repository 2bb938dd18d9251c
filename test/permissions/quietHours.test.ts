import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { quietUntil } from '../../src/permissions/quietHours.ts';
import { readRingdownYaml } from '../../src/config/ringdownYaml.ts';

const berlin = 'Europe/Berlin';

function quiet(from: string, to: string) {
  const { quietHours } = readRingdownYaml(`quietHours: {from: "${from}", to: "${to}"}`, {});
  assert.ok(quietHours);
  return quietHours;
}

describe('quiet hours', () => {
  const table: readonly [what: string, from: string, to: string, at: string, until: string | null][] = [
    ['in the evening', '22:00', '07:00', '2026-11-23T21:30:00Z', '2026-11-24T06:00:00Z'],
    ['after midnight', '22:00', '07:00', '2026-11-24T02:00:00Z', '2026-11-24T06:00:00Z'],
    ['by day', '22:00', '07:00', '2026-11-24T11:00:00Z', null],
    ['at the first minute', '22:00', '07:00', '2026-11-23T21:00:00Z', '2026-11-24T06:00:00Z'],
    ['just before they begin', '22:00', '07:00', '2026-11-23T20:59:59.999Z', null],
    ['at the end', '22:00', '07:00', '2026-11-24T06:00:00Z', null],
    ['just before they end', '22:00', '07:00', '2026-11-24T05:59:59.999Z', '2026-11-24T06:00:00Z'],
    ['within a day', '12:00', '13:30', '2026-11-24T11:30:00Z', '2026-11-24T12:30:00Z'],
    ['outside a period within a day', '12:00', '13:30', '2026-11-24T22:30:00Z', null],
    [
      'in the shorter night when summer time begins',
      '22:00',
      '07:00',
      '2026-03-28T22:00:00Z',
      '2026-03-29T05:00:00Z',
    ],
    [
      'in the longer night when summer time ends',
      '22:00',
      '07:00',
      '2026-10-24T21:00:00Z',
      '2026-10-25T06:00:00Z',
    ],
    ['with an end that spring skips', '22:00', '02:30', '2026-03-28T23:00:00Z', '2026-03-29T01:30:00Z'],
    [
      'with an end that occurs twice in autumn',
      '22:00',
      '02:30',
      '2026-10-24T23:00:00Z',
      '2026-10-25T00:30:00Z',
    ],
    ['between the two ends in autumn', '22:00', '02:30', '2026-10-25T01:10:00Z', '2026-10-25T01:30:00Z'],
  ];
  for (const [what, from, to, at, until] of table) {
    it(`from ${from} to ${to}: ${what}`, () => {
      const end = quietUntil(quiet(from, to), berlin, Date.parse(at));
      assert.equal(end === null ? null : new Date(end).toISOString(), until && new Date(until).toISOString());
    });
  }

  it('end at the time that they report, at any date', () => {
    const minutes = fc.integer({ min: 0, max: 1439 });
    const time = (minute: number) => ({ hour: Math.floor(minute / 60), minute: minute % 60 });
    const zones = fc.constantFrom('UTC', berlin, 'America/St_Johns', 'Pacific/Apia', 'Australia/Lord_Howe');
    const at = fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2027, 0) });
    fc.assert(
      fc.property(minutes, minutes, zones, at, (from, to, zone, now) => {
        fc.pre(from !== to);
        const hours = { from: time(from), to: time(to), except: [] };
        const end = quietUntil(hours, zone, now);
        if (end === null) return;
        assert.ok(end > now && end - now <= 25 * 3_600_000, `${(end - now) / 3_600_000} h`);
        const shows = DateTime.fromMillis(end, { zone });
        const wall = shows.hour * 60 + shows.minute;
        // When clocks go forward, the end may be skipped: then it is later by the same amount.
        assert.ok(wall === to || DateTime.fromMillis(end - 3_600_000, { zone }).offset < shows.offset);
      }),
    );
  });
});
