import { sql } from 'kysely';
import { inTime, type Clock } from '../clock.ts';
import { migrations } from '../database/migrations/index.ts';
import type { Jobs } from '../database/jobRunner.ts';
import type { Database } from '../database/open.ts';

interface Parts {
  database: Pick<Database, 'sql' | 'renew'>;
  jobs: Pick<Jobs, 'lastTick'>;
  clock: Pick<Clock, 'now'>;
  isStopping: () => boolean;
}

/** The job engine polls each second, or every five with an embedded database. */
const STANDS_STILL_MS = 15_000;
/** A load balancer does not wait longer than this; the database's own limit is longer. */
const TIME_LIMIT_MS = 3_000;
/** Anybody may ask, so query the database at most this often. */
const FRESH_MS = 500;

type DatabaseWord = 'ok' | 'away' | 'slow' | 'read-only';

interface Answer {
  database: DatabaseWord;
  migrations: 'ok' | 'behind' | 'unknown';
}

/**
 * Whether work can be done: the database answers and accepts writes, its tables are at this version or newer, and the
 * job engine polled recently. External services (ACS, Graph, Teams) do not count: if they fail, no other replica
 * could do better.
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
      jobs: moves ? 'ok' : 'stalled',
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
