import { sql as raw } from 'kysely';
import type { Sql } from '../database/schema.ts';
import type { FiringAlert } from './alert.ts';
import { readFiring } from './alertStore.ts';

/* Somebody's act (acknowledging, resolving, cancelling) covers the firing alerts that they knew of, and no others. */

/** Marks alerts as covered: all of them, or those up to a revision. @returns how many stay uncovered */
export async function coverAlerts(
  sql: Sql,
  escalationId: string,
  what: { revision: number | null } | { ids: readonly number[] },
): Promise<number> {
  let cover = sql
    .updateTable('alerts')
    .set({ covered: true })
    .where('escalation_id', '=', escalationId)
    .where('status', '=', raw.lit('firing'));
  if ('ids' in what) cover = cover.where('id', 'in', what.ids);
  else if (what.revision !== null) cover = cover.where('revision', '<=', what.revision);
  await cover.execute();
  return await countUncovered(sql, escalationId);
}

/** For an escalation that calls again: none of its alerts is acknowledged any more. */
export async function uncoverAlerts(sql: Sql, escalationId: string): Promise<void> {
  await sql
    .updateTable('alerts')
    .set({ covered: false })
    .where('escalation_id', '=', escalationId)
    .where('covered', '=', true)
    .execute();
}

export async function hasCovered(sql: Sql, escalationId: string): Promise<boolean> {
  const row = await sql
    .selectFrom('alerts')
    .select('id')
    .where('escalation_id', '=', escalationId)
    .where('status', '=', raw.lit('firing'))
    .where('covered', '=', true)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * How many firing alerts nobody has acknowledged.
 *
 * @param addedAfter counts only those of later revisions. Revisions begin at 1
 */
export async function countUncovered(sql: Sql, escalationId: string, addedAfter = 0): Promise<number> {
  const { left } = await sql
    .selectFrom('alerts')
    .select((select) => select.fn.countAll<string | number>().as('left'))
    .where('escalation_id', '=', escalationId)
    .where('status', '=', raw.lit('firing'))
    .where('covered', '=', false)
    .where('revision', '>', addedAfter)
    .executeTakeFirstOrThrow();
  return Number(left);
}

export async function listUncovered(sql: Sql, escalationId: string): Promise<FiringAlert[]> {
  const rows = await sql
    .selectFrom('alerts')
    .selectAll()
    .where('escalation_id', '=', escalationId)
    .where('status', '=', raw.lit('firing'))
    .where('covered', '=', false)
    .orderBy('id')
    .execute();
  return rows.map(readFiring);
}

/** Moves the uncovered alerts to another escalation. @param to.revision the first one that shows them */
export async function moveUncovered(
  sql: Sql,
  fromId: string,
  to: { id: string; revision: number; run: number },
  at: string,
): Promise<void> {
  await sql
    .updateTable('alerts')
    .set({ escalation_id: to.id, revision: to.revision, run: to.run, opened_at: at })
    .where('escalation_id', '=', fromId)
    .where('status', '=', raw.lit('firing'))
    .where('covered', '=', false)
    .execute();
}
