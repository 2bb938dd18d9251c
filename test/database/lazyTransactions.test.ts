import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { isAbortedTransactionError, sql, type Transaction } from 'kysely';
import { asLast } from '../../src/database/lazyTransactions.ts';
import { openDatabase, type Database } from '../../src/database/open.ts';
import type { Schema, Sql } from '../../src/database/schema.ts';
import { CommitUnknown } from '../../src/database/transactionErrors.ts';
import { afterTest } from '../support/afterTest.ts';
import { forEachDatabase, onPostgres } from '../support/databases.ts';

async function add(db: Sql, word: string, n: unknown = 1): Promise<void> {
  await sql`INSERT INTO words VALUES (${word}, ${n})`.execute(db);
}

/** The same as the last statement of its transaction. */
async function addLast(db: Sql, word: string, n: unknown = 1): Promise<void> {
  await db.executeQuery(asLast(sql`INSERT INTO words VALUES (${word}, ${n})`.compile(db)));
}

async function words({ sql: db }: Pick<Database, 'sql'>): Promise<string[]> {
  const { rows } = await sql<{ word: string }>`SELECT word FROM words ORDER BY word`.execute(db);
  return rows.map(({ word }) => word);
}

async function makeTable({ sql: db }: Database): Promise<void> {
  await sql`CREATE TABLE words (word text PRIMARY KEY, n jsonb, UNIQUE (n) DEFERRABLE INITIALLY DEFERRED)`.execute(
    db,
  );
}

/** Runs a transaction. @returns what it threw; null if it committed */
async function failureOf(
  { sql: db }: Database,
  change: (trx: Transaction<Schema>) => Promise<unknown>,
): Promise<unknown> {
  return await db
    .transaction()
    .execute(change)
    .then(
      () => null,
      (error: unknown) => error,
    );
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : error);

