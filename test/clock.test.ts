import assert from 'node:assert/strict';
import { inTime } from '../src/clock.ts';
import { testClock } from './support/clock.ts';

describe('what is waited for in time', () => {
  const never = new Promise<string>(() => undefined);
  const late = (): string => 'late';

  it('is what it gives', async () => {
    assert.equal(await inTime(Promise.resolve('done'), 1_000, late, testClock()), 'done');
    await assert.rejects(inTime(Promise.reject(new Error('no')), 1_000, late, testClock()), /no/);
  });

  it('is what stands for it when the time is over, not before', async () => {
    const clock = testClock();
    let given: string | null = null;
    const waiting = inTime(never, 1_000, late, clock).then((value) => (given = value));
    await clock.tick(999);
    assert.equal(given, null);
    await clock.tick(1);
    assert.equal(await waiting, 'late');
  });

  it('fails as it is told to', async () => {
    const clock = testClock();
    const waiting = inTime(
      never,
      1_000,
      () => {
        throw new RangeError('over');
      },
      clock,
    );
    const failing = assert.rejects(waiting, RangeError);
    await clock.tick(1_000);
    await failing;
  });

  it('leaves no timer', async () => {
    const set = new Set<number>();
    const timers = {
      setTimeout: () => set.add(1).size,
      clearTimeout: (timer: unknown) => void set.delete(Number(timer)),
    };
    await inTime(Promise.resolve(), 1_000, late, timers);
    assert.equal(set.size, 0);
  });
});
