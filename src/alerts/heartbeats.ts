import type { Logger } from 'pino';
import { sql as raw, type RawBuilder } from 'kysely';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Jobs } from '../database/jobRunner.ts';
import { putSetting, readSetting } from '../database/settings.ts';
import type { Sql } from '../database/schema.ts';
import type { Transact, Work } from '../database/transaction.ts';
import { textsFor } from '../texts/texts.ts';
import type { AlertService } from './alertService.ts';
import { dueAt, RECORD_EVERY_MS, recordListening, type Listening } from './heartbeatGrace.ts';
import { lockPolicy } from './policyLocks.ts';

/** A heartbeat of ringdown.yaml. `every` is in milliseconds. */
export interface Heartbeat {
  name: string;
  every: number;
  policy: string;
}

interface Parts {
  transact: Transact;
  jobs: Jobs;
  clock: Clock;
  log: Logger;
  alerts: Pick<AlertService, 'applyIn'>;
  /** The heartbeats of ringdown.yaml as it is now. */
  expected: () => readonly Heartbeat[];
  /** The language of a policy, or of the file; undefined if neither names one. */
  languageOf: (policy: string) => string | undefined;
}

const JOB = 'heartbeat.due';
const SOURCE = 'heartbeats';
/** The setting with the last record of listening. */
const LISTENING = 'heartbeatsHeard';
const listeningSchema = z.object({
  at: z.number(),
  grace: z.record(z.string(), z.object({ from: z.number(), lostMs: z.number() })),
});

/** Heartbeats: a late one opens an alert, and its next beat resolves the alert. */
export class Heartbeats {
  readonly #parts: Parts;
  #recording: unknown = null;

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.jobs.handle(JOB, {
      run: async ({ name, at }) => await this.#check(name, at),
    });
  }

  find(name: string): Heartbeat | null {
    return this.#parts.expected().find((heartbeat) => heartbeat.name === name) ?? null;
  }

  async start(): Promise<void> {
    const { clock, log, expected } = this.#parts;
    await this.watch();
    this.#recording ??= clock.setInterval(() => {
      if (expected().length === 0) return;
      this.#recordListening().catch((error: unknown) =>
        log.debug({ err: error }, 'heartbeats cannot be received: the database does not answer'),
      );
    }, RECORD_EVERY_MS);
  }

  stop(): void {
    if (this.#recording !== null) this.#parts.clock.clearInterval(this.#recording);
    this.#recording = null;
  }

  /** Applies ringdown.yaml: starts to expect new heartbeats, and moves the deadlines of those whose `every` changed. */
  async watch(): Promise<void> {
    const { transact, clock, expected } = this.#parts;
    const { grace } = await this.#recordListening();
    for (const { name, every } of expected()) {
      await transact(async (work) => {
        const now = clock.now();
        const fromNow = new Date(now + every);
        const fresh = await work.sql
          .insertInto('heartbeats')
          .values({ name, due_at: fromNow, alarm_at: fromNow, silent: false })
          .onConflict((conflict) => conflict.doNothing())
          .returning('name')
          .executeTakeFirst();
        if (fresh) return scheduleCheck(work, name, fromNow.getTime());
        const row = await work.sql
          .selectFrom('heartbeats')
          .selectAll()
          .where('name', '=', name)
          .forUpdate()
          .executeTakeFirst();
        if (!row || row.silent) return;
        // The check moves forward if need be, but a heartbeat that was on time does not become late at once.
        const planned = dueAt(row, every, grace[name]);
        const due = row.last_at ? planned : Math.min(planned, fromNow.getTime());
        const soon = due > now ? due : fromNow.getTime();
        if (row.alarm_at !== null && row.alarm_at.getTime() <= soon) return;
        const at = new Date(soon);
        await work.sql
          .updateTable('heartbeats')
          .set({ due_at: at, alarm_at: at })
          .where('name', '=', name)
          .execute();
        scheduleCheck(work, name, soon);
      });
    }
  }

  /** Records that this process can receive heartbeats. */
  async #recordListening(): Promise<Listening> {
    const { transact, clock, expected } = this.#parts;
    return await transact(async (work) => {
      const before = await readListening(work.sql, 'update');
      const known = await work.sql.selectFrom('heartbeats').select(['name', 'last_at']).execute();
      const lastAt = new Map(known.map(({ name, last_at: at }) => [name, at?.getTime() ?? null]));
      const listening = recordListening(
        before,
        clock.now(),
        expected().map(({ name }) => ({ name, lastAt: lastAt.get(name) ?? null })),
      );
      await putSetting(work.sql, LISTENING, listening);
      return listening;
    });
  }

  /** @returns when the next beat is due, epoch milliseconds */
  async beat({ name, every, policy }: Heartbeat): Promise<number> {
    const { transact, clock, alerts } = this.#parts;
    const now = clock.now();
    const next = now + every;
    await transact(async (work) => {
      // The policy before the row: `#check` locks in the same order.
      await lockPolicy(work.sql, policy);
      const known = await work.sql
        .selectFrom('heartbeats')
        .selectAll()
        .where('name', '=', name)
        .forUpdate()
        .executeTakeFirst();
      // A check that runs too early schedules the next one.
      const planned = known?.alarm_at && known.alarm_at.getTime() <= next ? known.alarm_at : null;
      const row = {
        last_at: new Date(now),
        due_at: new Date(next),
        alarm_at: planned ?? new Date(next),
        silent: false,
      };
      await work.sql
        .insertInto('heartbeats')
        .values({ name, ...row })
        .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
        .execute();
      if (!planned) scheduleCheck(work, name, next);
      if (!known?.silent) return;
      const signals = [{ action: 'resolve' as const, dedupKey: name }];
      await alerts.applyIn(work, policy, [{ source: SOURCE, sender: name, signals }]);
    });
    return next;
  }

  async #check(name: string, at: number): Promise<void> {
    const { transact, clock, alerts } = this.#parts;
    const heartbeat = this.find(name);
    // It may be late only because of an outage.
    const { grace } = await this.#recordListening();
    await transact(async (work) => {
      if (heartbeat) await lockPolicy(work.sql, heartbeat.policy);
      const row = await work.sql
        .selectFrom('heartbeats')
        .selectAll()
        .where('name', '=', name)
        .forUpdate()
        .executeTakeFirst();
      // Another check has replaced this one.
      if (row?.alarm_at?.getTime() !== at) return;
      if (!heartbeat) {
        // It is no longer in the file. If it returns, it is a new one.
        await work.sql.deleteFrom('heartbeats').where('name', '=', name).execute();
        return;
      }
      const { every, policy } = heartbeat;
      const due = dueAt(row, every, grace[name]);
      const isDue = due <= clock.now();
      await work.sql
        .updateTable('heartbeats')
        .set({
          due_at: new Date(due),
          alarm_at: isDue ? null : new Date(due),
          silent: isDue || row.silent,
        })
        .where('name', '=', name)
        .execute();
      if (!isDue) {
        scheduleCheck(work, name, due);
        return;
      }
      const texts = textsFor(this.#parts.languageOf(policy));
      const lastAt = row.last_at?.toISOString() ?? null;
      const signal = {
        action: 'open' as const,
        dedupKey: name,
        summary: texts.alerts.silent({ name, duration: texts.format.duration(every / 1000) }),
        details: texts.alerts.silentDetails({ lastAt }),
        severity: 'critical' as const,
        links: [],
        group: null,
      };
      await alerts.applyIn(work, policy, [{ source: SOURCE, sender: name, signals: [signal] }]);
    });
  }
}

