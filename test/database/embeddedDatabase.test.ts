import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { Kysely, sql, type CompiledQuery } from 'kysely';
import { EmbeddedLinks } from '../../src/database/embeddedDatabase.ts';
import { withLazyTransactions } from '../../src/database/lazyTransactions.ts';
import type { LeanPglite } from '../../src/database/pglite.ts';
import { emptyPglite } from '../support/databases.ts';

const everyKind = `SELECT $1::int AS i, $2::text AS t, $3::jsonb AS j, $4::timestamptz AS at, $5::boolean AS b,
  $6::text[] AS list, $7::bytea AS bytes, $8::uuid AS id, $9::float8 AS f, $10::text AS none, $11::bigint AS big,
  $12::numeric AS exact, $13::date AS day, $14::int[] AS numbers, $15::timestamptz[] AS times, 7::bigint AS small,
  'infinity'::timestamptz AS ever, ARRAY[]::text[] AS nothing, '{"a": [1.5]}'::json AS plain, ''::text AS empty`;
const parameters = [
  7,
  `O'Neil — "x" \\ \n ü 日本`,
  { a: [1, null, 'ü'] },
  new Date('2026-03-01T02:03:04.567Z'),
  true,
  ['a,b', 'c"d', null],
  new Uint8Array([0, 1, 255]),
  '00000000-0000-4000-8000-000000000001',
  0.1,
  null,
  9_007_199_254_740_993n,
  '12345678901234567890.5',
  '2026-03-29',
  [1, null, -3],
  [new Date('2026-03-01T02:03:04.567Z')],
];

