import { sql as raw, type RawBuilder } from 'kysely';
import type { Sql } from './schema.ts';

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

/** How many processes hold a lease at this time. An embedded database has one process, and no leases. */
export async function liveProcesses(sql: Sql, now: Date): Promise<number> {
  const row = await sql
    .selectFrom('processes')
    .select((live) => live.fn.countAll<string>().as('count'))
    .where('leased_until', '>', now)
    .executeTakeFirst();
  return Math.max(1, Number(row?.count ?? 0));
}
