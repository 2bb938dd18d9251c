import assert from 'node:assert/strict';
import { endOfDay, nightsBetween, startOfDay, weeksOf } from '../../src/console/dates.ts';

const iso = (times: readonly Date[]): string[] => times.map((time) => time.toISOString());
const HOUR_MS = 3_600_000;

describe('the weeks of charts', () => {
  const cases: [
    name: string,
    from: string,
    to: string,
    zone: string,
    names: string[],
    boundaries: string[],
  ][] = [
    [
      'begin on Monday, for any day of the week',
      '2026-11-25',
      '2026-12-06',
      'UTC',
      ['2026-11-23', '2026-11-30'],
      ['2026-11-23T00:00:00.000Z', '2026-11-30T00:00:00.000Z', '2026-12-07T00:00:00.000Z'],
    ],
    [
      'are an hour longer when summer time ends',
      '2026-10-19',
      '2026-10-19',
      'Europe/Berlin',
      ['2026-10-19'],
      ['2026-10-18T22:00:00.000Z', '2026-10-25T23:00:00.000Z'],
    ],
    [
      'are an hour shorter when summer time begins',
      '2026-03-25',
      '2026-03-25',
      'Europe/Berlin',
      ['2026-03-23'],
      ['2026-03-22T23:00:00.000Z', '2026-03-29T22:00:00.000Z'],
    ],
    [
      'go on across the end of the year',
      '2026-12-31',
      '2027-01-04',
      'America/New_York',
      ['2026-12-28', '2027-01-04'],
      ['2026-12-28T05:00:00.000Z', '2027-01-04T05:00:00.000Z', '2027-01-11T05:00:00.000Z'],
    ],
  ];
  for (const [name, from, to, zone, names, boundaries] of cases) {
    it(name, () => {
      const weeks = weeksOf(from, to, zone);
      assert.deepEqual([weeks.names, iso(weeks.boundaries)], [names, boundaries]);
    });
  }
});

describe('the nights of charts', () => {
  const lengths = (from: string, to: string, zone: string): number[] =>
    nightsBetween([new Date(from), new Date(to)], zone).map(
      ({ begins, ends }) => (ends.getTime() - begins.getTime()) / HOUR_MS,
    );

  it('last from 22:00 to 7:00 in the zone', () => {
    const [night] = nightsBetween(
      [new Date('2026-06-01T12:00:00Z'), new Date('2026-06-02T12:00:00Z')],
      'Asia/Tokyo',
    );
    assert.deepEqual(night && iso([night.begins, night.ends]), [
      '2026-06-01T13:00:00.000Z',
      '2026-06-01T22:00:00.000Z',
    ]);
  });

  it('are cut at the ends of the range', () => {
    assert.deepEqual(lengths('2026-06-01T00:00:00Z', '2026-06-02T00:00:00Z', 'UTC'), [7, 2]);
  });

  it('have 8 hours when summer time begins, and 10 when it ends', () => {
    assert.deepEqual(lengths('2026-03-28T12:00:00Z', '2026-03-29T12:00:00Z', 'Europe/Berlin'), [8]);
    assert.deepEqual(lengths('2026-10-24T12:00:00Z', '2026-10-25T12:00:00Z', 'Europe/Berlin'), [10]);
  });

  it('do not overlap, and there is one each day of a year', () => {
    const nights = nightsBetween([new Date('2026-01-01T12:00:00Z'), new Date('2027-01-01T12:00:00Z')], 'UTC');
    assert.equal(nights.length, 365);
    assert.ok(nights.every(({ begins }, nth) => nth === 0 || (nights[nth - 1]?.ends ?? begins) < begins));
  });
});

describe('a day in a zone', () => {
  it('begins and ends there', () => {
    assert.equal(startOfDay('2026-11-30', 'Asia/Tokyo').toISOString(), '2026-11-29T15:00:00.000Z');
    assert.equal(endOfDay('2026-11-30', 'Asia/Tokyo').toISOString(), '2026-11-30T15:00:00.000Z');
  });

  it('has 25 hours when summer time ends', () => {
    const [from, to] = [startOfDay('2026-10-25', 'Europe/Berlin'), endOfDay('2026-10-25', 'Europe/Berlin')];
    assert.equal((to.getTime() - from.getTime()) / HOUR_MS, 25);
  });
});
