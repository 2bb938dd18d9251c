import assert from 'node:assert/strict';
import { afterTest } from '../support/afterTest.ts';
import { live, standStill, type MakeStory } from '../support/crashes.ts';
import { aCall, aLadder, alertsAtOnce, aTransfer } from '../support/crashStories.ts';
import { lendPostgres, onPostgres } from '../support/databases.ts';
import { cases, sample, shuffled } from '../support/long.ts';

const HOUR = 3_600_000;

/** The same call. A process that continues after a long stop must not repeat the message. */
const aCallHeardOnce: MakeStory = (emulator) => {
  const story = aCall(emulator);
  return {
    ...story,
    async holds(replicas) {
      await story.holds(replicas);
      assert.equal(emulator.phone('Adele Vance').spoken().length, 1, 'the message was heard once');
    },
  };
};

const stories: [string, MakeStory][] = [
  ['a call from the chat', aCallHeardOnce],
  ['a transfer', aTransfer],
  ['a batch of alerts with ladders, cards and a webhook', alertsAtOnce],
];

describe('two replicas on one database', function () {
  this.timeout(60 * 60_000);

  onPostgres(() => {
    async function freshUrl(): Promise<string> {
      const { url, giveBack } = await lendPostgres();
      afterTest(giveBack);
      return url;
    }

    // Each takes minutes: not in the sampled form.
    for (const [name, make] of sample === 1 ? stories : []) {
      it(`one stands still for longer than its lease, at any place of ${name}: the other brings it to its end`, async () => {
        const all = (await live(make, { url: await freshUrl() }, { env: [{}, {}] })).toSorted();
        for (const place of cases(`standing still in ${name}`, shuffled(all), [])) {
          const { url, giveBack } = await lendPostgres();
          try {
            await standStill(make, { url }, place);
          } finally {
            await giveBack();
          }
        }
      });
    }

    for (const [title, wrongBy] of cases(
      'wrong clocks',
      [
        ['ahead', HOUR],
        ['behind', -HOUR],
      ] as const,
      [],
    )) {
      it(`the clock of one is an hour ${title}: both carry a ladder out, and calls go on when that one is gone`, async () => {
        const url = await freshUrl();
        await live(aLadder, { url }, { env: [{ CLOCK_WRONG_BY_MS: String(wrongBy) }, {}] });
        await live(aTransfer, { url }, { env: [{}] });
      });
    }
  });
});
