import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { FakeClock as TestClock } from '../support/clock.ts';
import { hearing, missedAt, type Heard } from '../../src/alerts/heartbeatGrace.ts';
import { Heartbeats, type Heartbeat } from '../../src/alerts/heartbeats.ts';
import type { Received } from '../../src/alerts/alertService.ts';
import { Jobs } from '../../src/database/jobs.ts';
import type { Database } from '../../src/database/open.ts';
import { createTransact } from '../../src/database/work.ts';
import { afterTest } from '../support/afterTest.ts';
import { advance, testClock } from '../support/clock.ts';
import { openEmbedded } from '../support/databases.ts';
import { silent } from '../support/log.ts';

const second = 1000;
const EVERY = 30 * second;

/** One process of Ringdown as far as heartbeats go: what it takes for an alert is kept. */
interface Process {
  heartbeats: Heartbeats;
  /** As if its file had been written anew. */
  expects(every: number): Promise<void>;
  beat(): Promise<void>;
  /** Nothing is heard until another one starts. */
  end(): Promise<void>;
}

describe('heartbeats', function () {
  let clock: TestClock;
  let database: Database;
  let said: string[];
  let running: Jobs[];
  beforeEach(async () => {
    clock = testClock();
    database = await openEmbedded();
    said = [];
    running = [];
  });

  async function start(every = EVERY): Promise<Process> {
    let backup: Heartbeat = { name: 'backup', every, policy: 'payments' };
    const jobs = new Jobs(database, clock, silent);
    const heartbeats = new Heartbeats({
      ...{ jobs, clock, log: silent },
      transact: createTransact(database, jobs),
      alerts: {
        takeIn: async (_work: unknown, _policy: string, received: readonly Received[]) => {
          said.push(...received.flatMap(({ signals }) => signals.map(({ action }) => action)));
          await Promise.resolve();
        },
      },
      expected: () => [backup],
      languageOf: () => 'en',
    });
    await jobs.start();
    await heartbeats.start();
    running.push(jobs);
    const end = async (): Promise<void> => {
      heartbeats.stop();
      running = running.filter((one) => one !== jobs);
      await jobs.stop(10);
    };
    afterTest(async () => {
      if (running.includes(jobs)) await end();
    });
    return {
      heartbeats,
      end,
      beat: async () => void (await heartbeats.beat(backup)),
      expects: async (next) => {
        backup = { ...backup, every: next };
        await heartbeats.watch();
      },
    };
  }

  const pass = async (ms: number): Promise<void> =>
    await advance(
      clock,
      ms,
      async () => void (await Promise.all(running.map(async (jobs) => await jobs.idle()))),
    );
  /** Time in which no process runs. */
  const skip = (ms: number): void => clock.setTime(clock.now() + ms);

  it('have `every` to come after Ringdown could not hear them', async () => {
    const one = await start();
    await one.beat();
    await pass(5 * second);
    await one.end();
    skip(600 * second);
    const two = await start();
    await pass(25 * second);
    assert.deepEqual(said, []);
    await two.beat();
    await pass(25 * second);
    assert.deepEqual(said, []);
    await pass(7 * second);
    assert.deepEqual(said, ['open']);
  });

  it('have it when the database was away, too', async () => {
    const one = await start();
    await one.beat();
    // The process lives on, but nothing that it writes arrives; then all of it is late at once.
    skip(600 * second);
    await pass(10 * second);
    assert.deepEqual(said, []);
    await pass(22 * second);
    assert.deepEqual(said, ['open']);
  });

  it('have none while another process hears them', async () => {
    const one = await start();
    await one.beat();
    await pass(20 * second);
    const two = await start();
    await two.end();
    await pass(12 * second);
    assert.deepEqual(said, ['open']);
  });

  it('that were missed before stay so, until they come', async () => {
    const one = await start();
    await pass(EVERY + 2 * second);
    assert.deepEqual(said, ['open']);
    await one.end();
    skip(600 * second);
    const two = await start();
    await pass(5 * second);
    assert.deepEqual(said, ['open']);
    await two.beat();
    assert.deepEqual(said, ['open', 'resolve']);
  });

  it('are waited for as the file says now, without the next one', async () => {
    const one = await start(600 * second);
    await one.beat();
    await one.expects(10 * second);
    await pass(9 * second);
    assert.deepEqual(said, []);
    await pass(3 * second);
    assert.deepEqual(said, ['open']);
  });

  it('that never came are waited for so, too', async () => {
    const one = await start(600 * second);
    await one.expects(5 * second);
    await pass(7 * second);
    assert.deepEqual(said, ['open']);
  });

  it('that are late only because the file was changed have the new time to come', async () => {
    const one = await start(600 * second);
    await one.beat();
    await pass(15 * second);
    await one.expects(10 * second);
    await pass(6 * second);
    // Read again, it is not put off.
    await one.expects(10 * second);
    await pass(3 * second);
    assert.deepEqual(said, []);
    await pass(3 * second);
    assert.deepEqual(said, ['open']);
  });
});

