import { sql as raw, type RawBuilder } from 'kysely';
import type { Sql } from '../database/schema.ts';
import type { Disposition } from './call.ts';

/* What the charts count of calls. Calls of test escalations do not count. */

export interface DispositionCount {
  span: number;
  disposition: Disposition;
  count: number;
}

/**
 * How many calls ended in each way. Reads an index only, and subtracts the calls of test escalations.
 *
 * @param boundaries of the spans, ascending; span 0 begins with the first and ends before the second
 * @param tests a query for the ids of the test escalations of that time
 */
export async function countDispositions(
  sql: Sql,
  boundaries: readonly Date[],
  dispositions: readonly Disposition[],
  tests: RawBuilder<string>,
): Promise<DispositionCount[]> {
  const span = raw`width_bucket(created_at, ${[...boundaries]}::timestamptz[]) - 1`;
  const ended = raw`disposition = ANY(${[...dispositions]}::text[])
    AND created_at >= ${boundaries[0]} AND created_at < ${boundaries.at(-1)}`;
  const { rows } = await raw<DispositionCount>`
    SELECT span, disposition, sum(count)::integer AS count
    FROM (
      SELECT ${span} AS span, disposition, count(*) AS count FROM calls WHERE ${ended} GROUP BY 1, 2
      UNION ALL
      SELECT ${span} AS span, disposition, -count(*) AS count FROM calls
      WHERE ${ended} AND escalation_id = ANY(ARRAY(${tests})) GROUP BY 1, 2
    ) AS counted
    GROUP BY 1, 2 HAVING sum(count) > 0 ORDER BY 1, 2`.execute(sql);
  return rows;
}

/** How often escalations rang somebody at night. */
export interface DisturbedNights {
  /** `targetKey` of the person. */
  key: string;
  name: string;
  nights: number;
  calls: number;
}

export interface Night {
  begins: Date;
  ends: Date;
}

/** Ends of calls at which the phone had rung. A call that was cancelled in time had been accepted by the service. */
const rang = raw`(disposition IN ('answered', 'acknowledged', 'declined', 'no_answer')
  OR disposition = 'cancelled' AND facts ? 'dialAcceptedAt')`;

/**
 * Counts calls that were sent at night. A call that had waited for more than an hour before the night does not count.
 *
 * @param calleeId only this person's; an Entra object id
 */
export async function disturbedNights(
  sql: Sql,
  nights: readonly Night[],
  calleeId: string | null,
): Promise<DisturbedNights[]> {
  const whose =
    calleeId === null
      ? raw`target_key LIKE 'teamsUser:%'`
      : raw`target_key = ${`teamsUser:${calleeId.toLowerCase()}`}`;
  const sentAt = raw`coalesce((facts ->> 'dialSentAt')::timestamptz, created_at)`;
  const { rows } = await raw<DisturbedNights>`
    SELECT counted.target_key AS key, newest.name, counted.nights, counted.calls
    FROM (
      SELECT target_key, count(*)::integer AS nights, sum(calls)::integer AS calls
      FROM (
        SELECT target_key, begins, count(*) AS calls
        FROM unnest(${nights.map(({ begins }) => begins)}::timestamptz[], ${nights.map(({ ends }) => ends)}::timestamptz[])
          AS night (begins, ends)
        CROSS JOIN LATERAL (
          SELECT target_key FROM calls
          WHERE created_at >= begins - interval '1 hour' AND created_at < ends
            AND ${sentAt} >= begins AND ${sentAt} < ends
            AND escalation_id IS NOT NULL AND ${whose} AND ${rang} AND purpose ->> 'test' IS DISTINCT FROM 'true'
          -- So that PostgreSQL reads each night from the index in the order of time, and no other.
          ORDER BY created_at DESC, id DESC
        ) AS rung
        GROUP BY 1, 2
      ) AS by_night
      GROUP BY 1
    ) AS counted
    CROSS JOIN LATERAL (
      SELECT target ->> 'displayName' AS name FROM calls
      WHERE calls.target_key = counted.target_key ORDER BY created_at DESC LIMIT 1
    ) AS newest`.execute(sql);
  return rows;
}
