import assert from 'node:assert/strict';
import { sql as raw } from 'kysely';
import type { Database } from '../../../src/database/open.ts';
import type { Sql } from '../../../src/database/schema.ts';

/** How many rows of calls and escalations some statements read, and how often they read a whole table. */
export async function rowsRead(
  { sql }: Database,
  work: (sql: Sql) => Promise<void>,
): Promise<{ rows: number; wholeTables: number }> {
  return await sql.transaction().execute(async (trx) => {
    // Includes what the connection read before. Within a transaction it only grows.
    const counted = async (): Promise<{ rows: number; whole: number }> => {
      const { rows } = await raw<{ rows: number; whole: number }>`
        SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::integer AS rows,
          sum(seq_scan)::integer AS whole
        FROM pg_stat_xact_user_tables WHERE relname IN ('calls', 'escalations')`.execute(trx);
      const [read] = rows;
      assert.ok(read, 'the database counts what it reads');
      return read;
    };
    const before = await counted();
    await work(trx);
    const after = await counted();
    return { rows: after.rows - before.rows, wholeTables: after.whole - before.whole };
  });
}
