import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import pg from 'pg';
import { isDatabaseAway } from '../../src/database/away.ts';
import { GroupCommit } from '../../src/database/groupCommit.ts';
import { asRequest, RequestLane } from '../../src/database/lanes.ts';
import { Contended, TurnTimeout } from '../../src/database/transactionErrors.ts';
import { testClock } from '../support/clock.ts';

/** Until the next transaction has started, also one that follows a try without waiting. */
async function moment(): Promise<void> {
  for (let turn = 0; turn < 6; turn++) await setImmediate();
}

type Options = Partial<ConstructorParameters<typeof GroupCommit<string, { of: string }>>[0]>;

/** Transactions that end when the test says so. Their clock stands still unless the test moves it. */
function slow(options: Options = {}) {
  const begun: { requests: readonly string[]; waits: boolean; done: PromiseWithResolvers<void> }[] = [];
  const answered: string[] = [];
  const clock = testClock();
  const group = new GroupCommit<string, { of: string }>({
    what: 'requests',
    clock,
    commit: async (requests, waits) => {
      const done = Promise.withResolvers<void>();
      begun.push({ requests, waits, done });
      await done.promise;
      return requests.map((of) => ({ of }));
    },
    ...options,
  });
  const send = async (request: string): Promise<void> => {
    assert.deepEqual(await group.take(request), { of: request });
    answered.push(request);
  };
  const end = async (nth: number): Promise<void> => {
    begun[nth]?.done.resolve();
    await moment();
  };
  return { group, begun, answered, clock, send, end, batches: () => begun.map(({ requests }) => requests) };
}

/** Transactions that `fail` may refuse, and the requests of those that it did not. */
function failing(fail: (requests: readonly string[]) => Error | null, options: Options = {}) {
  const stored: string[] = [];
  let tries = 0;
  const group = new GroupCommit<string, { of: string }>({
    what: 'requests',
    commit: async (requests) => {
      tries += 1;
      await moment();
      const error = fail(requests);
      if (error) throw error;
      stored.push(...requests);
      return requests.map((of) => ({ of }));
    },
    ...options,
  });
  const outcomes = async (requests: readonly string[]): Promise<string[]> => {
    const all = await Promise.allSettled(requests.map(async (one) => await group.take(one)));
    return all.map(({ status }) => status);
  };
  return { outcomes, stored, tries: () => tries };
}

const away = Object.assign(new pg.DatabaseError('shutting down', 1, 'error'), { code: '57P01' });

