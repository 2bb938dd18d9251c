import type { CallService } from '../calls/callService.ts';
import { PAUSE, readPause, type PauseState } from '../calls/pause.ts';
import { timeNow, type Clock } from '../clock.ts';
import type { Sql } from '../database/schema.ts';
import { putSetting } from '../database/settings.ts';
import type { Transact, Work } from '../database/work.ts';
import type { EscalationService } from '../escalations/escalationService.ts';

/** What holds now, and whether it was otherwise before. */
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

/** Takes part in the change. */
type PauseListener = (work: Work, by: string, paused: boolean) => Promise<void>;

const RUNNING: PauseState = { paused: false, since: null, by: null };

/**
 * While it is on no new call is sent, by any replica; what is asked for is taken, and waits. Calls that are out go on.
 * Calls and escalations read it in the transactions that move them. A change of it wakes those that wait, or have to.
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

  /** @param by name of who does it. Pausing again changes nothing. @returns what holds then */
  async pause(by: string): Promise<Paused> {
    return await this.#set(true, by);
  }

  async resume(by: string): Promise<Paused> {
    return await this.#set(false, by);
  }

  /** Wakes what does not stand as the pause says: the version before copied it, and could leave copies behind. */
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

/** Who ended the last pause is told where it waited. */
function shown(state: PauseState): PauseState {
  return state.paused ? state : RUNNING;
}
