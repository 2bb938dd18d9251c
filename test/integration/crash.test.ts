import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterTest } from '../support/afterTest.ts';
import { live, type Killed, type MakeStory } from '../support/crashes.ts';
import { aCall, aLadder, alertsAtOnce, aMobile, aTransfer, phonesRing } from '../support/crashStories.ts';
import { fillDataDir, lendPostgres, onPostgres } from '../support/databases.ts';
import { cases, itLong, shuffled } from '../support/long.ts';

/*
 * A first run without kills lists the places. Then the story runs once for each place: the process that reaches it is
 * killed with SIGKILL and restarted, one to three times in a row; in the long suite the seed chooses how often. The
 * emulator's record decides whether the test passes.
 */
const stories: [string, MakeStory][] = [
  ['a call from the chat and its card', aCall],
  ['a transfer', aTransfer],
  ['a ladder', aLadder],
  ['a person in Teams and then on their mobile', aMobile],
  ['phones that ring, and their cards, within seconds', phonesRing],
  ['a batch of alerts with policies, cards for the callees and a channel, and a webhook', alertsAtOnce],
];
const DEATHS = [1, 2, 3] as const;
/** Most of the time is spent waiting for leases to expire, so several run in parallel. */
const AT_ONCE = 2;
/** Places per night. */
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

/** @throws AggregateError with the places at which the story failed */
async function dieAtEach(name: string, make: MakeStory, alive: Live): Promise<void> {
  const all = (await alive(make)).toSorted();
  assert.ok(all.length > 30, `it reaches ${all.length} places`);
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

describe('killed at any place, Ringdown continues after the restart', function () {
  this.timeout(60 * 60_000);

  describe('on PGlite', () => {
    it('a transfer, right after the request', async () => {
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
      itLong(`${name}, on two replicas`, async () => await dieAtEach(name, make, replicated));
    }
    itLong('a policy on two replicas, killed at several places in one night', async () => {
      const places = shuffled(await replicated(aLadder)).slice(0, OF_NIGHT);
      await replicated(aLadder, { places });
    });
  });
});
