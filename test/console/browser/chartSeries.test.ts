import assert from 'node:assert/strict';
import {
  acknowledgeSeries,
  COUNT_STEPS,
  dispositionSeries,
  TIME_STEPS,
  topOf,
} from '../../../src/console/browser/chartSeries.ts';
import type { Charts } from '../../../src/console/model.ts';

const charts: Charts = {
  weeks: ['2026-11-16', '2026-11-23', '2026-11-30'],
  acknowledgeTimes: [
    { week: '2026-11-16', policy: 'web', count: 2, medianSeconds: 30, p90Seconds: 60 },
    { week: '2026-11-30', policy: 'web', count: 1, medianSeconds: 40, p90Seconds: 40 },
    { week: '2026-11-23', policy: null, count: 5, medianSeconds: 90, p90Seconds: 100 },
  ],
  dispositions: [
    { week: '2026-11-16', disposition: 'failed', count: 1 },
    { week: '2026-11-23', disposition: 'no_answer', count: 4 },
    { week: '2026-11-30', disposition: 'no_answer', count: 2 },
  ],
  nights: [],
};

describe('the series of charts', () => {
  it('have a gap in weeks in which nobody acknowledged; the policy with the most comes first', () => {
    assert.deepEqual(acknowledgeSeries(charts), [
      { policy: null, count: 5, points: [null, { count: 5, median: 90, p90: 100 }, null] },
      {
        policy: 'web',
        count: 3,
        points: [{ count: 2, median: 30, p90: 60 }, null, { count: 1, median: 40, p90: 40 }],
      },
    ]);
  });

  it('count 0 in weeks without such calls; the most frequent result comes first', () => {
    assert.deepEqual(dispositionSeries(charts), [
      { name: 'no_answer', total: 6, counts: [0, 4, 2] },
      { name: 'failed', total: 1, counts: [1, 0, 0] },
    ]);
  });

  it('are empty for readers who do not see all', () => {
    const own: Charts = { ...charts, acknowledgeTimes: null, dispositions: null };
    assert.deepEqual([acknowledgeSeries(own), dispositionSeries(own)], [[], []]);
  });
});

describe('the top of an axis', () => {
  const cases: [most: number, steps: readonly number[], top: number][] = [
    [0, COUNT_STEPS, 5],
    [5, COUNT_STEPS, 5],
    [6, COUNT_STEPS, 10],
    [250_000, COUNT_STEPS, 300_000],
    [61, TIME_STEPS, 120],
    [100_000, TIME_STEPS, 172_800],
  ];
  for (const [most, steps, top] of cases) {
    it(`is ${top} for ${most}`, () => assert.equal(topOf(most, steps), top));
  }
});
