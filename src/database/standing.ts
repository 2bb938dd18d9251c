import { sql as raw, type RawBuilder } from 'kysely';

/**
 * An expression for the state of the jobs as JSON: how many are due, for how many seconds the oldest, and how many
 * fail.
 */
export function standingJobs(now: Date): RawBuilder<unknown> {
  return raw`(SELECT json_build_object(
       'due', count(*) FILTER (WHERE due_at <= ${now}::timestamptz AND owner IS NULL),
       'oldest', coalesce(extract(epoch FROM max(${now}::timestamptz - due_at)
         FILTER (WHERE due_at <= ${now}::timestamptz AND owner IS NULL)), 0)::float8,
       'failing', count(*) FILTER (WHERE failing_since IS NOT NULL))
     FROM jobs WHERE due_at <= ${now}::timestamptz OR failing_since IS NOT NULL)`;
}
