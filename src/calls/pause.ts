import type { Sql } from '../database/schema.ts';
import { readSetting, settingValue } from '../database/settings.ts';

/** Whether the operators have paused all calls. `since` is ISO 8601, UTC. */
export interface PauseState {
  paused: boolean;
  /** When the last pause began or ended. */
  since: string | null;
  /** Who began or ended it. */
  by: string | null;
}

/** The setting that all replicas read; nothing else says whether calls are paused. */
export const PAUSE = 'pause';

export async function readPause(sql: Sql, lock?: 'share' | 'update'): Promise<PauseState> {
  return pauseIn(await readSetting(sql, PAUSE, lock));
}

/** The pause as an expression: pass its value to `pauseIn`. */
export const pauseQuestion = settingValue(PAUSE);

export function pauseIn(value: unknown): PauseState {
  const { paused, since, by }: Record<string, unknown> = { ...(typeof value === 'object' ? value : null) };
  return {
    paused: paused === true,
    since: typeof since === 'string' ? since : null,
    by: typeof by === 'string' ? by : null,
  };
}

/**
 * Reads the pause for a transaction that stores a decision about it. If the pause differs from what is stored (`known`), it
 * is locked until the transaction ends, so that a change of the pause finds everything that waits.
 */
export async function meetPause(sql: Sql, known: boolean): Promise<PauseState> {
  const pause = await readPause(sql);
  return pause.paused === known ? pause : await readPause(sql, 'share');
}
