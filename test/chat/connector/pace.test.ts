import assert from 'node:assert/strict';
import { Pace } from '../../../src/chat/connector/pace.ts';
import { FakeClock } from '../../support/clock.ts';

describe('Pace', () => {
  it('keeps every window of the limits', async () => {
    const clock = new FakeClock(0);
    const pace = new Pace(clock);
    const sentAt: number[] = [];
    while (sentAt.length < 130) {
      const wait = pace.waitFor('c');
      if (wait > 0) clock.setTime(clock.now() + wait);
      assert.equal(pace.waitFor('c'), 0);
      pace.count('c');
      sentAt.push(clock.now());
    }
    for (const [most, ms] of [
      [7, 1_000],
      [8, 2_000],
      [60, 30_000],
    ] as const) {
      // prettier-ignore
      for (const from of sentAt) {
        assert.ok(sentAt.filter((at) => at >= from && at < from + ms).length <= most, `${most} in ${ms} ms`);
      }
    }
    assert.ok(clock.now() < 90_000);
  });

  it('does not make one conversation wait for another', () => {
    const pace = new Pace(new FakeClock(0));
    for (let i = 0; i < 7; i++) pace.count('a');
    assert.equal(pace.waitFor('a'), 1_000);
    assert.equal(pace.waitFor('b'), 0);
  });

  it('sends one message at a time, also after a fault', async () => {
    const pace = new Pace(new FakeClock(0));
    const order: string[] = [];
    const step = async (name: string): Promise<void> => {
      order.push(`${name} starts`);
      await Promise.resolve();
      order.push(`${name} ends`);
      if (name === 'b') throw new RangeError('b');
    };
    const all = ['a', 'b', 'c'].map(async (name) => await pace.inTurn('x', async () => await step(name)));
    await Promise.allSettled(all);
    assert.deepEqual(order, ['a starts', 'a ends', 'b starts', 'b ends', 'c starts', 'c ends']);
  });
});
