import type { Logger } from 'pino';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { Jobs } from '../database/jobs.ts';
import type { Transact, Work } from '../database/work.ts';
import { textsFor } from '../texts/texts.ts';
import type { AlertService } from './alertService.ts';
import { lockPolicy } from './alertStore.ts';
import { hearing, HEARD_EVERY_MS, missedAt, type Heard } from './heartbeatGrace.ts';

/** One that is expected: `every` in milliseconds. */
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
  alerts: Pick<AlertService, 'takeIn'>;
  /** Those of the file as it is now. */
  expected: () => readonly Heartbeat[];
  /** That of a policy; undefined if it has none. */
  languageOf: (policy: string) => string | undefined;
}

const JOB = 'heartbeat.due';
const SOURCE = 'heartbeats';
/** Since when silence counts. */
const HEARD = 'heartbeatsHeard';
const heardSchema = z.object({
  at: z.number(),
  grace: z.record(z.string(), z.object({ from: z.number(), lostMs: z.number() })),
});

/** Signs of life. When one does not come in time it is an alert; the next one resolves it. */
export class Heartbeats {
  readonly #parts: Parts;
  #ear: unknown = null;

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.jobs.handle(JOB, {
      run: async ({ name, at }) => await this.#due(name, at),
    });
  }

  find(name: string): Heartbeat | null {
    return this.#parts.expected().find((heartbeat) => heartbeat.name === name) ?? null;
  }

  async start(): Promise<void> {
    const { clock, log, expected } = this.#parts;
    await this.watch();
    this.#ear ??= clock.setInterval(() => {
      if (expected().length === 0) return;
      this.#hear().catch((error: unknown) => log.debug({ err: error }, 'heartbeats cannot be heard now'));
    }, HEARD_EVERY_MS);
  }

  stop(): void {
    if (this.#ear !== null) this.#parts.clock.clearInterval(this.#ear);
    this.#ear = null;
  }

  /** Waits for those of the file: for what is new from now on, for the others as long as it says now. */
  async watch(): Promise<void> {
    const { transact, clock, expected } = this.#parts;
    const { grace } = await this.#hear();
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
        if (fresh) return lookAt(work, name, fromNow.getTime());
        const row = await work.sql
          .selectFrom('heartbeats')
          .selectAll()
          .where('name', '=', name)
          .forUpdate()
          .executeTakeFirst();
        if (!row || row.silent) return;
        // A job looks at it no later than it would have; what was not late before is not late at once.
        const planned = missedAt(row, every, grace[name]);
        const due = row.last_at ? planned : Math.min(planned, fromNow.getTime());
        const soon = due > now ? due : fromNow.getTime();
        if (row.alarm_at !== null && row.alarm_at.getTime() <= soon) return;
        const at = new Date(soon);
        await work.sql
          .updateTable('heartbeats')
          .set({ due_at: at, alarm_at: at })
          .where('name', '=', name)
          .execute();
        lookAt(work, name, soon);
      });
    }
  }

  /** Says that they can be heard now, and since when silence counts. */
  async #hear(): Promise<Heard> {
    const { transact, clock, expected } = this.#parts;
    return await transact(async (work) => {
      const row = await work.sql
        .selectFrom('settings')
        .select('value')
        .where('name', '=', HEARD)
        .forUpdate()
        .executeTakeFirst();
      const known = await work.sql.selectFrom('heartbeats').select(['name', 'last_at']).execute();
      const lastAt = new Map(known.map(({ name, last_at: at }) => [name, at?.getTime() ?? null]));
      const before = heardSchema.safeParse(row?.value);
      const heard = hearing(
        before.success ? before.data : null,
        clock.now(),
        expected().map(({ name }) => ({ name, lastAt: lastAt.get(name) ?? null })),
      );
      const value = JSON.stringify(heard);
      await work.sql
        .insertInto('settings')
        .values({ name: HEARD, value })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
        .execute();
      return heard;
    });
  }

  /** @returns when the next one is due, epoch milliseconds */
  async beat({ name, every, policy }: Heartbeat): Promise<number> {
    const { transact, clock, alerts } = this.#parts;
    const now = clock.now();
    const next = now + every;
    await transact(async (work) => {
      // The policy before the row: silence is dealt with in the same order.
      await lockPolicy(work.sql, policy);
      const known = await work.sql
        .selectFrom('heartbeats')
        .selectAll()
        .where('name', '=', name)
        .forUpdate()
        .executeTakeFirst();
      // A look that comes too early plans the next one.
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
      if (!planned) lookAt(work, name, next);
      if (!known?.silent) return;
      const signals = [{ action: 'resolve' as const, dedupKey: name }];
      await alerts.takeIn(work, policy, [{ source: SOURCE, sender: name, signals }]);
    });
    return next;
  }

  async #due(name: string, at: number): Promise<void> {
    const { transact, clock, alerts } = this.#parts;
    const heartbeat = this.find(name);
    // Its time may have run out while nothing could be heard.
    const { grace } = await this.#hear();
    await transact(async (work) => {
      if (heartbeat) await lockPolicy(work.sql, heartbeat.policy);
      const row = await work.sql
        .selectFrom('heartbeats')
        .selectAll()
        .where('name', '=', name)
        .forUpdate()
        .executeTakeFirst();
      // Another look has been planned in its place.
      if (row?.alarm_at?.getTime() !== at) return;
      if (!heartbeat) {
        // It is not in the file any more: should it come back, it is a new one.
        await work.sql.deleteFrom('heartbeats').where('name', '=', name).execute();
        return;
      }
      const { every, policy } = heartbeat;
      const due = missedAt(row, every, grace[name]);
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
        lookAt(work, name, due);
        return;
      }
      const { alerts: texts } = textsFor(this.#parts.languageOf(policy));
      const lastAt = row.last_at?.toISOString() ?? null;
      const signal = {
        action: 'open' as const,
        dedupKey: name,
        summary: texts.silent({ name, everySeconds: every / 1000 }),
        details: texts.silentDetails({ lastAt }),
        severity: 'critical' as const,
        links: [],
        group: null,
      };
      await alerts.takeIn(work, policy, [{ source: SOURCE, sender: name, signals: [signal] }]);
    });
  }
}

function lookAt(work: Work, name: string, at: number): void {
  work.enqueue({ name: JOB, data: { name, at }, dueAt: at });
}
