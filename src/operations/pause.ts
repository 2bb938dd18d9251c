import type { CallService } from '../calls/callService.ts';
import { PAUSE, readPause, type PauseState } from '../calls/pause.ts';
import { timeNow, type Clock } from '../clock.ts';
import type { Sql } from '../database/schema.ts';
import { putSetting } from '../database/settings.ts';
import type { Transact, Work } from '../database/transaction.ts';
import type { EscalationService } from '../escalations/escalationService.ts';

/** The state after the request, and whether the request changed it. */
interface Paused {
  state: PauseState;
  changed: boolean;
}

interface Parts {
  sql: Sql;
  transact: Transact;
  clock: Clock;
  calls: CallService;
  escalations: EscalationService;
}

/** Runs in the transaction of the change. */
type PauseListener = (work: Work, by: string, paused: boolean) => Promise<void>;

const RUNNING: PauseState = { paused: false, since: null, by: null };

/**
 * While paused, no replica sends a new call: requests are accepted and wait. Calls in progress continue. Calls and
 * escalations read the pause in their own transactions. A change wakes those that are affected.
 */
export class Pause {
  readonly #parts: Parts;
  readonly #listeners: PauseListener[] = [];

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  listen(listener: PauseListener): void {
    this.#listeners.push(listener);
  }

  async state(): Promise<PauseState> {
    return shown(await readPause(this.#parts.sql));
  }

  /** Pausing twice changes nothing. @param by name of the person who pauses. @returns the new state */
  async pause(by: string): Promise<Paused> {
    return await this.#set(true, by);
  }

  async resume(by: string): Promise<Paused> {
    return await this.#set(false, by);
  }

  /**
   * Wakes everything that disagrees with the pause: the previous version stored copies of it, and may have left some
   * behind.
   */
  async settle(): Promise<void> {
    await this.#parts.transact(async (work) => {
      const { paused } = await readPause(work.sql);
      await this.#wake(work, paused);
    });
  }

  async #set(paused: boolean, by: string): Promise<Paused> {
    const { transact, clock } = this.#parts;
    return await transact(async (work) => {
      const before = await readPause(work.sql, 'update');
      if (before.paused === paused) return { state: shown(before), changed: false };
      const state: PauseState = { paused, since: timeNow(clock), by };
      await putSetting(work.sql, PAUSE, state);
      await this.#wake(work, paused);
      for (const listener of this.#listeners) await listener(work, by, paused);
      return { state: shown(state), changed: true };
    });
  }

  async #wake(work: Work, paused: boolean): Promise<void> {
    await this.#parts.escalations.meetPauseIn(work, paused);
    if (!paused) await this.#parts.calls.dialling.dialAgainIn(work, { waitFor: 'paused' });
  }
}

/** Hides who ended the last pause: only a current pause shows a person. */
function shown(state: PauseState): PauseState {
  return state.paused ? state : RUNNING;
}
