import { sql as raw, type Kysely } from 'kysely';
import type { Schema } from '../database/schema.ts';

/** The operators' stop. `since` is ISO 8601, UTC. */
export interface PauseState {
  paused: boolean;
  /** When it was begun or ended last, and by whom. */
  since: string | null;
  by: string | null;
}

export const PAUSE = 'pause';

/** The pause is this row, which all replicas read; nothing else says whether calls are paused. */
export async function readPause(sql: Kysely<Schema>, lock?: 'share' | 'update'): Promise<PauseState> {
  let select = sql.selectFrom('settings').select('value').where('name', '=', PAUSE);
  if (lock === 'share') select = select.forShare();
  if (lock === 'update') select = select.forUpdate();
  return pauseIn((await select.executeTakeFirst())?.value);
}

/** The pause as an expression: its value is given to `pauseIn`. */
export const pauseQuestion = raw`(SELECT value FROM settings WHERE name = ${raw.lit(PAUSE)})`;

export function pauseIn(value: unknown): PauseState {
  const { paused, since, by }: Record<string, unknown> = { ...(typeof value === 'object' ? value : null) };
  return {
    paused: paused === true,
    since: typeof since === 'string' ? since : null,
    by: typeof by === 'string' ? by : null,
  };
}

/**
 * For a transaction that stores what it makes of the pause. If that is other than what is stored already (`known`), the
 * pause does not change before the transaction ends, so that the change finds everything that waits.
 */
export async function meetPause(sql: Kysely<Schema>, known: boolean): Promise<PauseState> {
  const pause = await readPause(sql);
  return pause.paused === known ? pause : await readPause(sql, 'share');
}