describe('the embedded database', () => {
  let pglite: LeanPglite;
  let db: Kysely<object>;
  before(async () => {
    pglite = await emptyPglite();
    db = new Kysely({ dialect: withLazyTransactions(new EmbeddedLinks(pglite, pglite.statements)) });
  });
  after(async () => await db.destroy());
  beforeEach(async () => {
    await run('DROP TABLE IF EXISTS words');
    await run('CREATE TABLE words (word text PRIMARY KEY, n int)');
  });
  const run = async (text: string, values: unknown[] = [], on = db) =>
    await on.executeQuery(compiled(text, values));
  const compiled = (text: string, values: readonly unknown[]): CompiledQuery<Record<string, unknown>> => ({
    ...sql.raw<Record<string, unknown>>(text).compile(db),
    parameters: values,
  });
  const kept = async (): Promise<number> =>
    Number((await run('SELECT count(*)::int AS n FROM pg_prepared_statements')).rows[0]?.['n']);

  it('answers as PGlite itself does, whatever the kind of the values', async () => {
    const { rows } = await pglite.query(everyKind, parameters);
    for (let time = 0; time < 3; time++) assert.deepEqual((await run(everyKind, parameters)).rows, rows);
  });

  it('answers whole when an answer is long', async () => {
    const long = `SELECT n, repeat('ü', 5000) AS t FROM generate_series(1, 300) AS n`;
    assert.deepEqual((await run(long)).rows, (await pglite.query(long)).rows);
  });

  it('says how many rows a change affected', async () => {
    const insert = 'INSERT INTO words VALUES ($1, $2) ON CONFLICT DO NOTHING';
    assert.equal((await run(insert, ['a', 1])).numAffectedRows, 1n);
    assert.equal((await run(insert, ['a', 2])).numAffectedRows, 0n);
    await db.transaction().execute(async (trx) => {
      assert.equal((await run(insert, ['b', 1], trx)).numAffectedRows, 1n);
      assert.equal((await run('UPDATE words SET n = 3', [], trx)).numAffectedRows, 2n);
    });
    assert.deepEqual((await run(`DELETE FROM words WHERE word = 'a' RETURNING n`)).rows, [{ n: 3 }]);
  });

  it('prepares a statement once', async () => {
    const before = await kept();
    for (let n = 0; n < 5; n++) await run('SELECT $1::int AS n', [n]);
    assert.equal((await kept()) - before, 1);
  });

  it('keeps those that were asked for last', async () => {
    for (let n = 0; n < 320; n++) await run(`SELECT $1::int AS n${n}`, [n]);
    await run('SELECT 1');
    assert.ok((await kept()) <= 301, String(await kept()));
    assert.deepEqual((await run('SELECT $1::int AS n0', [5])).rows, [{ n0: 5 }]);
  });

  it('goes on after a statement that is wrong, and after one that fails', async () => {
    await assert.rejects(run('SELECT nothing'), { code: '42703' });
    await run('INSERT INTO words VALUES ($1, 1)', ['a']);
    await assert.rejects(run('INSERT INTO words VALUES ($1, 1)', ['a']), { code: '23505' });
    await assert.rejects(run('SELECT $1::int AS n', ['x']), { code: '22P02' });
    assert.deepEqual((await run('SELECT word FROM words')).rows, [{ word: 'a' }]);
  });

  it('goes on after a transaction whose statement is wrong, though nothing has begun', async () => {
    const wrong = db.transaction().execute(async (trx) => await run('SELECT nothing', [], trx));
    await assert.rejects(wrong, { code: '42703' });
    await db.transaction().execute(async (trx) => await run('INSERT INTO words VALUES ($1, 1)', ['a'], trx));
    assert.deepEqual((await run('SELECT word FROM words')).rows, [{ word: 'a' }]);
  });

  it('tells no value of a statement that fails', async () => {
    const error: unknown = await run('SELECT $1::int / 0', [424_242]).then(
      () => null,
      (fault: unknown) => fault,
    );
    assert.ok(error instanceof Error);
    assert.ok(!inspect(error, { depth: 5 }).includes('424242'));
  });

  it('a transaction is one, and others wait for it', async () => {
    const order: string[] = [];
    const one = async (name: string): Promise<void> =>
      await db.transaction().execute(async (trx) => {
        for (const nth of [1, 2]) {
          await run('INSERT INTO words VALUES ($1, 1)', [`${name}${nth}`], trx);
          order.push(name);
          await new Promise(setImmediate);
        }
      });
    const count = async (): Promise<void> => {
      const { rows } = await run('SELECT count(*)::int AS n FROM words');
      order.push(`counted ${String(rows[0]?.['n'])}`);
    };
    await Promise.all([one('a'), count(), one('b'), count()]);
    assert.deepEqual(order, ['a', 'a', 'counted 2', 'b', 'b', 'counted 4']);
  });

  it('lets others have their turn while many statements follow each other', async () => {
    let turns = 0;
    let isOver = false;
    const turn = (): void => {
      turns += 1;
      if (!isOver) setImmediate(turn);
    };
    setImmediate(turn);
    const long = 'SELECT sum(n) FROM generate_series(1, 20000) AS n';
    await Promise.all(Array.from({ length: 300 }, async () => await run(long)));
    isOver = true;
    assert.ok(turns >= 5, `${turns} turns`);
  });

  it('follows a change of the tables', async () => {
    await run('INSERT INTO words VALUES ($1, 1)', ['a']);
    const all = 'SELECT * FROM words';
    assert.deepEqual((await run(all)).rows, [{ word: 'a', n: 1 }]);
    await run('ALTER TABLE words ADD COLUMN more int DEFAULT 3');
    assert.deepEqual((await run(all)).rows, [{ word: 'a', n: 1, more: 3 }]);
    await run('ALTER TABLE words DROP COLUMN more');
    assert.deepEqual((await run(all)).rows, [{ word: 'a', n: 1 }]);
  });

  it('plans for tables that grow, also while they are empty', async () => {
    await run('CREATE TABLE many (id text PRIMARY KEY)');
    const some = 'SELECT many.id FROM json_to_recordset($1) AS named (id text) JOIN many USING (id)';
    const { rows } = await run(`EXPLAIN ${some}`, [[]]);
    assert.match(rows.flatMap((row) => Object.values(row)).join('\n'), /Index/);
  });

  it('waits for what runs when it is closed, and refuses work afterwards', async () => {
    const over: string[] = [];
    const running = db
      .transaction()
      .execute(async (trx) => {
        await run('INSERT INTO words VALUES ($1, 1)', ['a'], trx);
        await new Promise(setImmediate);
        await run('INSERT INTO words VALUES ($1, 1)', ['b'], trx);
      })
      .then(() => over.push('stored'));
    await Promise.all([running, db.destroy().then(() => over.push('closed'))]);
    await assert.rejects(new EmbeddedLinks(pglite, pglite.statements).connect(), /closed/);
    assert.deepEqual(over, ['stored', 'closed']);
  });
});
