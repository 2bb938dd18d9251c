import assert from 'node:assert/strict';
import { AnswerCache } from '../../src/directory/answerCache.ts';
import { testClock } from '../support/clock.ts';

interface Answer {
  name: string;
}

/** A directory that answers when a test tells it to. */
function slow() {
  const asked: PromiseWithResolvers<Answer>[] = [];
  return {
    asked,
    ask: async (): Promise<Answer> => {
      const answer = Promise.withResolvers<Answer>();
      asked.push(answer);
      return await answer.promise;
    },
  };
}

describe('a cached answer of the directory', () => {
  const kept = () => new AnswerCache<Answer>(testClock(), { most: 2, milliseconds: 60_000 });

  it('is requested once for concurrent callers', async () => {
    const { asked, ask } = slow();
    const answers = kept();
    const all = ['a', 'a', 'b'].map(async (key) => await answers.getOr(key, ask));
    assert.equal(asked.length, 2);
    asked[0]?.resolve({ name: 'A' });
    asked[1]?.resolve({ name: 'B' });
    assert.deepEqual(
      (await Promise.all(all)).map(({ name }) => name),
      ['A', 'A', 'B'],
    );
    assert.equal((await answers.getOr('a', ask)).name, 'A');
    assert.equal(asked.length, 2);
  });

  it('is requested again if another caller’s request failed', async () => {
    const { asked, ask } = slow();
    const answers = kept();
    const first = answers.getOr('a', ask);
    const second = answers.getOr('a', ask);
    asked[0]?.reject(new Error('too late'));
    await assert.rejects(first, /too late/);
    asked[1]?.resolve({ name: 'A' });
    assert.equal((await second).name, 'A');
    assert.equal(asked.length, 2);
  });

  it('is requested again after it expired', async () => {
    const clock = testClock();
    const answers = new AnswerCache<Answer>(clock, { most: 2, milliseconds: 60_000 });
    let times = 0;
    const ask = async (): Promise<Answer> => await Promise.resolve({ name: `${++times}` });
    await answers.getOr('a', ask);
    await clock.tick(59_000);
    assert.equal((await answers.getOr('a', ask)).name, '1');
    await clock.tick(2_000);
    assert.equal((await answers.getOr('a', ask)).name, '2');
  });
});
