import type { Charts } from '../model.ts';

/** What the charts draw, from what the server counted. Pure. */

export interface AcknowledgeSeries {
  policy: string | null;
  /** Of all weeks. */
  count: number;
  /** By week; null where nobody acknowledged. Seconds. */
  points: ({ count: number; median: number; p90: number } | null)[];
}

/** One for each policy; those with the most acknowledgements first. */
export function acknowledgeSeries({ weeks, acknowledgeTimes }: Charts): AcknowledgeSeries[] {
  const grouped = Map.groupBy(acknowledgeTimes ?? [], ({ policy }) => policy);
  const series = [...grouped].map(([policy, rows]) => ({
    policy,
    count: sum(rows.map(({ count }) => count)),
    points: weeks.map((week) => {
      const row = rows.find((one) => one.week === week);
      return row ? { count: row.count, median: row.medianSeconds, p90: row.p90Seconds } : null;
    }),
  }));
  return series.toSorted((a, b) => b.count - a.count || (a.policy ?? '').localeCompare(b.policy ?? ''));
}

export interface CountSeries<Name extends string> {
  name: Name;
  total: number;
  /** By week. */
  counts: number[];
}

/** One for each result that occurred; the most frequent first. */
export function dispositionSeries({ weeks, dispositions }: Charts) {
  const grouped = Map.groupBy(dispositions ?? [], ({ disposition }) => disposition);
  const series = [...grouped].map(([name, rows]) => ({
    name,
    total: sum(rows.map(({ count }) => count)),
    counts: weeks.map((week) => rows.find((one) => one.week === week)?.count ?? 0),
  }));
  return series.toSorted((a, b) => b.total - a.total) satisfies CountSeries<string>[];
}

/**
 * The top of an axis: a number that reads well, and is at least `most`.
 *
 * @param steps what reads well, ascending: minutes for times, tens for counts
 */
export function topOf(most: number, steps: readonly number[]): number {
  const known = steps.find((step) => step >= most);
  if (known !== undefined) return known;
  const last = steps.at(-1) ?? 1;
  return Math.ceil(most / last) * last;
}

/** 30 s, 1, 2, 5, 10, 15, 30 minutes, and hours. */
export const TIME_STEPS = [30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 43_200, 86_400];
export const COUNT_STEPS = [
  5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000,
];

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
