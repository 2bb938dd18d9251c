import assert from 'node:assert/strict';
import sinon from 'sinon';
import { pauseBefore } from '../../../src/console/browser/backOff.ts';
import { follow } from '../../../src/console/browser/follow.ts';

class Denied extends Error {}

type Connection = Error | readonly object[];

/** Follows connections that send these lines or fail. The last one stays open until the test ends. */
async function story(connections: readonly Connection[]) {
  const told: string[] = [];
  const ending = new AbortController();
  const left = [...connections];
  await follow(
    {
      open: async (renew) => {
        await Promise.resolve();
        const next = left.shift();
        told.push(renew ? 'open with a new token' : 'open');
        if (next === undefined) ending.abort();
        if (next instanceof Error) throw next;
        return chunks(next ?? []);
      },
      show: (view) => told.push(`show ${String(view)}`),
      lost: () => told.push('lost'),
      ended: () => told.push('ended'),
      isFinal: (fault) => fault instanceof Denied,
      pause: async (ms) => {
        told.push(`pause ${ms}`);
        await Promise.resolve();
      },
      chance: () => 1,
    },
    ending.signal,
  );
  return told;
}

async function* chunks(lines: readonly object[]): AsyncGenerator<Uint8Array> {
  for (const line of lines) {
    await Promise.resolve();
    yield new TextEncoder().encode(`${JSON.stringify(line)}\n`);
  }
}

describe('a page that follows a view', () => {
  it('reconnects after each loss, with pauses that grow until a view arrives', async () => {
    const told = await story([
      [{ view: 1 }],
      new Error('away'),
      new Error('away'),
      [{ alive: true }, { view: 2 }],
    ]);
    assert.deepEqual(told, [
      'open',
      'show 1',
      'lost',
      'pause 500',
      'open',
      'lost',
      'pause 1000',
      'open',
      'lost',
      'pause 2000',
      'open',
      'show 2',
      'lost',
      'pause 500',
      'open',
      'lost',
    ]);
  });

  it('signs in again at once when the token has expired, without saying that the connection is lost', async () => {
    const told = await story([
      [{ view: 1 }, { signIn: true }],
      [{ view: 2 }, { signIn: true }],
    ]);
    assert.deepEqual(told.slice(0, 4), ['open', 'show 1', 'open with a new token', 'show 2']);
  });

  it('stops at a fault that another attempt does not remove', async () => {
    assert.deepEqual(await story([[{ view: 1 }], new Denied()]), [
      'open',
      'show 1',
      'lost',
      'pause 500',
      'open',
      'ended',
    ]);
  });

  it('opens a connection again that has been silent for a minute', async () => {
    const clock = sinon.useFakeTimers();
    try {
      const ending = new AbortController();
      let opened = 0;
      const following = follow(
        {
          open: async (_renew, signal) => {
            opened++;
            if (opened === 2) ending.abort();
            return await Promise.resolve(silence(signal));
          },
          show: () => undefined,
          lost: () => undefined,
          ended: () => undefined,
          isFinal: () => false,
          pause: async () => await Promise.resolve(),
          chance: () => 1,
        },
        ending.signal,
      );
      await clock.tickAsync(59_000);
      assert.equal(opened, 1);
      await clock.tickAsync(2_000);
      assert.equal(opened, 2);
      await following;
    } finally {
      clock.restore();
    }
  });
});

/** A connection that sends nothing until it is aborted. */
async function* silence(signal: AbortSignal): AsyncGenerator<Uint8Array> {
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
  signal.throwIfAborted();
  yield new Uint8Array();
}

describe('the pause before another attempt', () => {
  it('doubles up to half a minute, and chance halves it at most', () => {
    const longest = [1, 2, 3, 7, 100].map((failures) => pauseBefore(failures, 1));
    assert.deepEqual(longest, [500, 1_000, 2_000, 30_000, 30_000]);
    assert.equal(pauseBefore(3, 0), 1_000);
  });
});
