import type { Kysely } from 'kysely';
import type { CallListener } from '../calls/callService.ts';
import { DEFERRED_RETRY_MS } from '../calls/lifecycle.ts';
import type { Clock } from '../clock.ts';
import type { Jobs } from '../database/jobs.ts';
import type { Schema } from '../database/schema.ts';
import { storableJson } from '../database/storable.ts';
import type { Transact, Work } from '../database/work.ts';
import type { EscalationService } from '../escalations/escalationService.ts';

/** The operator's stop. `since` is ISO 8601, UTC. */
export interface PauseState {
  paused: boolean;
  since: string | null;
  by: string | null;
}

/** What holds now, and whether it was otherwise before. */
interface Paused {
  state: PauseState;
  changed: boolean;
}

interface Parts {
  sql: Kysely<Schema>;
  transact: Transact;
  jobs: Jobs;
  clock: Clock;
  escalations: EscalationService;
  /** Takes part in the change: operators are told of it. */
  changed?: (work: Work, by: string, paused: boolean) => Promise<void>;
}

const SETTING = 'pause';
const SPREAD = 'pause.spread';
const HOLD = 'pause.hold';
const BATCH = 100;
const RUNNING: PauseState = { paused: false, since: null, by: null };

/**
 * While it is on no new call is sent, by any replica; what is asked for is taken, and waits. Calls that are out go on.
 * Every open escalation is held and let go, so that whoever sees its card reads why nothing moves.
 */
export class Pause {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.jobs.handle(SPREAD, { run: async (data) => await this.#spread(String(data['by'])) });
    parts.jobs.handle(HOLD, {
      run: async (data) => {
        if (await this.isPaused()) await parts.escalations.halt(String(data['id']), String(data['by']));
      },
    });
    parts.escalations.listen({
      changed: async (work, { id, ladder }, timeline) => {
        if (ladder.status !== 'open' || ladder.halted) return;
        const begins = timeline.some(({ type }) => type === 'opened' || type === 'startedAgain');
        if (!begins) return;
        const { paused, by } = await read(work.sql);
        if (paused) work.enqueue({ name: HOLD, data: { by: by ?? '', id } });
      },
    });
  }

  async state(): Promise<PauseState> {
    return await read(this.#parts.sql);
  }

  async isPaused(): Promise<boolean> {
    return (await this.state()).paused;
  }

  /** Keeps calls from being sent. What waits is looked at again by itself, should a resume have missed it. */
  holdsCalls(): CallListener {
    return {
      mayDial: async (work) => {
        const until = this.#parts.clock.now() + DEFERRED_RETRY_MS;
        return (await read(work.sql)).paused ? { reason: 'paused', until } : true;
      },
    };
  }

  /** @param by name of who does it. Pausing again changes nothing. @returns what holds then */
  async pause(by: string): Promise<Paused> {
    return await this.#set({ paused: true, since: this.#now(), by }, by);
  }

  async resume(by: string): Promise<Paused> {
    return await this.#set(RUNNING, by);
  }

  async #set(state: PauseState, by: string): Promise<Paused> {
    return await this.#parts.transact(async (work) => {
      const before = await read(work.sql, true);
      if (before.paused === state.paused) return { state: before, changed: false };
      const value = storableJson(state);
      await work.sql
        .insertInto('settings')
        .values({ name: SETTING, value })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
        .execute();
      work.enqueue({ name: SPREAD, data: { by }, priority: 20 });
      await this.#parts.changed?.(work, by, state.paused);
      return { state, changed: true };
    });
  }

  /** Brings escalations and calls to what holds now: a pause may have ended before all was held. */
  async #spread(by: string): Promise<void> {
    const { paused } = await this.state();
    await this.#spreadEscalations(paused, by);
    if (!paused) await this.#dialAgain();
  }

  async #spreadEscalations(paused: boolean, by: string): Promise<void> {
    const { sql, escalations } = this.#parts;
    for (let last = ''; ;) {
      const rows = await sql
        .selectFrom('escalations')
        .select(['id', 'ladder'])
        .where('status', '=', 'open')
        .where('id', '>', last)
        .orderBy('id')
        .limit(BATCH)
        .execute();
      for (const { id, ladder } of rows) {
        if (ladder.halted === paused) continue;
        await (paused ? escalations.halt(id, by) : escalations.resume(id, by));
      }
      if (rows.length < BATCH) return;
      last = rows.at(-1)?.id ?? '';
    }
  }

  /** Those that were not sent meanwhile; each would come by itself too, half a minute later at most. */
  async #dialAgain(): Promise<void> {
    const { sql, transact } = this.#parts;
    const rows = await sql
      .selectFrom('calls')
      .select(['id', 'escalation_id', 'facts'])
      .where('status', '=', 'queued')
      .orderBy('created_at')
      .execute();
    const waiting = rows.filter(({ facts }) => facts.deferred?.reason === 'paused');
    await transact((work) => {
      for (const { id, escalation_id: escalation } of waiting) dial(work, id, escalation !== null);
    });
  }

  #now(): string {
    return new Date(this.#parts.clock.now()).toISOString();
  }
}

function dial(work: Work, callId: string, urgent: boolean): void {
  work.enqueue({ name: 'call.dial', data: { callId }, priority: urgent ? 10 : 0 });
}

async function read(sql: Kysely<Schema>, forUpdate = false): Promise<PauseState> {
  let select = sql.selectFrom('settings').select('value').where('name', '=', SETTING);
  if (forUpdate) select = select.forUpdate();
  const value = (await select.executeTakeFirst())?.value;
  if (!value || !('paused' in value) || value.paused !== true) return RUNNING;
  return {
    paused: true,
    since: 'since' in value ? String(value.since) : null,
    by: 'by' in value ? String(value.by) : null,
  };
}
