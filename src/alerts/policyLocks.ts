import { sql as raw } from 'kysely';
import type { Sql } from '../database/schema.ts';

/**
 * Locks the alerts of a policy until the transaction ends, across all replicas: alerts that arrive at the same time
 * share one escalation. Locks are taken in this order: policy, escalations, alerts.
 */
export async function lockPolicy(sql: Sql, policy: string): Promise<void> {
  // 7465 is arbitrary; it seeds the hash.
  await raw`SELECT pg_advisory_xact_lock(hashtextextended(${`alerts ${policy}`}, 7465))`.execute(sql);
}

/** Tries to lock every policy with bodies that wait in the intake. @returns `missed`: another transaction holds these */
export async function lockWaiting(sql: Sql): Promise<{ locked: string[]; missed: string[] }> {
  const { rows } = await raw<{ policy: string; locked: boolean }>`
    SELECT policy, pg_try_advisory_xact_lock(hashtextextended('alerts ' || policy, 7465)) AS locked
    FROM (SELECT DISTINCT policy FROM intake WHERE status = 'waiting' ORDER BY policy) AS waiting`.execute(
    sql,
  );
  const policiesThat = (areLocked: boolean): string[] =>
    rows.filter(({ locked }) => locked === areLocked).map(({ policy }) => policy);
  return { locked: policiesThat(true), missed: policiesThat(false) };
}
