import { sql } from 'kysely';
import type { Logger } from 'pino';
import { oldIntake } from '../alerts/upkeep.ts';
import { dropMessages, oldCalls } from '../calls/upkeep.ts';
import { oldCards, oldMessages } from '../chat/upkeep.ts';
import type { Clock } from '../clock.ts';
import type { Jobs } from '../database/jobRunner.ts';
import type { Database } from '../database/open.ts';
import type { Sql } from '../database/schema.ts';
import { putSetting, readSetting } from '../database/settings.ts';
import type { Transact } from '../database/transaction.ts';
import { oldEscalations } from '../escalations/upkeep.ts';
import { unusedCalendarLinks } from '../schedules/calendarLinks.ts';
import { oldCalendars } from '../schedules/calendarStore.ts';
import { oldCovers, oldExchanges } from '../schedules/upkeep.ts';
import { oldAnswers } from '../http/api/idempotency.ts';
import { oldLanguages } from '../languages/upkeep.ts';
import { oldAudit } from '../permissions/audit.ts';
import { oldLinks } from '../talk/linkStore.ts';
import { oldGridEvents } from '../telephony/gridEventStore.ts';
import { oldDeliveries } from '../webhooks/upkeep.ts';

interface Parts {
  database: Pick<Database, 'sql' | 'vacuum'>;
  transact: Transact;
  jobs: Jobs;
  clock: Clock;
  log: Logger;
  /** Read each time: the file may have been reloaded. */
  retentionDays: () => number;
  /** Whether to keep the text of spoken messages after their calls. */
  keepMessages?: () => boolean;
  /** Removes identities that the previous version left. @returns how many */
  identities?: () => Promise<number>;
  /** Checks escalations that should close but have no deadline. */
  wakeForgotten?: () => Promise<void>;
}

const DAY_MS = 86_400_000;
const INTERVAL_MS = 3_600_000;
/** Small enough that no statement holds locks for long, and the embedded database can do other work in between. */
const BATCH = 500;
/** Teams may redeliver an activity within a minute; older ones cannot come again. */
const ACTIVITIES_KEPT_MS = DAY_MS;
const JOB = 'housekeeping';

/** Deletes what is older than `retentionDays`, hourly. One process does it for all. */
export function registerRetention(parts: Parts): { start(): Promise<void> } {
  const { transact, jobs, clock, log } = parts;
  const { sql: db, vacuum } = parts.database;
  const plan = async (): Promise<void> => {
    const dueAt = clock.now() + INTERVAL_MS;
    await transact(async (work) => {
      await putSetting(work.sql, JOB, { dueAt });
      work.enqueue({ name: JOB, data: {}, dueAt });
    });
  };
  const clean = async (): Promise<void> => {
    await parts.wakeForgotten?.();
    if (!(parts.keepMessages?.() ?? true)) await dropMessages(db, clock.now());
    const left = await parts.identities?.();
    const removed = (await sweep(db, clock.now(), parts.retentionDays())) + (left ?? 0);
    if (removed === 0) return;
    await vacuum?.();
    log.info({ removed }, 'removed old data');
  };
  jobs.handle(JOB, {
    run: async () => {
      await clean();
      await plan();
    },
  });
  return {
    async start() {
      const dueAt = Number((await readSetting(db, JOB))?.['dueAt'] ?? 0);
      // Never scheduled, or its job was lost long ago.
      if (dueAt < clock.now() - INTERVAL_MS) await plan();
    },
  };
}

/**
 * Deletes everything that is too old, in batches.
 *
 * @returns how many rows (not counting those deleted along with a call or escalation)
 */
export async function sweep(db: Sql, now: number, retentionDays: number): Promise<number> {
  const before = new Date(now - retentionDays * DAY_MS);
  const recent = new Date(now - ACTIVITIES_KEPT_MS);
  const statements = [
    ...oldCards(before, BATCH),
    oldCalls(before, BATCH),
    oldGridEvents(before, BATCH),
    oldEscalations(before, BATCH),
    ...oldCovers(before, BATCH),
    oldCalendars(before, BATCH),
    oldExchanges(before, BATCH),
    unusedCalendarLinks(before, BATCH),
    oldAudit(before, BATCH),
    oldLanguages(before, BATCH),
    oldIntake(before, BATCH),
    oldDeliveries(before, BATCH),
    sql`DELETE FROM operator_notices WHERE id IN (SELECT id FROM operator_notices WHERE coalesce(told_at, at) < ${before} LIMIT ${BATCH})`,
    ...oldMessages(recent, BATCH),
    oldLinks(recent, BATCH),
    oldAnswers(recent, BATCH),
  ];
  let removed = 0;
  for (const statement of statements) {
    for (;;) {
      const { numAffectedRows } = await statement.execute(db);
      const count = Number(numAffectedRows ?? 0n);
      removed += count;
      if (count < BATCH) break;
    }
  }
  return removed;
}
