import assert from 'node:assert/strict';
import { isDatabaseAway } from '../../src/database/away.ts';
import { Turns, TurnTimeout } from '../../src/database/turns.ts';
import { testClock } from '../support/clock.ts';

describe('waiting for a lock without a connection', () => {
  it('each has its turn, in order, one at a time for each key', async () => {
    const turns = new Turns();
    const order: string[] = [];
    let atOnce = 0;
    const task = async (name: string): Promise<string> => {
      assert.equal(++atOnce, 1);
      await new Promise<void>((resolve) => setImmediate(resolve));
      atOnce -= 1;
      order.push(name);
      return name;
    };
    const names = ['a', 'b', 'c', 'd'];
    const done = await Promise.all(
      names.map(async (name) => await turns.take([`caller ${name}`, 'callee'], async () => await task(name))),
    );
    assert.deepEqual(done, names);
    assert.deepEqual(order, names);
  });

  it('others do not wait, and a turn that fails is over', async () => {
    const turns = new Turns();
    const never = Promise.withResolvers<void>();
    const holding = turns.take(['one'], async () => await never.promise);
    assert.equal(await turns.take(['two'], async () => 'done'), 'done');
    assert.equal(await turns.take([], async () => 'done'), 'done');
    never.reject(new RangeError('no'));
    await assert.rejects(holding, RangeError);
    assert.equal(await turns.take(['one'], async () => 'done'), 'done');
  });

  it('nobody waits for ever, and who gave up is not in the way', async () => {
    const clock = testClock();
    const turns = new Turns(5_000, clock);
    const first = Promise.withResolvers<void>();
    const holding = turns.take(['one'], async () => await first.promise);
    let ran = false;
    const second = turns.take(['one'], async () => {
      ran = true;
    });
    const gaveUp = assert.rejects(second, (error) => error instanceof TurnTimeout && isDatabaseAway(error));
    await clock.tick(4_000);
    const third = turns.take(['one'], async () => 'third');
    await clock.tick(2_000);
    await gaveUp;
    first.resolve();
    await holding;
    assert.equal(await third, 'third');
    assert.equal(ran, false);
  });
});
