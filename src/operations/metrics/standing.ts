import { sql } from 'kysely';
import { waitingAlerts } from '../../alerts/upkeep.ts';
import { pauseQuestion } from '../../calls/pause.ts';
import { openCalls } from '../../calls/upkeep.ts';
import { inTime, type Clock } from '../../clock.ts';
import type { Sql } from '../../database/schema.ts';
import { standingJobs } from '../../database/standing.ts';
import { standingEscalations } from '../../escalations/upkeep.ts';
import { waitingDeliveries } from '../../webhooks/upkeep.ts';
import type { Metrics } from './metrics.ts';

/** A reader of the metrics may scrape often: query the database at most this often. */
const FRESH_MS = 2_000;
const TIME_LIMIT_MS = 5_000;

const CALLS = ['queued', 'dialing', 'connected'];
const ESCALATIONS = ['open', 'acknowledged', 'exhausted'];

interface Standing {
  calls: Record<string, number> | null;
  escalations: Record<string, number> | null;
  /** Due and failing jobs; times in seconds. */
  jobs: { due: number; oldest: number; failing: number };
  alerts: number;
  webhooks: number;
  paused: boolean;
  /** False if the server accepts no writes. */
  writable: boolean;
}

/**
 * Measures the state of the database. It is the same for the whole installation, whichever replica measures.
 *
 * @returns a function to await before the metrics are read
 */
export function measureStanding(metrics: Metrics, db: Sql, clock: Clock): () => Promise<void> {
  const byLabel = [metrics.openCalls, metrics.openEscalations];
  const alone = [
    metrics.jobsDue,
    metrics.oldestJobDue,
    metrics.jobsFailing,
    metrics.alertsWaiting,
    metrics.webhooksWaiting,
    metrics.paused,
  ];
  let measured = Number.NEGATIVE_INFINITY;
  let measuring: Promise<void> | null = null;

  async function measure(): Promise<void> {
    const standing = await limited(read(db, new Date(clock.now())));
    // An unknown gauge is removed: an old value would look like a current one.
    for (const gauge of byLabel) gauge.reset();
    for (const gauge of alone) gauge.remove();
    metrics.databaseUp.set(standing?.writable ? 1 : 0);
    if (!standing) return;
    for (const status of CALLS) metrics.openCalls.set({ status }, standing.calls?.[status] ?? 0);
    for (const status of ESCALATIONS) {
      metrics.openEscalations.set({ status }, standing.escalations?.[status] ?? 0);
    }
    metrics.jobsDue.set(standing.jobs.due);
    metrics.oldestJobDue.set(standing.jobs.oldest);
    metrics.jobsFailing.set(standing.jobs.failing);
    metrics.alertsWaiting.set(standing.alerts);
    metrics.webhooksWaiting.set(standing.webhooks);
    metrics.paused.set(standing.paused ? 1 : 0);
  }

  return async () => {
    if (performance.now() - measured < FRESH_MS) return;
    measuring ??= measure().finally(() => {
      measured = performance.now();
      measuring = null;
    });
    await measuring;
  };
}

async function read(db: Sql, now: Date): Promise<Standing> {
  const { rows } = await sql<{
    calls: Record<string, number> | null;
    escalations: Record<string, number> | null;
    jobs: Standing['jobs'];
    alerts: string | number;
    webhooks: string | number;
    paused: boolean;
    read_only: boolean;
  }>`
    SELECT
      ${openCalls} AS calls,
      ${standingEscalations} AS escalations,
      ${standingJobs(now)} AS jobs,
      ${waitingAlerts} AS alerts,
      ${waitingDeliveries} AS webhooks,
      coalesce(${pauseQuestion} ->> 'paused' = 'true', false) AS paused,
      current_setting('transaction_read_only')::boolean AS read_only`.execute(db);
  const [row] = rows;
  return {
    calls: row?.calls ?? null,
    escalations: row?.escalations ?? null,
    jobs: row?.jobs ?? { due: 0, oldest: 0, failing: 0 },
    alerts: Number(row?.alerts ?? 0),
    webhooks: Number(row?.webhooks ?? 0),
    paused: row?.paused ?? false,
    writable: row?.read_only === false,
  };
}

/** Null if the database does not answer in time. Scrapers have time limits of their own. */
async function limited<T>(reading: Promise<T>): Promise<T | null> {
  const attempt = reading.catch(() => null);
  return await inTime(attempt, TIME_LIMIT_MS, () => null);
}