/** How a heartbeat of the file stands. Times are epoch milliseconds. */
export interface HeartbeatState extends Heartbeat {
  lastAt: number | null;
  dueAt: number;
  /** It is late, and an alert says so. */
  silent: boolean;
}

/** How these heartbeats stand. Changes nothing. */
export async function heartbeatStates(
  sql: Sql,
  expected: readonly Heartbeat[],
  now: number,
): Promise<HeartbeatState[]> {
  if (expected.length === 0) return [];
  const [rows, listening] = await Promise.all([
    sql.selectFrom('heartbeats').selectAll().execute(),
    readListening(sql),
  ]);
  const known = new Map(rows.map((row) => [row.name, row]));
  return expected.map((heartbeat) => {
    const { name, every } = heartbeat;
    const row = known.get(name);
    return {
      ...heartbeat,
      lastAt: row?.last_at?.getTime() ?? null,
      dueAt: row ? dueAt(row, every, listening?.grace[name]) : now + every,
      silent: row?.silent ?? false,
    };
  });
}

async function readListening(sql: Sql, lock?: 'update'): Promise<Listening | null> {
  return listeningSchema.safeParse(await readSetting(sql, LISTENING, lock)).data ?? null;
}

function scheduleCheck(work: Work, name: string, at: number): void {
  work.enqueue({ name: JOB, data: { name, at }, dueAt: at });
}

/** An expression that differs when a heartbeat has arrived, is late, or has another deadline. */
export const heartbeatsToken: RawBuilder<unknown> = raw`(SELECT sum(hashtextextended(
  concat_ws(' ', name, last_at, due_at, silent), 0)) FROM heartbeats)`;
