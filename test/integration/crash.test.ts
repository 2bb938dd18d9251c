import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterTest } from '../support/afterTest.ts';
import { live, type Killed, type MakeStory } from '../support/crashes.ts';
import { aCall, aLadder, alertsAtOnce, aTransfer } from '../support/crashStories.ts';
import { fillDataDir, lendPostgres, onPostgres } from '../support/databases.ts';
import { cases, itLong, shuffled } from '../support/long.ts';

/*
 * A first run without kills lists the places. Then the story runs once more for each place. The process that reaches the place
 * is killed with SIGKILL and started again: once, twice or three times in a row. In the long suite the seed draws how often. The emulator's own record is the judge.
 */
const stories: [string, MakeStory][] = [
  ['a call from the chat and its card', aCall],
  ['a transfer', aTransfer],
  ['a ladder', aLadder],
  ['a batch of alerts with ladders, cards of those called and of a channel, and a webhook', alertsAtOnce],
];
const DEATHS = [1, 2, 3] as const;
/** Most of the time is waiting for a lease to run out, so several are tried side by side. */
const AT_ONCE = 2;
/** Places in one night. */
const OF_NIGHT = 5;

type Live = (make: MakeStory, killed?: Killed) => Promise<string[]>;

async function embedded(make: MakeStory, killed?: Killed): Promise<string[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'ringdown-crash-data-'));
  try {
    await fillDataDir(dataDir);
    return await live(make, { dataDir }, { env: [{}], ...killed });
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function replicated(make: MakeStory, killed?: Killed): Promise<string[]> {
  const { url, giveBack } = await lendPostgres();
  try {
    return await live(make, { url }, { env: [{}, {}], ...killed });
  } finally {
    await giveBack();
  }
}

/** @throws AggregateError that names the places at which it did not come true */
async function dieAtEach(name: string, make: MakeStory, alive: Live): Promise<void> {
  const all = (await alive(make)).toSorted();
  assert.ok(all.length > 30, `it comes to ${all.length} places`);
  const left = cases(`places of ${name}`, shuffled(all), []);
  const faults: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (let place = left.pop(); place; place = left.pop()) {
      const [times = 1] = shuffled(DEATHS, place);
      await alive(make, { places: [place], times }).catch((error: unknown) => faults.push(error));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  if (faults.length > 0) throw new AggregateError(faults, `${faults.length} of ${all.length} places`);
}

describe('killed at any place, it goes on after the restart', function () {
  this.timeout(60 * 60_000);

  describe('on PGlite', () => {
    it('a transfer, right after it was asked for', async () => {
      await embedded(aTransfer, { places: ['after transfer'] });
    });
    for (const [name, make] of cases('crash on PGlite', stories, [])) {
      itLong(name, async () => await dieAtEach(name, make, embedded));
    }
  });

  onPostgres(() => {
    it('a batch of alerts, right after it was stored', async () => {
      const { url, giveBack } = await lendPostgres();
      afterTest(giveBack);
      await live(alertsAtOnce, { url }, { env: [{}], places: ['after alert stored'] });
    });
    for (const [name, make] of cases('crash on PostgreSQL', stories, [])) {
      itLong(`${name}, of two replicas`, async () => await dieAtEach(name, make, replicated));
    }
    itLong('a ladder of two replicas, killed at several places in one night', async () => {
      const places = shuffled(await replicated(aLadder)).slice(0, OF_NIGHT);
      await replicated(aLadder, { places });
    });
  });
});
