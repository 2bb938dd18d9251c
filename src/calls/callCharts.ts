import { sql as raw, type RawBuilder } from 'kysely';
import type { Sql } from '../database/schema.ts';
import type { Disposition } from './call.ts';

/** What the charts count of calls. Test calls of escalations do not count. Times are split by sorted boundaries. */

const noTest = raw`purpose ->> 'test' IS DISTINCT FROM 'true'`;

/** @param boundaries of the spans, ascending; span 0 begins with the first and ends before the second */
export async function countDispositions(
  sql: Sql,
  boundaries: readonly Date[],
): Promise<{ span: number; disposition: Disposition; count: number }[]> {
  const { rows } = await raw<{ span: number; disposition: Disposition; count: number }>`
    SELECT width_bucket(created_at, ${[...boundaries]}::timestamptz[]) - 1 AS span, disposition, count(*)::integer AS count
    FROM calls WHERE disposition IS NOT NULL AND ${placedWithin(boundaries)} AND ${noTest}
    GROUP BY 1, 2 ORDER BY 1, 2`.execute(sql);
  return rows;
}

/** How often escalations called somebody at night. */
export interface DisturbedNights {
  name: string;
  nights: number;
  calls: number;
}

/** Ends of calls at which the phone had rung. Calls that were cancelled in time had been accepted by the service. */
const rang = raw`(disposition IN ('answered', 'acknowledged', 'declined', 'no_answer')
  OR disposition = 'cancelled' AND facts ? 'dialAcceptedAt')`;

/**
 * @param nights begin and end of each night, ascending: [begin, end, begin, end, …]
 * @param calleeId only this person's; an Entra object id
 * @returns people with the most nights first
 */
export async function disturbedNights(
  sql: Sql,
  nights: readonly Date[],
  calleeId: string | null,
): Promise<DisturbedNights[]> {
  const whose =
    calleeId === null
      ? raw`target_key LIKE 'teamsUser:%'`
      : raw`target_key = ${`teamsUser:${calleeId.toLowerCase()}`}`;
  const { rows } = await raw<DisturbedNights>`
    SELECT newest.name, counted.nights, counted.calls
    FROM (
      SELECT target_key, count(DISTINCT part)::integer AS nights, count(*)::integer AS calls
      FROM (
        -- A call may wait before it is sent.
        SELECT target_key, width_bucket(coalesce((facts ->> 'dialSentAt')::timestamptz, created_at),
          ${[...nights]}::timestamptz[]) AS part
        FROM calls WHERE escalation_id IS NOT NULL AND ${whose} AND ${placedWithin(nights)} AND ${rang} AND ${noTest}
      ) AS rung
      WHERE part % 2 = 1
      GROUP BY target_key
    ) AS counted
    CROSS JOIN LATERAL (
      SELECT target ->> 'displayName' AS name FROM calls
      WHERE calls.target_key = counted.target_key ORDER BY created_at DESC LIMIT 1
    ) AS newest
    ORDER BY counted.nights DESC, counted.calls DESC, newest.name`.execute(sql);
  return rows;
}

function placedWithin(times: readonly Date[]): RawBuilder<boolean> {
  return raw`created_at >= ${times[0]} AND created_at < ${times.at(-1)}`;
}
