import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { FakeClock as TestClock } from '../support/clock.ts';
import { dueAt, recordListening, type Listening } from '../../src/alerts/heartbeatGrace.ts';
import { Heartbeats, type Heartbeat } from '../../src/alerts/heartbeats.ts';
import type { Received } from '../../src/alerts/alertService.ts';
import { Jobs } from '../../src/database/jobRunner.ts';
import type { Database } from '../../src/database/open.ts';
import { createTransact } from '../../src/database/transaction.ts';
import { afterTest } from '../support/afterTest.ts';
import { advance, testClock } from '../support/clock.ts';
import { openEmbedded } from '../support/databases.ts';
import { silent } from '../support/log.ts';

const second = 1000;
const EVERY = 30 * second;

/** One process of Ringdown that handles only heartbeats and remembers the alerts that it opens. */
interface Process {
  heartbeats: Heartbeats;
  /** Changes `every` in ringdown.yaml. */
  expects(every: number): Promise<void>;
  beat(): Promise<void>;
  /** Stops: no heartbeat is received until another process starts. */
  end(): Promise<void>;
}

describe('a heartbeat', function () {
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
      jobs,
      clock,
      log: silent,
      transact: createTransact(database, jobs),
      alerts: {
        applyIn: async (_work: unknown, _policy: string, received: readonly Received[]) => {
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
  /** Moves time while no process runs. */
  const skip = (ms: number): void => clock.setTime(clock.now() + ms);

  it('gets a full `every` after Ringdown was down', async () => {
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

  it('gets a full `every` after the database was away', async () => {
    const one = await start();
    await one.beat();
    // The process runs, but its writes do not arrive; then all of them are late at once.
    skip(600 * second);
    await pass(10 * second);
    assert.deepEqual(said, []);
    await pass(22 * second);
    assert.deepEqual(said, ['open']);
  });

  it('gets no extra time while another process receives it', async () => {
    const one = await start();
    await one.beat();
    await pass(20 * second);
    const two = await start();
    await two.end();
    await pass(12 * second);
    assert.deepEqual(said, ['open']);
  });

  it('that was missed before an outage stays missed until it beats', async () => {
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

  it('is due by the new `every` as soon as the file changes', async () => {
    const one = await start(600 * second);
    await one.beat();
    await one.expects(10 * second);
    await pass(9 * second);
    assert.deepEqual(said, []);
    await pass(3 * second);
    assert.deepEqual(said, ['open']);
  });

  it('that never beat is due by the new `every` too', async () => {
    const one = await start(600 * second);
    await one.expects(5 * second);
    await pass(7 * second);
    assert.deepEqual(said, ['open']);
  });

  it('that a change of the file makes late gets the new `every` from then on', async () => {
    const one = await start(600 * second);
    await one.beat();
    await pass(15 * second);
    await one.expects(10 * second);
    await pass(6 * second);
    // Reading the file again does not extend the time.
    await one.expects(10 * second);
    await pass(3 * second);
    assert.deepEqual(said, []);
    await pass(3 * second);
    assert.deepEqual(said, ['open']);
  });
});

describe('the deadline of a heartbeat', () => {
  const every = 30 * second;
  const row = { last_at: new Date(0), due_at: new Date(every) };
  /** Processes record at these times, and at no others, that they can receive. @returns when the heartbeat is due */
  const due = (lastAt: number, ...recordedAt: number[]): number => {
    let listening: Listening = { at: lastAt, grace: {} };
    for (const now of recordedAt) listening = recordListening(listening, now, [{ name: 'backup', lastAt }]);
    return dueAt({ ...row, last_at: new Date(lastAt) }, every, listening.grace['backup']);
  };

  it('counts from the last beat if there was no outage', () => {
    assert.equal(due(0, 5 * second, 10 * second, 15 * second), 30 * second);
  });

  it('starts again once after an outage, and further outages only add their length', () => {
    assert.equal(due(0, 100 * second), 130 * second);
    assert.equal(due(0, 100 * second, 105 * second), 130 * second);
    assert.equal(due(0, 100 * second, 105 * second, 205 * second), 230 * second);
  });

  it('allows at most `every` of listening time, however many outages there are', () => {
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
          const left = due(0, ...times) - now;
          assert.ok(left <= every - (starts.length > 0 ? listened : 0), `${left} left after ${listened}`);
        },
      ),
    );
  });

  it('passes in time when the clocks of two processes differ by 13 s, in any order of records', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 50 }), (order) => {
        const times = order.flatMap((isFirst, index) => {
          const [here, there] = [(index + 1) * 5 * second, ((index + 1) * 5 + 13) * second];
          return isFirst ? [there, here] : [here, there];
        });
        // The first record by the other clock may look like an outage, but only once.
        assert.ok(due(0, ...times) <= (5 + 13) * second + every);
      }),
    );
  });

  it('loses its grace at the next beat', () => {
    const listening = recordListening({ at: 0, grace: {} }, 100 * second, [{ name: 'backup', lastAt: 0 }]);
    const beaten = { last_at: new Date(101 * second), due_at: new Date(0) };
    assert.equal(dueAt(beaten, every, listening.grace['backup']), 131 * second);
    const next = recordListening(listening, 300 * second, [{ name: 'backup', lastAt: 101 * second }]);
    assert.deepEqual(next.grace['backup'], { from: 300 * second, lostMs: 0 });
  });
});
