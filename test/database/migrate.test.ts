import assert from 'node:assert/strict';
import { Kysely, PGliteDialect, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { migrate, type Migration } from '../../src/database/migrate.ts';
import { migrations } from '../../src/database/migrations/index.ts';
import { openDatabase } from '../../src/database/open.ts';
import { afterTest } from '../support/afterTest.ts';
import { emptyPglite, emptyPostgresUrl, forEachDatabase, onPostgres } from '../support/databases.ts';
import { until } from '../support/until.ts';

const people: Migration = {
  version: 1,
  statements: ['CREATE TABLE people (name text)', `INSERT INTO people VALUES ('Adele')`],
};
const mail: Migration = { version: 2, statements: ['ALTER TABLE people ADD COLUMN mail text'] };
const broken: Migration = {
  version: 3,
  statements: ['CREATE TABLE half (a int)', 'ALTER TABLE nobody ADD COLUMN b int'],
};

type Tables = { people: { name: string } };

describe('migrations', () => {
  const kinds: [string, () => Promise<() => Kysely<Tables>>][] = [
    [
      'PGlite',
      async () => {
        const db = new Kysely<Tables>({ dialect: new PGliteDialect({ pglite: await emptyPglite() }) });
        afterTest(async () => await db.destroy());
        return () => db;
      },
    ],
    [
      'PostgreSQL',
      async () => {
        const connectionString = await emptyPostgresUrl();
        return () => {
          const pool = new pg.Pool({ connectionString });
          // One that is idle may be ended with its database.
          pool.on('error', () => undefined);
          const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
          afterTest(async () => await db.destroy());
          return db;
        };
      },
    ],
  ];
  for (const [name, empty] of kinds) {
    describe(`on ${name}`, () => {
      before('start it', async function () {
        await (name === 'PGlite' ? (await emptyPglite()).close() : emptyPostgresUrl());
      });

      it('bring an empty database up to date', async () => {
        const db = (await empty())();
        assert.equal(await migrate(db, [people, mail]), 2);
        assert.deepEqual(await db.selectFrom('people').selectAll().execute(), [
          { name: 'Adele', mail: null },
        ]);
      });

      it('are done once', async () => {
        const db = (await empty())();
        await migrate(db, [people]);
        assert.equal(await migrate(db, [people]), 1);
        assert.equal((await db.selectFrom('people').selectAll().execute()).length, 1);
      });

      it('go on from where the database is', async () => {
        const db = (await empty())();
        await migrate(db, [people]);
        assert.equal(await migrate(db, [people, mail]), 2);
      });

      it('are done once also when several processes start together', async () => {
        const open = await empty();
        const versions = await Promise.all(
          Array.from({ length: 5 }, async () => await migrate(open(), [people, mail])),
        );
        assert.deepEqual(versions, [2, 2, 2, 2, 2]);
        assert.equal((await open().selectFrom('people').selectAll().execute()).length, 1);
      });

      it('leave nothing behind when one fails', async () => {
        const db = (await empty())();
        await migrate(db, [people]);
        await assert.rejects(migrate(db, [people, mail, broken]), /nobody/);
        const { rows } = await sql`SELECT max(version) AS version FROM migrations`.execute(db);
        assert.deepEqual(rows, [{ version: 1 }]);
        await assert.rejects(sql`SELECT * FROM half`.execute(db));
        assert.equal(await migrate(db, [people, mail]), 2);
      });

      it('leave alone what a newer version of the code has done', async () => {
        const db = (await empty())();
        await migrate(db, [people, mail]);
        assert.equal(await migrate(db, [people]), 2);
        assert.deepEqual(await db.selectFrom('people').selectAll().execute(), [
          { name: 'Adele', mail: null },
        ]);
      });
    });
  }

  it('take as long as they need, whatever limit the session has', async () => {
    const pool = new pg.Pool({ connectionString: await emptyPostgresUrl(), statement_timeout: 300 });
    const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
    afterTest(async () => await db.destroy());
    await assert.rejects(sql`SELECT pg_sleep(0.6)`.execute(db), { code: '57014' });
    assert.equal(await migrate(db, [{ version: 1, statements: ['SELECT pg_sleep(0.6)'] }]), 1);
    await assert.rejects(sql`SELECT pg_sleep(0.6)`.execute(db), { code: '57014' }, 'the limit is back');
  });

  it('are numbered from 1 without gaps', () => {
    assert.deepEqual(
      migrations.map(({ version }) => version),
      migrations.map((_, index) => index + 1),
    );
  });
});

describe('the database', () => {
  forEachDatabase((open, kind) => {
    it('is at the newest version', async () => {
      const database = await open();
      assert.equal(database.version, migrations.length);
      assert.equal(database.kind, kind);
    });

    it('gives each test one of its own', async () => {
      const [one, other] = await Promise.all([open(), open()]);
      await one.sql.insertInto('settings').values({ name: 'a', value: '{}' }).execute();
      assert.deepEqual(await other.sql.selectFrom('settings').selectAll().execute(), []);
    });

    it('keeps times to the millisecond, whatever the time zone', async () => {
      const database = await open();
      const at = '2026-03-29T01:30:00.123Z';
      await database.sql.insertInto('chat_activities').values({ key: 'a', at }).execute();
      const row = await database.sql.selectFrom('chat_activities').select('at').executeTakeFirstOrThrow();
      assert.equal(row.at.toISOString(), at);
    });

    it('keeps objects as they are', async () => {
      const database = await open();
      const value = { text: 'Zoë 日本 "quoted" \\ \n', n: 1.5, list: [null, true], nested: { 'a b': {} } };
      await database.sql
        .insertInto('settings')
        .values({ name: 'a', value: JSON.stringify(value) })
        .execute();
      const row = await database.sql.selectFrom('settings').select('value').executeTakeFirstOrThrow();
      assert.deepEqual(row.value, value);
    });
  });

  onPostgres((_open, freshUrl) => {
    it('is waited for while another replica changes its tables, longer than any statement may take', async () => {
      const url = await freshUrl();
      const admin = new pg.Client(url);
      await admin.connect();
      afterTest(async () => await admin.end());
      await admin.query('BEGIN');
      await admin.query('LOCK TABLE migrations');
      const limits = { statement: 50, answer: 60, lock: 40 };
      const replicas = [
        openDatabase({ url, dataDir: '', limits }),
        openDatabase({ url, dataDir: '', limits }),
      ];
      const opened = Promise.all(
        replicas.map(async (replica) => {
          const database = await replica;
          await database.close();
          return database.version;
        }),
      );
      // One waits for the table, the other one for the first.
      await until(async () => {
        // A transaction sees what it has seen.
        await admin.query('SELECT pg_stat_clear_snapshot()');
        const { rowCount } = await admin.query(
          `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
             AND clock_timestamp() - query_start > interval '200 ms'`,
        );
        return rowCount === 2;
      }, 'both wait');
      await admin.query('COMMIT');
      assert.deepEqual(await opened, [migrations.length, migrations.length]);
    });

    it('that cannot be reached is told as what the driver says, and nothing stays open', async () => {
      await assert.rejects(
        openDatabase({ url: 'postgres://nobody@127.0.0.1:1/none', dataDir: '' }),
        /ECONNREFUSED 127\.0\.0\.1:1/,
      );
    });
  });
});