describe('the silence of heartbeats', () => {
  const every = 30 * second;
  const row = { last_at: new Date(0), due_at: new Date(every) };
  /** Somebody hears at these times, and else nobody. @returns when it is missed */
  const missed = (lastAt: number, ...heardAt: number[]): number => {
    let heard: Heard = { at: lastAt, grace: {} };
    for (const now of heardAt) heard = hearing(heard, now, [{ name: 'backup', lastAt }]);
    return missedAt({ ...row, last_at: new Date(lastAt) }, every, heard.grace['backup']);
  };

  it('counts from the last one on while they are heard', () => {
    assert.equal(missed(0, 5 * second, 10 * second, 15 * second), 30 * second);
  });

  it('begins anew, once, when nobody could hear, and then stands still as long as nobody can', () => {
    assert.equal(missed(0, 100 * second), 130 * second);
    assert.equal(missed(0, 100 * second, 105 * second), 130 * second);
    assert.equal(missed(0, 100 * second, 105 * second, 205 * second), 230 * second);
  });

  it('is at most `every` of listening, however often it is started', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ downS: fc.integer({ min: 13, max: 10_000 }), upS: fc.integer({ min: 0, max: 12 }) }),
        ),
        (starts) => {
          let now = 0;
          const times = starts.flatMap(({ downS, upS }) => {
            const from = now + downS * second;
            now = from + upS * second;
            return [from, now];
          });
          const listened = starts.reduce((sum, { upS }) => sum + upS * second, 0);
          const left = missed(0, ...times) - now;
          assert.ok(left <= every - (starts.length > 0 ? listened : 0), `${left} left after ${listened}`);
        },
      ),
    );
  });

  it('is missed in time when two that hear have clocks 13 s apart, in whatever order they say so', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 50 }), (rounds) => {
        const times = rounds.flatMap((isFirst, index) => {
          const [here, there] = [(index + 1) * 5 * second, ((index + 1) * 5 + 13) * second];
          return isFirst ? [there, here] : [here, there];
        });
        // The first of the other clock may look like a time in which nobody heard, but only once.
        assert.ok(missed(0, ...times) <= (5 + 13) * second + every);
      }),
    );
  });

  it('is over with the next one: what comes after it has its own time', () => {
    const heard = hearing({ at: 0, grace: {} }, 100 * second, [{ name: 'backup', lastAt: 0 }]);
    const came = { last_at: new Date(101 * second), due_at: new Date(0) };
    assert.equal(missedAt(came, every, heard.grace['backup']), 131 * second);
    const next = hearing(heard, 300 * second, [{ name: 'backup', lastAt: 101 * second }]);
    assert.deepEqual(next.grace['backup'], { from: 300 * second, lostMs: 0 });
  });
});
