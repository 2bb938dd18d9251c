import { sql as raw, type RawBuilder } from 'kysely';
import type { Sql } from '../database/schema.ts';

/** How long it took until somebody acknowledged. */
export interface AcknowledgeTimes {
  /** In which span the escalations began: see `boundaries`. */
  span: number;
  policy: string | null;
  count: number;
  medianSeconds: number;
  /** Nine of ten were at least as fast. */
  p90Seconds: number;
}

/**
 * The times from the start of escalations to their last acknowledgement. Tests do not count.
 *
 * @param boundaries of the spans, ascending; span 0 begins with the first and ends before the second
 */
export async function acknowledgeTimes(sql: Sql, boundaries: readonly Date[]): Promise<AcknowledgeTimes[]> {
  const { rows } = await raw<Omit<AcknowledgeTimes, 'medianSeconds' | 'p90Seconds'> & { seconds: number[] }>`
    SELECT width_bucket(created_at, ${[...boundaries]}::timestamptz[]) - 1 AS span, policy, count(*)::integer AS count,
      percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY
        extract(epoch FROM (ladder #>> '{acknowledgedBy,at}')::timestamptz - created_at)::float8) AS seconds
    FROM escalations
    WHERE created_at >= ${boundaries[0]} AND created_at < ${boundaries.at(-1)}
      AND ladder #>> '{acknowledgedBy,at}' IS NOT NULL AND alert ->> 'test' <> 'true'
    GROUP BY 1, 2 ORDER BY 1, 2`.execute(sql);
  return rows.map(({ seconds: [median = 0, p90 = 0], ...row }) => ({
    ...row,
    medianSeconds: Math.round(median),
    p90Seconds: Math.round(p90),
  }));
}

/** A test is over within this time. */
const TEST_LASTS = '7 days';

/** A query: the ids of the test escalations that may have called somebody from the first to the last of some times. */
export function testsOf(times: readonly Date[]): RawBuilder<string> {
  // The condition of the index escalations_test.
  return raw`SELECT id FROM escalations WHERE alert ->> 'test' = 'true'
    AND created_at >= ${times[0]}::timestamptz - ${TEST_LASTS}::interval AND created_at < ${times.at(-1)}`;
}
