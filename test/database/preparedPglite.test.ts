import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import type { PGlite } from '@electric-sql/pglite';
import { prepared } from '../../src/database/preparedPglite.ts';
import { plainPglite } from '../support/databases.ts';

const everyKind = `SELECT $1::int AS i, $2::text AS t, $3::jsonb AS j, $4::timestamptz AS at, $5::boolean AS b,
  $6::text[] AS list, $7::bytea AS bytes, $8::uuid AS id, $9::float8 AS f, $10::text AS none, $11::bigint AS big`;
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
];

describe('the embedded database with prepared statements', () => {
  let plain: PGlite;
  let pglite: PGlite;
  before(async () => {
    plain = await plainPglite();
  });
  after(async () => {
    if (!plain.closed) await plain.close();
  });
  beforeEach(async () => {
    pglite = prepared(plain);
    await plain.exec('DEALLOCATE ALL; DROP TABLE IF EXISTS words');
    await pglite.exec('CREATE TABLE words (word text PRIMARY KEY, n int)');
  });
  const kept = async (): Promise<number> =>
    Number((await plain.query<{ n: number }>('SELECT count(*) AS n FROM pg_prepared_statements')).rows[0]?.n);

  it('answers as the driver itself does, whatever the kind of the values', async () => {
    const expected = await plain.query(everyKind, parameters);
    for (let time = 0; time < 3; time++)
      assert.deepEqual(await pglite.query(everyKind, parameters), expected);
    const options = { rowMode: 'array' } as const;
    assert.deepEqual(
      await pglite.query(everyKind, parameters, options),
      await plain.query(everyKind, parameters, options),
    );
  });

  it('says how many rows a change affected', async () => {
    const insert = 'INSERT INTO words VALUES ($1, $2) ON CONFLICT DO NOTHING';
    assert.equal((await pglite.query(insert, ['a', 1])).affectedRows, 1);
    assert.equal((await pglite.query(insert, ['a', 2])).affectedRows, 0);
    assert.deepEqual((await pglite.query('DELETE FROM words RETURNING n')).rows, [{ n: 1 }]);
  });

  it('prepares a statement once', async () => {
    const before = await kept();
    for (let n = 0; n < 5; n++) await pglite.query('SELECT $1::int AS n', [n]);
    assert.equal((await kept()) - before, 1);
  });

  it('keeps those that were asked for last', async () => {
    for (let n = 0; n < 320; n++) await pglite.query(`SELECT $1::int AS n${n}`, [n]);
    await pglite.query('SELECT 1');
    assert.ok((await kept()) <= 301, String(await kept()));
    assert.deepEqual((await pglite.query('SELECT $1::int AS n0', [5])).rows, [{ n0: 5 }]);
  });

  it('goes on after a statement that is wrong, and after one that fails', async () => {
    await assert.rejects(pglite.query('SELECT nothing'), { code: '42703' });
    await pglite.query('INSERT INTO words VALUES ($1, 1)', ['a']);
    await assert.rejects(pglite.query('INSERT INTO words VALUES ($1, 1)', ['a']), { code: '23505' });
    await assert.rejects(pglite.query('SELECT $1::int AS n', ['x']), { code: '22P02' });
    assert.deepEqual((await pglite.query('SELECT word FROM words')).rows, [{ word: 'a' }]);
  });

  it('tells no value of a statement that fails', async () => {
    const error: unknown = await pglite.query('SELECT $1::int / 0', [424_242]).then(
      () => null,
      (fault: unknown) => fault,
    );
    assert.ok(error instanceof Error);
    assert.ok(!inspect(error, { depth: 5 }).includes('424242'));
  });

  it('a transaction is one, and others wait for it', async () => {
    const order: string[] = [];
    const first = pglite.transaction(async (transaction) => {
      await transaction.query('INSERT INTO words VALUES ($1, 1)', ['a']);
      order.push('inserted');
      await new Promise(setImmediate);
      await transaction.query('INSERT INTO words VALUES ($1, 2)', ['b']);
      order.push('inserted');
    });
    const count = async (): Promise<void> => {
      const { rows } = await pglite.query<{ n: number }>('SELECT count(*)::int AS n FROM words');
      order.push(`counted ${rows[0]?.n}`);
    };
    await Promise.all([first, count()]);
    assert.deepEqual(order, ['inserted', 'inserted', 'counted 2']);
  });

  it('a transaction that fails leaves nothing, and its statements may be used again', async () => {
    const insert = 'INSERT INTO words VALUES ($1, 1)';
    const failing = pglite.transaction(async (transaction) => {
      await transaction.query(insert, ['a']);
      await transaction.query(insert, ['a']);
    });
    await assert.rejects(failing, { code: '23505' });
    assert.deepEqual((await pglite.query('SELECT * FROM words')).rows, []);
    await pglite.query(insert, ['a']);
    assert.equal((await pglite.query('SELECT * FROM words')).rows.length, 1);
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
    await Promise.all(Array.from({ length: 300 }, async () => await pglite.query(long)));
    isOver = true;
    assert.ok(turns >= 5, `${turns} turns`);
  });

  it('follows a change of the tables', async () => {
    await pglite.query('INSERT INTO words VALUES ($1, 1)', ['a']);
    const all = 'SELECT * FROM words';
    assert.deepEqual((await pglite.query(all)).rows, [{ word: 'a', n: 1 }]);
    await pglite.exec('ALTER TABLE words ADD COLUMN more int DEFAULT 3');
    assert.deepEqual((await pglite.query(all)).rows, [{ word: 'a', n: 1, more: 3 }]);
    await pglite.query('ALTER TABLE words DROP COLUMN more');
    assert.deepEqual((await pglite.query(all)).rows, [{ word: 'a', n: 1 }]);
  });

  it('plans for tables that grow, also while they are empty', async () => {
    await pglite.query('CREATE TABLE many (id text PRIMARY KEY)');
    const some = 'SELECT many.id FROM json_to_recordset($1) AS named (id text) JOIN many USING (id)';
    const { rows } = await pglite.query<Record<string, string>>(`EXPLAIN ${some}`, [[]]);
    assert.match(rows.flatMap((row) => Object.values(row)).join('\n'), /Index/);
  });

  it('hears notifications', async () => {
    const heard: string[] = [];
    await pglite.listen('news', (payload) => heard.push(payload));
    await pglite.query(`SELECT pg_notify('news', $1)`, ['x']);
    await new Promise(setImmediate);
    assert.deepEqual(heard, ['x']);
  });

  it('refuses work when it is closed', async () => {
    await pglite.close();
    await assert.rejects(pglite.query('SELECT 1'), /closed/);
  });
});
