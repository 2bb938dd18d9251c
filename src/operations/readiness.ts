import { sql } from 'kysely';
import { inTime, type Clock } from '../clock.ts';
import { migrations } from '../database/migrations/index.ts';
import type { Jobs } from '../database/jobs.ts';
import type { Database } from '../database/open.ts';

interface Parts {
  database: Pick<Database, 'sql' | 'renew'>;
  jobs: Pick<Jobs, 'lastTick'>;
  clock: Pick<Clock, 'now'>;
  isStopping: () => boolean;
}

/** The engine looks for work twice a second. */
const STANDS_STILL_MS = 15_000;
/** A load balancer waits no longer for its answer; the database's own limit is longer. */
const TIME_LIMIT_MS = 3_000;
/** Everybody may ask; the database is asked no more often. */
const FRESH_MS = 500;

type DatabaseWord = 'ok' | 'away' | 'slow' | 'read-only';

interface Answer {
  database: DatabaseWord;
  migrations: 'ok' | 'behind' | 'unknown';
}

/**
 * Whether work moves: the database answers and takes writes, its tables are those that this code wants (or newer), and the job engine has
 * looked for work just now. What is asked outside (ACS, Graph, Teams) does not count: without it no other replica could do
 * more either.
 */
export function createReadiness({
  database: connected,
  jobs,
  clock,
  isStopping,
}: Parts): () => Promise<{ ready: boolean; checks: Record<string, string> }> {
  let known: { at: number; answer: Promise<Answer> } | null = null;
  const fresh = async (): Promise<Answer> => {
    const now = performance.now();
    if (!known || now - known.at > FRESH_MS) known = { at: now, answer: limited(ask(connected)) };
    return await known.answer;
  };
  return async () => {
    const { database, migrations: tables } = await fresh();
    const moves = clock.now() - jobs.lastTick <= STANDS_STILL_MS;
    const checks = {
      database,
      migrations: tables,
      jobs: moves ? 'ok' : 'stand still',
      stopping: isStopping() ? 'yes' : 'no',
    };
    return { ready: database === 'ok' && tables === 'ok' && moves && !isStopping(), checks };
  };
}

async function ask({ sql: db, renew }: Parts['database']): Promise<Answer> {
  try {
    const { rows } = await sql<{
      version: number | null;
      read_only: boolean;
    }>`SELECT max(version) AS version, current_setting('transaction_read_only')::boolean AS read_only
       FROM migrations`.execute(db);
    const behind = (rows[0]?.version ?? 0) < (migrations.at(-1)?.version ?? 0);
    const isReadOnly = rows[0]?.read_only === true;
    if (isReadOnly) renew();
    return { database: isReadOnly ? 'read-only' : 'ok', migrations: behind ? 'behind' : 'ok' };
  } catch {
    return { database: 'away', migrations: 'unknown' };
  }
}

async function limited(asking: Promise<Answer>): Promise<Answer> {
  return await inTime(asking, TIME_LIMIT_MS, (): Answer => ({ database: 'slow', migrations: 'unknown' }));
}
