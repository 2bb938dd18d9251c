import type { Clock } from '../clock.ts';
import type { Jobs } from '../database/jobs.ts';
import type { Transact, Work } from '../database/work.ts';
import { textsFor } from '../texts/texts.ts';
import type { AlertService } from './alertService.ts';
import { lockPolicy } from './alertStore.ts';

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
  alerts: AlertService;
  /** Those of the file as it is now. */
  expected: () => readonly Heartbeat[];
  /** That of a policy; undefined if it has none. */
  languageOf: (policy: string) => string | undefined;
}

const JOB = 'heartbeat.due';
const SOURCE = 'heartbeats';

/** Signs of life. When one does not come in time it is an alert; the next one resolves it. */
export class Heartbeats {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.jobs.handle(JOB, {
      run: async (data) => await this.#due(String(data['name']), Number(data['at'])),
    });
  }

  find(name: string): Heartbeat | null {
    return this.#parts.expected().find((heartbeat) => heartbeat.name === name) ?? null;
  }

  /** Waits for those that are new in the file, from now on. */
  async watch(): Promise<void> {
    for (const { name, every } of this.#parts.expected()) {
      await this.#parts.transact(async (work) => {
        const dueAt = this.#parts.clock.now() + every;
        const fresh = await work.sql
          .insertInto('heartbeats')
          .values({ name, due_at: new Date(dueAt), alarm_at: new Date(dueAt), silent: false })
          .onConflict((conflict) => conflict.doNothing())
          .returning('name')
          .executeTakeFirst();
        if (fresh) lookAt(work, name, dueAt);
      });
    }
  }

  /** @returns when the next one is due, epoch milliseconds */
  async beat({ name, every, policy }: Heartbeat): Promise<number> {
    const { transact, clock, alerts } = this.#parts;
    const now = clock.now();
    const dueAt = now + every;
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
      const planned = known?.alarm_at && known.alarm_at.getTime() <= dueAt ? known.alarm_at : null;
      const row = {
        last_at: new Date(now),
        due_at: new Date(dueAt),
        alarm_at: planned ?? new Date(dueAt),
        silent: false,
      };
      await work.sql
        .insertInto('heartbeats')
        .values({ name, ...row })
        .onConflict((conflict) => conflict.column('name').doUpdateSet(row))
        .execute();
      if (!planned) lookAt(work, name, dueAt);
      if (!known?.silent) return;
      const signals = [{ action: 'resolve' as const, dedupKey: name }];
      await alerts.takeIn(work, policy, [{ source: SOURCE, sender: name, signals }]);
    });
    return dueAt;
  }

  async #due(name: string, at: number): Promise<void> {
    const { transact, clock, alerts } = this.#parts;
    const heartbeat = this.find(name);
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
      // `every` may have been changed in the file.
      const dueAt = row.last_at ? row.last_at.getTime() + every : row.due_at.getTime();
      const isDue = dueAt <= clock.now();
      await work.sql
        .updateTable('heartbeats')
        .set({
          due_at: new Date(dueAt),
          alarm_at: isDue ? null : new Date(dueAt),
          silent: isDue || row.silent,
        })
        .where('name', '=', name)
        .execute();
      if (!isDue) {
        lookAt(work, name, dueAt);
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
