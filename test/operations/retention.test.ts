import assert from 'node:assert/strict';
import { sql } from 'kysely';
import { createTransact } from '../../src/database/transaction.ts';
import { Jobs } from '../../src/database/jobRunner.ts';
import { CallService } from '../../src/calls/callService.ts';
import { sweep } from '../../src/operations/retention.ts';
import { systemClock } from '../../src/clock.ts';
import { forEachDatabase, openEmbedded } from '../support/databases.ts';
import { silent } from '../support/log.ts';

const day = 86_400_000;

describe('housekeeping', () => {
  forEachDatabase((open) => {
    it('deletes ended calls with everything that belongs to them, and nothing that is running', async () => {
      const database = await open();
      const jobs = new Jobs(database, systemClock, silent);
      const calls = new CallService({
        database,
        transact: createTransact(database, jobs),
        clock: systemClock,
        ringTimeoutSeconds: 45,
        createCallsPerSecond: 10,
      });
      const now = Date.now();
      const at = (daysAgo: number): string => new Date(now - daysAgo * day).toISOString();
      const row = (id: string, status: string, endedAt: string | null) => ({
        id,
        status,
        target: JSON.stringify({ kind: 'teamsUser', id: '1', displayName: 'Adele' }),
        target_key: 'teamsUser:1',
        requested_by: JSON.stringify({ kind: 'api', key: 'k', name: 'k' }),
        requester_key: 'k',
        purpose: JSON.stringify({ kind: 'test' }),
        ring_timeout_seconds: 45,
        language: 'en',
        created_at: at(100),
        ended_at: endedAt,
        revision: 1,
        facts: JSON.stringify({}),
        callback_secret: 's',
        repeatability_id: '00000000-0000-4000-8000-000000000000',
      });
      const many = Array.from({ length: 1203 }, (_, index) => row(`call_old${index}`, 'ended', at(91)));
      for (let from = 0; from < many.length; from += 400) {
        await database.sql
          .insertInto('calls')
          .values(many.slice(from, from + 400))
          .execute();
      }
      await database.sql
        .insertInto('calls')
        .values([row('call_recent', 'ended', at(89)), row('call_open', 'dialing', null)])
        .execute();
      await database.sql
        .insertInto('call_timeline')
        .values([
          { call_id: 'call_old0', at: at(91), type: 'queued' },
          { call_id: 'call_recent', at: at(89), type: 'queued' },
        ])
        .execute();

      assert.equal(await sweep(database.sql, now, 90), 1203);
      const left = await calls.list({ limit: 10 });
      assert.deepEqual(left.map(({ id }) => id).toSorted(), ['call_open', 'call_recent']);
      assert.equal((await calls.timeline('call_old0')).length, 0);
      assert.equal((await calls.timeline('call_recent')).length, 1);
      assert.equal(await sweep(database.sql, now, 90), 0);
    });

    it('keeps the audit trail just as long', async () => {
      const database = await open();
      const now = Date.now();
      const entry = (who: string, daysAgo: number) => ({
        at: new Date(now - daysAgo * day),
        who,
        who_name: who,
        what: 'refused' as const,
      });
      await database.sql
        .insertInto('audit')
        .values([entry('old', 91), entry('recent', 89)])
        .execute();
      assert.equal(await sweep(database.sql, now, 90), 1);
      const left = await database.sql.selectFrom('audit').select('who').execute();
      assert.deepEqual(left, [{ who: 'recent' }]);
    });
  });

  it('lets the embedded database reuse freed space', async () => {
    const database = await openEmbedded();
    const { sql: db, vacuum } = database;
    const size = async (): Promise<number> => {
      const { rows } = await sql<{ size: number }>`SELECT pg_table_size('audit')::int AS size`.execute(db);
      return rows[0]?.size ?? Number.NaN;
    };
    const fillAndSweep = async (): Promise<void> => {
      await sql`INSERT INTO audit (at, who, who_name, what)
        SELECT now() - interval '91 days', 'somebody', repeat('x', 200), 'refused' FROM generate_series(1, 2000)`.execute(
        db,
      );
      assert.equal(await sweep(db, Date.now(), 90), 2000);
      await vacuum?.();
    };
    await fillAndSweep();
    // Once more, to create what the free space maps themselves need.
    await fillAndSweep();
    const before = await size();
    for (let time = 0; time < 3; time++) await fillAndSweep();
    assert.ok((await size()) <= before, `${await size()} bytes after ${before}`);
  });
});