describe('a group commit', () => {
  it('takes requests one by one when they come one by one, and together when they come during a transaction', async () => {
    const { begun, answered, send, end, batches } = slow();
    const all = [send('a')];
    await moment();
    assert.deepEqual(batches(), [['a']]);
    all.push(...['b', 'c'].map(send));
    await moment();
    assert.equal(begun.length, 1);
    await end(0);
    assert.deepEqual(answered, ['a']);
    await end(1);
    all.push(send('d'));
    await moment();
    await end(2);
    await Promise.all(all);
    assert.deepEqual(answered, ['a', 'b', 'c', 'd']);
    assert.deepEqual(
      begun.map(({ requests, waits }) => [requests.join(''), waits]),
      [
        ['a', true],
        ['bc', false],
        ['d', true],
      ],
    );
  });

  it('takes at most 50 at a time', async () => {
    const { send, end, batches } = slow();
    const all = Array.from({ length: 120 }, async (_, nth) => await send(`${nth}`));
    for (const nth of [0, 1, 2]) {
      await moment();
      await end(nth);
    }
    await Promise.all(all);
    assert.deepEqual(
      batches().map(({ length }) => length),
      [50, 50, 20],
    );
  });

  it('goes on after 100 ms without the answer of a transaction, unless it keeps the order', async () => {
    for (const inOrder of [false, true]) {
      const { begun, clock, send, end } = slow({ inOrder });
      const all = [send('a')];
      await moment();
      all.push(send('b'));
      await clock.tick(100);
      await moment();
      assert.equal(begun.length, inOrder ? 1 : 2);
      await end(0);
      await end(1);
      await Promise.all(all);
    }
  });

  const refused = new RangeError('refused');
  const contended = new Contended(refused);
  for (const [what, error, fails] of [
    ['one cannot be stored', refused, (requests: readonly string[]) => requests.includes('bad')],
    ['others were in the way each time', contended, ({ length }: readonly string[]) => length > 1],
  ] as const) {
    it(`takes each alone if ${what}`, async () => {
      const { outcomes, stored } = failing((requests) => (fails(requests) ? error : null));
      const expected = ['a', 'bad', 'c'].map((one) => (fails([one]) ? 'rejected' : 'fulfilled'));
      assert.deepEqual(await outcomes(['a', 'bad', 'c']), expected);
      assert.equal(stored.length, expected.filter((one) => one === 'fulfilled').length);
    });
  }

  it('fails all at once when the database is away, and tries anew with the next', async () => {
    let isAway = true;
    const { outcomes, tries } = failing(() => (isAway ? away : null));
    assert.deepEqual(new Set(await outcomes(['a', 'b', 'c'])), new Set(['rejected']));
    assert.equal(tries(), 1);
    isAway = false;
    assert.deepEqual(await outcomes(['d']), ['fulfilled']);
  });

  it('refuses what did not start within five seconds, and never carries it out', async () => {
    const { begun, clock, send, end } = slow({ inOrder: true });
    const first = send('a');
    await moment();
    const late = assert.rejects(send('b'), (error) => error instanceof TurnTimeout && isDatabaseAway(error));
    await clock.tick(5_000);
    await late;
    await end(0);
    await first;
    assert.equal(begun.length, 1);
  });

  const nameOf = (request: string): string => request.split(' ')[0] ?? '';
  for (const [title, waitsFor] of [
    ['each thing that is locked', nameOf],
    ['all that is locked', () => 'locks'],
  ] as const) {
    it(`lets one transaction at a time wait for ${title}, and makes nobody else late`, async () => {
      const waiting: { requests: readonly string[]; free: () => void }[] = [];
      const clock = testClock();
      const group = new GroupCommit<string, { of: string }>({
        what: 'requests',
        clock,
        waitsFor,
        commit: async (requests, waits) => {
          const isLocked = (request: string): boolean => nameOf(request) === 'rock';
          if (waits && requests.some(isLocked)) {
            const { promise, resolve } = Promise.withResolvers<void>();
            waiting.push({ requests, free: resolve });
            await promise;
          }
          return requests.map((of) => (waits || !isLocked(of) ? { of } : null));
        },
      });
      const take = async (...requests: string[]): Promise<string[]> =>
        await Promise.all(requests.map(async (one) => (await group.take(one)).of));
      const first = take('rock 1');
      await moment();
      await clock.tick(100);
      const crowd = take('rock 2', 'rock 3', 'rock 4');
      await moment();
      await clock.tick(100);
      assert.deepEqual(await take('sand'), ['sand']);
      assert.deepEqual(await take('sand 1', 'sand 2'), ['sand 1', 'sand 2']);
      assert.deepEqual(
        waiting.map(({ requests }) => requests),
        [['rock 1']],
      );
      waiting[0]?.free();
      await first;
      await moment();
      assert.deepEqual(waiting[1]?.requests, ['rock 2', 'rock 3', 'rock 4']);
      const late = assert.rejects(take('rock 5'), TurnTimeout);
      await moment();
      await clock.tick(5_000);
      await late;
      waiting[1]?.free();
      await crowd;
    });
  }

  it('runs as a request or as work under way, no matter who came first', async () => {
    const lane = new RequestLane(1);
    const leave = await asRequest(async () => await lane.enter());
    const take = async (asRequests: boolean): Promise<string> => {
      const group = new GroupCommit<null, true>({
        what: 'requests',
        asRequests,
        commit: async () => {
          (await lane.enter())?.();
          return [true];
        },
      });
      const taken = group.take(null).then(() => 'taken');
      await moment();
      return await Promise.race([taken, Promise.resolve('waits')]);
    };
    assert.equal(await asRequest(async () => await take(false)), 'taken');
    assert.equal(await take(true), 'waits');
    leave?.();
    assert.equal(await take(true), 'taken');
  });
});
