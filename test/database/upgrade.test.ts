import assert from 'node:assert/strict';
import { Kysely, PGliteDialect, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { Jobs } from '../../src/database/jobRunner.ts';
import { migrate } from '../../src/database/migrate.ts';
import { migrations } from '../../src/database/migrations/index.ts';
import { databaseOn, openDatabase, type Database } from '../../src/database/open.ts';
import { handleTestJobs } from '../support/jobKinds.ts';
import { afterTest } from '../support/afterTest.ts';
import { advance, testClock } from '../support/clock.ts';
import { emptyPglite, emptyPostgresUrl } from '../support/databases.ts';
import { silent } from '../support/log.ts';

/** As far as version 14 used what pg-boss 12 made there. */
const PGBOSS = `
  CREATE SCHEMA pgboss;
  CREATE TYPE pgboss.job_state AS ENUM ('created', 'retry', 'active', 'completed', 'cancelled', 'failed');
  CREATE FUNCTION pgboss.job_now() RETURNS timestamptz AS 'SELECT now()' LANGUAGE sql STABLE;
  CREATE TABLE pgboss.job (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    name text NOT NULL,
    priority integer NOT NULL DEFAULT 0,
    data jsonb,
    state pgboss.job_state NOT NULL DEFAULT 'created',
    start_after timestamptz NOT NULL DEFAULT pgboss.job_now(),
    created_on timestamptz NOT NULL DEFAULT pgboss.job_now()
  ) PARTITION BY LIST (name);
  CREATE TABLE pgboss.job_common PARTITION OF pgboss.job DEFAULT;
`;

const inOrder = (numbers: number[]): number[] => numbers.toSorted((one, other) => one - other);

/** A database of version 14, opened with the tables of today. */
const kinds: readonly [
  name: string,
  open: (fill: (db: Kysely<object>) => Promise<void>) => Promise<Database>,
][] = [
  [
    'PGlite',
    async (fill) => {
      const pglite = await emptyPglite();
      await fill(new Kysely({ dialect: new PGliteDialect({ pglite }) }));
      return await databaseOn(pglite, { pollSeconds: 0.5 });
    },
  ],
  [
    'PostgreSQL',
    async (fill) => {
      const url = await emptyPostgresUrl();
      const before = new Kysely<object>({
        dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url }) }),
      });
      await fill(before);
      await before.destroy();
      return await openDatabase({ url, dataDir: '', pollSeconds: 0.5 });
    },
  ],
];

describe('a database of the version that kept its jobs with pg-boss', () => {
  for (const [name, open] of kinds) {
    it(`is migrated on ${name}: what was under way and what lay ahead is done, once`, async function () {
      const clock = testClock();
      const at = (seconds: number): string => new Date(clock.now() + seconds * 1000).toISOString();
      const row = (job: string, n: number, queue: string, state: string, seconds: number): string => {
        const data = { name: job, data: { n, webhook: `${n}`, escalation: 'esc_0' } };
        return `INSERT INTO pgboss.job (name, priority, data, state, start_after)
         VALUES ('${queue}', 10, '${JSON.stringify(data)}', '${state}', '${at(seconds)}')`;
      };
      const database = await open(async (db) => {
        await migrate(
          db,
          migrations.filter(({ version }) => version <= 14),
        );
        for (const statement of PGBOSS.split(/;\n/))
          if (statement.trim()) await sql.raw(statement).execute(db);
        for (const statement of [
          row('greet', 1, 'effects', 'active', -30),
          row('greet', 2, 'effects', 'created', 5),
          row('greet', 3, 'effects', 'retry', -1),
          row('greet', 4, 'deadlines', 'created', 45),
          row('greet', 5, 'deadlines', 'completed', -60),
          row('greet', 6, 'somebody-elses', 'created', -60),
          row('webhook.due', 7, 'deadlines', 'created', -1),
          row('pause.hold', 8, 'effects', 'created', -1),
        ]) {
          await sql.raw(statement).execute(db);
        }
      });
      afterTest(async () => await database.close());
      const { rows } = await sql`SELECT FROM pg_namespace WHERE nspname = 'pgboss'`.execute(database.sql);
      assert.equal(rows.length, 0);

      const jobs = new Jobs(database, clock, silent);
      const ran: number[] = [];
      handleTestJobs(jobs, 'greet', { run: async ({ n }) => void ran.push(Number(n)) });
      jobs.handle('webhook.deliver', { run: async ({ webhook }) => void ran.push(Number(webhook)) });
      await jobs.start();
      afterTest(async () => await jobs.stop(10));
      const pass = async (seconds: number): Promise<void> =>
        await advance(clock, seconds * 1000, async () => await jobs.idle());
      await pass(1);
      assert.deepEqual(inOrder(ran), [1, 3, 7]);
      await pass(6);
      assert.deepEqual(inOrder(ran), [1, 2, 3, 7]);
      await pass(40);
      assert.deepEqual(inOrder(ran), [1, 2, 3, 4, 7]);
      assert.deepEqual(await database.sql.selectFrom('jobs').selectAll().execute(), []);
    });
  }
});
