import assert from 'node:assert/strict';
import { createReadiness } from '../../src/operations/readiness.ts';
import { forEachDatabase } from '../support/databases.ts';
import { startWorld } from '../support/world.ts';

describe('readiness', function () {
  forEachDatabase((open) => {
    it('means that jobs can run, even if there are none', async () => {
      const world = await startWorld({ database: await open() });
      await world.pass(60_000);
      const answer = await fetch(`${world.url}/readyz`);
      assert.equal(answer.status, 200);
      const checks = { database: 'ok', migrations: 'ok', jobs: 'ok', stopping: 'no' };
      assert.deepEqual(await answer.json(), { status: 'ready', checks });
    });

    it('fails while the tables are outdated, the job engine is stalled, or the database is unavailable', async () => {
      const database = await open();
      const jobs = { lastTick: 100_000 };
      let now = 100_000;
      const parts = { database, jobs, clock: { now: () => now }, isStopping: () => false };
      const asked = async (): Promise<unknown> => await createReadiness(parts)();
      const checks = { database: 'ok', migrations: 'ok', jobs: 'ok', stopping: 'no' };
      assert.deepEqual(await asked(), { ready: true, checks });
      now += 15_001;
      assert.deepEqual(await asked(), { ready: false, checks: { ...checks, jobs: 'stalled' } });
      now = 100_000;
      await database.sql.deleteFrom('migrations' as 'settings').execute();
      assert.deepEqual(await asked(), { ready: false, checks: { ...checks, migrations: 'behind' } });
      await database.sql.schema.dropTable('migrations').execute();
      assert.deepEqual(await asked(), {
        ready: false,
        checks: { ...checks, database: 'away', migrations: 'unknown' },
      });
    });
  });
});
