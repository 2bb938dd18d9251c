import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import pg from 'pg';
import { Gathering } from '../../src/database/gathering.ts';
import { TurnTimeout } from '../../src/database/turns.ts';
import { testClock } from '../support/clock.ts';

/** Until what came has been begun with: that is one turn of the loop later. */
async function moment(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await setImmediate();
}

/** A database that writes when it is told to. */
function slow() {
  const batches: { items: readonly string[]; done: PromiseWithResolvers<void> }[] = [];
  return {
    batches,
    write: async (items: readonly string[]): Promise<void> => {
      const done = Promise.withResolvers<void>();
      batches.push({ items, done });
      await done.promise;
    },
  };
}

describe('gathered writes', () => {
  it('go one by one when they come one by one, and together when they come at once or while one is written', async () => {
    const { batches, write } = slow();
    const gathering = new Gathering(write, { most: 10 });
    const written: string[] = [];
    const send = async (item: string): Promise<void> => {
      await gathering.write(item);
      written.push(item);
    };
    const all = [send('a')];
    await moment();
    assert.deepEqual(
      batches.map(({ items }) => items),
      [['a']],
    );
    all.push(...['b', 'c'].map(send));
    await moment();
    assert.equal(batches.length, 1);
    batches[0]?.done.resolve();
    await moment();
    assert.deepEqual(written, ['a']);
    assert.deepEqual(batches[1]?.items, ['b', 'c']);
    batches[1]?.done.resolve();
    await Promise.all(all);
    const last = send('d');
    await moment();
    assert.deepEqual(batches[2]?.items, ['d']);
    batches[2]?.done.resolve();
    await last;
    assert.deepEqual(written, ['a', 'b', 'c', 'd']);
  });

  it('are at most so many at a time', async () => {
    const { batches, write } = slow();
    const gathering = new Gathering(write, { most: 2 });
    const all = ['a', 'b', 'c', 'd', 'e'].map(async (item) => await gathering.write(item));
    for (let at = 0; at < 3; at++) {
      await moment();
      batches[at]?.done.resolve();
    }
    await Promise.all(all);
    assert.deepEqual(
      batches.map(({ items }) => items),
      [['a', 'b'], ['c', 'd'], ['e']],
    );
  });

  it('that cannot be written fail alone', async () => {
    const stored: string[] = [];
    const gathering = new Gathering<string>(
      async (items) => {
        await moment();
        if (items.includes('bad')) throw new Error('refused');
        stored.push(...items);
      },
      { most: 10 },
    );
    const results = await Promise.allSettled(
      ['a', 'b', 'bad', 'c'].map(async (item) => await gathering.write(item)),
    );
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
    );
    assert.deepEqual(stored, ['a', 'b', 'c']);
  });

  it('all fail at once when the database is away, and the next are tried anew', async () => {
    let tries = 0;
    let away = true;
    const gathering = new Gathering<string>(
      async () => {
        tries += 1;
        await moment();
        if (away) throw Object.assign(new pg.DatabaseError('shutting down', 1, 'error'), { code: '57P01' });
      },
      { most: 10 },
    );
    const results = await Promise.allSettled(
      ['a', 'b', 'c'].map(async (item) => await gathering.write(item)),
    );
    assert.deepEqual(
      results.map(({ status }) => status),
      ['rejected', 'rejected', 'rejected'],
    );
    assert.equal(tries, 1);
    away = false;
    await gathering.write('d');
  });

  it('that were not begun with in time are not written', async () => {
    const { batches, write } = slow();
    const clock = testClock();
    const gathering = new Gathering(write, { most: 10 }, clock);
    const first = gathering.write('a');
    await moment();
    const late = assert.rejects(gathering.write('b'), TurnTimeout);
    await moment();
    await clock.tick(5_000);
    await late;
    batches[0]?.done.resolve();
    await first;
    assert.equal(batches.length, 1);
  });
});
