import assert from 'node:assert/strict';
import { isDatabaseAway } from '../../src/database/away.ts';
import { apartFromRequests, asRequest, RequestLane } from '../../src/database/lanes.ts';
import { TurnTimeout } from '../../src/database/transactionErrors.ts';
import { testClock } from '../support/clock.ts';

const moment = async (): Promise<void> => await new Promise<void>((resolve) => setImmediate(resolve));

describe('the lane of requests', () => {
  it('lets so many of them have a connection; what is no request passes by', async () => {
    const lane = new RequestLane(2);
    const leave: (() => void)[] = [];
    let entered = 0;
    const request = async (): Promise<void> =>
      await asRequest(async () => {
        leave.push((await lane.enter()) ?? (() => undefined));
        entered += 1;
      });
    const all = [request(), request(), request()];
    await moment();
    assert.equal(entered, 2);
    assert.equal(await lane.enter(), null);
    assert.equal(await asRequest(async () => await apartFromRequests(async () => await lane.enter())), null);
    leave[0]?.();
    await Promise.all(all);
    assert.equal(entered, 3);
    leave[1]?.();
    leave[2]?.();
    await Promise.all([request(), request()]);
    assert.equal(entered, 5, 'what is given back is there again');
  });

  it('serves those first who came first, however many came meanwhile', async () => {
    const lane = new RequestLane(1);
    const order: string[] = [];
    const request = async (name: string): Promise<void> =>
      await asRequest(async () => {
        for (const step of [1, 2, 3]) {
          const leave = await lane.enter();
          await moment();
          order.push(`${name}${step}`);
          leave?.();
          await moment();
        }
      });
    await Promise.all(['a', 'b', 'c'].map(request));
    assert.deepEqual(
      order.filter((step) => step.endsWith('3')),
      ['a3', 'b3', 'c3'],
    );
    assert.ok(order.indexOf('a3') < order.indexOf('c1'), order.join());
  });

  it('who holds a connection does not wait for another', async () => {
    const lane = new RequestLane(1);
    await asRequest(async () => {
      const leave = await lane.enter();
      assert.equal(await lane.enter(), null);
      leave?.();
      assert.notEqual(await lane.enter(), null);
    });
  });

  it('who was not served in five seconds is told to come again; who was, waits ten', async () => {
    const clock = testClock();
    const lane = new RequestLane(1, 5_000, clock);
    const served = Promise.withResolvers<void>();
    const again = asRequest(async () => {
      (await lane.enter())?.();
      await served.promise;
      await lane.enter();
    });
    await moment();
    let free: (() => void) | null = null;
    await asRequest(async () => {
      free = await lane.enter();
    });
    served.resolve();
    const isTimeout = (error: unknown): boolean => error instanceof TurnTimeout && isDatabaseAway(error);
    const patience = [again, asRequest(async () => await lane.enter())].map(async (waiting) => {
      await assert.rejects(waiting, isTimeout);
      return clock.now();
    });
    const start = clock.now();
    await moment();
    await clock.tick(5_000);
    await clock.tick(5_000);
    assert.deepEqual(
      (await Promise.all(patience)).map((at) => at - start),
      [10_000, 5_000],
    );
    assert.ok(free);
    let tries = 0;
    await asRequest(async () => {
      for (const _ of [1, 2]) {
        const waiting = assert.rejects(lane.enter(), isTimeout).then(() => (tries += 1));
        await moment();
        if (tries === 0) await clock.tick(5_000);
        await waiting;
      }
    });
    assert.equal(clock.now() - start, 15_000, 'who was told so is not kept waiting for the rest');
  });
});
