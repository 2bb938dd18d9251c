import { sql, type Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Jobs } from '../database/jobs.ts';
import type { Database } from '../database/open.ts';
import type { Schema } from '../database/schema.ts';
import type { Transact } from '../database/work.ts';

interface Parts {
  database: Pick<Database, 'sql' | 'vacuum'>;
  transact: Transact;
  jobs: Jobs;
  clock: Clock;
  log: Logger;
  /** Read anew each time: the file may have been re-read. */
  retentionDays: () => number;
  /** Whether messages that were spoken are kept after their calls. */
  keepMessages?: () => boolean;
  /** Removes identities that the version before has left. @returns how many */
  identities?: () => Promise<number>;
  /** Looks at what waits to be closed, and at which no deadline looks. */
  wakeForgotten?: () => Promise<void>;
}

const DAY_MS = 86_400_000;
const INTERVAL_MS = 3_600_000;
/** Small enough that no statement holds locks for long, and the embedded database's own process goes on between them. */
const BATCH = 500;
/** Teams delivers an activity again within a minute; what is older cannot come again. */
const ACTIVITIES_KEPT_MS = DAY_MS;
const JOB = 'housekeeping';

/** Removes what is older than `retentionDays`, hourly, by whichever process comes to it first. */
export function registerRetention(parts: Parts): { start(): Promise<void> } {
  const { transact, jobs, clock, log } = parts;
  const { sql: db, vacuum } = parts.database;
  const plan = async (): Promise<void> => {
    const dueAt = clock.now() + INTERVAL_MS;
    const value = JSON.stringify({ dueAt });
    await transact(async (work) => {
      await work.sql
        .insertInto('settings')
        .values({ name: JOB, value })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
        .execute();
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
    log.info({ removed }, 'what was too old was removed');
  };
  jobs.handle(JOB, {
    run: async () => {
      await clean();
      await plan();
    },
  });
  return {
    async start() {
      const row = await db.selectFrom('settings').select('value').where('name', '=', JOB).executeTakeFirst();
      const dueAt = row && 'dueAt' in row.value ? Number(row.value.dueAt) : 0;
      // Never planned, or its job was lost long ago.
      if (dueAt < clock.now() - INTERVAL_MS) await plan();
    },
  };
}

/** A call that was given up may still be found again, and then speaks its message. */
const MESSAGE_KEPT_MS = 15 * 60_000;

/** Deletes the messages of calls that are over. */
export async function dropMessages(db: Kysely<Schema>, now: number): Promise<void> {
  const before = new Date(now - MESSAGE_KEPT_MS);
  for (;;) {
    const { numAffectedRows } = await sql`UPDATE calls SET purpose = purpose || '{"message": ""}'::jsonb
      WHERE id IN (SELECT id FROM calls WHERE status = 'ended' AND ended_at < ${before}
        AND purpose ->> 'message' <> '' LIMIT ${BATCH})`.execute(db);
    if (Number(numAffectedRows ?? 0n) < BATCH) return;
  }
}

/**
 * Removes everything that is too old, in batches.
 *
 * @returns how many rows (those that go with a call or an escalation not counted)
 */
export async function sweep(db: Kysely<Schema>, now: number, retentionDays: number): Promise<number> {
  const before = new Date(now - retentionDays * DAY_MS);
  const recent = new Date(now - ACTIVITIES_KEPT_MS);
  const statements = [
    // Cards first: they are found by the call that they show.
    sql`DELETE FROM cards WHERE id IN (SELECT cards.id FROM cards WHERE cards.created_at < ${before} LIMIT ${BATCH})`,
    sql`DELETE FROM card_deliveries WHERE (subject, audience) IN (SELECT subject, audience FROM card_deliveries WHERE created_at < ${before} LIMIT ${BATCH})`,
    sql`DELETE FROM calls WHERE id IN (SELECT id FROM calls WHERE status = 'ended' AND ended_at < ${before} LIMIT ${BATCH})`,
    sql`DELETE FROM grid_events WHERE (source, event_id) IN (SELECT source, event_id FROM grid_events WHERE received_at < ${before} LIMIT ${BATCH})`,
    sql`DELETE FROM escalations WHERE id IN (SELECT id FROM escalations WHERE ended_at < ${before} LIMIT ${BATCH})`,
    sql`DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < ${before} LIMIT ${BATCH})`,
    sql`DELETE FROM intake WHERE seq IN (SELECT seq FROM intake WHERE status <> 'waiting' AND worked_at < ${before} LIMIT ${BATCH})`,
    sql`DELETE FROM webhook_deliveries WHERE seq IN (SELECT seq FROM webhook_deliveries WHERE status <> 'waiting' AND ended_at < ${before} LIMIT ${BATCH})`,
    sql`DELETE FROM operator_notices WHERE id IN (SELECT id FROM operator_notices WHERE coalesce(told_at, at) < ${before} LIMIT ${BATCH})`,
    sql`DELETE FROM chat_activities WHERE key IN (SELECT key FROM chat_activities WHERE at < ${recent} LIMIT ${BATCH})`,
    sql`DELETE FROM talk_links WHERE hash IN (SELECT hash FROM talk_links JOIN calls ON calls.id = call_id WHERE calls.ended_at < ${recent} LIMIT ${BATCH})`,
    sql`DELETE FROM choices WHERE id IN (SELECT id FROM choices WHERE created_at < ${recent} LIMIT ${BATCH})`,
    sql`DELETE FROM idempotency WHERE (scope, key) IN (SELECT scope, key FROM idempotency WHERE created_at < ${recent} LIMIT ${BATCH})`,
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
