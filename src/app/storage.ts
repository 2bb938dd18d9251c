import type { TokenCredential } from '@azure/core-auth';
import type { Clock } from '../clock.ts';
import { azureCredential } from '../config/azureCredential.ts';
import { databaseAccess } from '../database/access.ts';
import { noCheckpoint } from '../database/checkpoint.ts';
import { Commits } from '../database/commits.ts';
import { Jobs } from '../database/jobRunner.ts';
import { databaseTime } from '../database/jobStore.ts';
import { openDatabase, type Database } from '../database/open.ts';
import { SharedClock } from '../database/sharedClock.ts';
import { noTracing } from '../database/tracing.ts';
import { createTransact } from '../database/transaction.ts';
import { createMetrics } from '../operations/metrics/metrics.ts';
import { Audit, recordingRefusals } from '../permissions/audit.ts';
import type { AppParts } from './parts.ts';

export type Storage = Awaited<ReturnType<typeof openStorage>>;

type StuckListener = (job: string, failingForMs: number) => void;

/** The database, transactions, jobs, metrics and the audit. */
export async function openStorage(parts: AppParts) {
  const { config, log, checkpoint = noCheckpoint, tracing = noTracing } = parts;
  const azure = needsIdentity(parts) ? await azureCredential(config.cloud) : null;
  const database = parts.database ?? (await openDatabase(databaseAccess(config, azure, parts.clock)));
  const clock =
    parts.sharesTime && database.kind === 'postgres' ? await sharedClock(parts.clock, database) : parts.clock;
  const metrics = createMetrics();
  const commits = new Commits();
  const stuckListeners: StuckListener[] = [];
  const observer = {
    started: (latenessMs: number) => metrics.jobLateness.observe(latenessMs / 1000),
    failed: (job: string) => metrics.jobsFailed.inc({ job }),
    dropped: (job: string) => metrics.jobsDropped.inc({ job }),
    stuck: (job: string, failingForMs: number) => {
      metrics.jobsStuck.inc({ job });
      for (const listener of stuckListeners) listener(job, failingForMs);
    },
  };
  const jobs = new Jobs(database, clock, log, checkpoint, observer, tracing);
  const audit = new Audit(database.sql, clock, (reason) => {
    if (reason === 'perCaller' || reason === 'perCallee') metrics.limitsHit.inc({ limit: reason });
  });
  const transact = recordingRefusals(commits.telling(createTransact(database, jobs, checkpoint)), audit);
  return {
    azure,
    database,
    clock,
    metrics,
    commits,
    jobs,
    audit,
    transact,
    checkpoint,
    tracing,
    log,
    config,
    sql: database.sql,
    /** Calls the listener when a job has been failing for minutes. */
    whenStuck: (listener: StuckListener): void => void stuckListeners.push(listener),
  };
}

function needsIdentity({ config: { acs, graph, database } }: AppParts): boolean {
  return !acs.key || !graph.token || (database.kind === 'postgres' && database.auth === 'entra');
}

async function sharedClock(clock: Clock, { sql }: Database): Promise<Clock> {
  const shared = new SharedClock(clock);
  await shared.alignWith(async () => await databaseTime(sql));
  return shared;
}

/** Returns tokens for Microsoft Graph, under Ringdown's own identity. */
export function graphTokens({
  config: { graph },
  azure,
}: {
  config: AppParts['config'];
  azure: TokenCredential | null;
}) {
  return async (): Promise<string> =>
    graph.token ?? (await azure?.getToken(`${graph.url}/.default`))?.token ?? '';
}