describe('a transaction whose last statement takes the commit with it', () => {
  forEachDatabase((open) => {
    let database: Database;
    beforeEach(async () => {
      database = await open();
      await makeTable(database);
      await add(database.sql, 'old', 0);
    });
    /** Nothing else is stored, and nothing stays open: what comes next is stored at once. */
    const assertUndone = async (): Promise<void> => {
      assert.deepEqual(await words(database), ['old']);
      assert.equal(await failureOf(database, async (trx) => await addLast(trx, 'next', 9)), null);
      assert.deepEqual(await words(database), ['next', 'old']);
    };

    it('stores all of it, whether the last statement is marked or not', async () => {
      const failure = await failureOf(database, async (trx) => {
        await add(trx, 'a', 1);
        await add(trx, 'b', 2);
        await addLast(trx, 'c', 3);
      });
      assert.equal(failure, null);
      assert.equal(await failureOf(database, async (trx) => await add(trx, 'd', 4)), null);
      assert.deepEqual(await words(database), ['a', 'b', 'c', 'd', 'old']);
    });

    const failing: readonly [string, (trx: Transaction<Schema>) => Promise<unknown>, code: string][] = [
      ['the first statement', async (trx) => await add(trx, 'old'), '23505'],
      [
        'the last one',
        async (trx) => {
          await add(trx, 'a');
          await addLast(trx, 'old', 2);
        },
        '23505',
      ],
      [
        'a constraint that is checked at the commit',
        async (trx) => {
          await add(trx, 'a', 0);
          await addLast(trx, 'b', 2);
        },
        '23505',
      ],
      [
        'a constraint that is checked at the commit, of an unmarked statement',
        async (trx) => await add(trx, 'a', 0),
        '23505',
      ],
      [
        'an earlier statement, unnoticed',
        async (trx) => {
          await add(trx, 'a');
          await add(trx, 'old').catch(() => undefined);
          await addLast(trx, 'b', 2);
        },
        '25P02',
      ],
    ];
    for (const [what, change, code] of failing)
      it(`stores nothing if it fails because of ${what}`, async () => {
        assert.equal(codeOf(await failureOf(database, change)), code);
        await assertUndone();
      });

    it('stores nothing if an earlier statement failed unnoticed and none is marked as the last', async () => {
      const failure = await failureOf(database, async (trx) => {
        await add(trx, 'a');
        await add(trx, 'old').catch(() => undefined);
      });
      assert.ok(isAbortedTransactionError(failure), String(failure));
      await assertUndone();
    });

    it('stores nothing if a value of the last statement cannot be sent', async () => {
      const endless: Record<string, unknown> = {};
      endless['self'] = endless;
      const failure = await failureOf(database, async (trx) => {
        await add(trx, 'a');
        await addLast(trx, 'b', endless);
      });
      assert.ok(failure instanceof TypeError, String(failure));
      await assertUndone();
    });

    it('takes no statement after its last one', async () => {
      const failure = await failureOf(database, async (trx) => {
        await addLast(trx, 'a');
        await add(trx, 'b', 2);
      });
      assert.ok(failure instanceof RangeError, String(failure));
      assert.deepEqual(await words(database), ['a', 'old']);
    });
  });

  onPostgres((_open, freshUrl) => {
    /** Stands before a server. `onSent` and `onAnswer` see all that passes, and may change it; null breaks the connection. */
    async function through(
      onSent: (bytes: Buffer) => Buffer | null,
      onAnswer = (bytes: Buffer): Buffer => bytes,
    ): Promise<Database> {
      const url = new URL(await freshUrl());
      const { port, hostname } = url;
      const server = createServer((client) => {
        const behind = connect(Number(port), hostname);
        for (const [one, other] of [
          [client, behind],
          [behind, client],
        ] as const)
          one.on('error', () => undefined).on('close', () => other.destroy());
        client.on('data', (bytes) => {
          const sent = onSent(bytes);
          if (sent) behind.write(sent);
          else client.destroy();
        });
        behind.on('data', (bytes) => client.write(onAnswer(bytes)));
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      afterTest(() => void server.close());
      const address = server.address();
      url.port = String(typeof address === 'object' ? address?.port : '');
      const database = await openDatabase({ url: url.href, dataDir: '', poolSize: 1 });
      afterTest(async () => await database.close());
      await makeTable(database);
      return database;
    }
    const three = async (trx: Transaction<Schema>): Promise<void> => {
      await add(trx, 'a', 1);
      await add(trx, 'b', 2);
      await addLast(trx, 'c', 3);
    };

    it('takes as many writes as it has statements', async () => {
      let writes = 0;
      const database = await through((bytes) => {
        writes += 1;
        return bytes;
      });
      writes = 0;
      assert.equal(await failureOf(database, three), null);
      assert.equal(writes, 3);
    });

    it('is neither stored nor not if the connection breaks before the answer', async () => {
      const database = await through((bytes) => (bytes.includes('COMMIT') ? null : bytes));
      const failure = await failureOf(database, three);
      assert.ok(failure instanceof CommitUnknown, String(failure));
      assert.deepEqual(await words(database), []);
    });

    it('is an error if the server answers its COMMIT with ROLLBACK', async () => {
      const tag = (word: string): Buffer =>
        Buffer.from(`C\0\0\0${String.fromCharCode(word.length + 5)}${word}\0`);
      let isOpen = false;
      const database = await through(
        (bytes) => bytes,
        (bytes) => {
          if (!isOpen) return bytes;
          const at = bytes.indexOf(tag('COMMIT'));
          if (at < 0) return bytes;
          return Buffer.concat([
            bytes.subarray(0, at),
            tag('ROLLBACK'),
            bytes.subarray(at + tag('COMMIT').length),
          ]);
        },
      );
      isOpen = true;
      const failure = await failureOf(database, three);
      assert.ok(isAbortedTransactionError(failure), String(failure));
    });

    it('runs nothing of it if it cannot begin', async () => {
      const database = await through((bytes) => {
        const at = bytes.indexOf('BEGIN');
        return at < 0
          ? bytes
          : Buffer.concat([bytes.subarray(0, at), Buffer.from('BEGIM'), bytes.subarray(at + 5)]);
      });
      assert.equal(codeOf(await failureOf(database, three)), '42601');
      assert.deepEqual(await words(database), []);
    });
  });
});
