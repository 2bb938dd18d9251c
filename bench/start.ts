import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { bundleInto } from '../scripts/bundle/bundle.ts';
import { startBot, type BenchBot } from './bots.ts';
import type { Part } from './part.ts';
import { round } from './tables.ts';
import { Arrivals, openAt, openCalls, startTelephony, type Telephony } from './telephony.ts';

/** So many are due while the process is gone; of more, the others ring on. */
const DUE = 1_000;
/** The longest ring timeout that can be asked for. */
const LONG_SECONDS = 120;
/** Later than this, a deadline is not on time. */
const ON_TIME_MS = 1_000;

/**
 * Part g: from the start until ready, of a checkout and of the bundle in turns; and after kill -9 until everything that
 * was due meanwhile is done.
 */
export const start: Part = {
  name: 'g',
  title: 'Start, and recovery after kill -9',
  notShort: true,
  async run(run) {
    const calls = Number(run.options['calls'] ?? (run.short ? 20 : 1_000));
    const ringSeconds = run.short ? 5 : 30;
    const dataDir = mkdtempSync(join(tmpdir(), 'ringdown-bench-data-'));
    const telephony = await startTelephony(run, calls, { byHand: true });
    const { emulator, callees } = telephony;
    const due = callees.slice(0, DUE);
    const ringing = callees.slice(DUE);
    const soon = new Set(due.map(({ id }) => id));
    const deadlines = new Deadlines(telephony, new Arrivals(emulator), (id) =>
      soon.has(id) ? ringSeconds : LONG_SECONDS,
    );
    const begin = async (program?: URL): Promise<BenchBot> =>
      await startBot({
        emulator: emulator.addresses,
        database: { dataDir },
        ...(program === undefined ? {} : { program }),
      });
    const bundle = mkdtempSync(join(tmpdir(), 'ringdown-bench-bundle-'));
    await bundleInto(bundle);
    const bundled = pathToFileURL(join(bundle, 'server', 'main.js'));
    const wrong: string[] = [];
    let bot = await begin();
    try {
      const coldMs = Math.round(bot.readyMs);
      const warm: Start[] = [];
      const warmBundled: Start[] = [];
      // The first start of the bundle compiles it.
      await bot.stop();
      bot = await begin(bundled);
      for (let nth = 0; nth < (run.short ? 1 : 5); nth++) {
        await bot.stop();
        bot = await begin();
        warm.push(startOf(bot));
        await bot.stop();
        bot = await begin(bundled);
        warmBundled.push(startOf(bot));
      }
      await bot.stop();
      bot = await begin();
      await openCalls(emulator, bot, ringing, LONG_SECONDS);
      await openCalls(emulator, bot, due, ringSeconds);
      // The last of them has yet to hear that the service took its call: else its deadline would be another.
      await pause(1_000);
      const open = openAt(emulator);
      await bot.kill();
      await pause((ringSeconds + 1) * 1000);
      const killed = performance.now();
      bot = await begin();
      const readyMs = Math.round(bot.readyMs);
      const late = deadlines.overdue;
      while (deadlines.overdue > 0) await pause(20);
      const recoveredSeconds = round((performance.now() - killed) / 1000);
      const twice = callees.filter(({ id }) => emulator.phone(id).rings().length !== 1).length;
      if (twice > 0) wrong.push(`${twice} people were not called exactly once`);
      const checkout = medianOf(warm);
      const inBundle = medianOf(warmBundled);
      return {
        tables: [
          {
            title: 'Seconds from the start (embedded database on disk)',
            columns: ['what', 'seconds', 'processor, seconds'],
            rows: [
              ['ready, the first time', round(coldMs / 1000), ''],
              [
                'ready, warm, from a checkout (median)',
                round(checkout.readyMs / 1000),
                round(checkout.cpuMs / 1000),
              ],
              ['ready, warm, bundled (median)', round(inBundle.readyMs / 1000), round(inBundle.cpuMs / 1000)],
              [
                'bundled / checkout',
                round(inBundle.readyMs / checkout.readyMs),
                round(inBundle.cpuMs / checkout.cpuMs),
              ],
              [`ready, after kill -9 with ${open} open calls`, round(readyMs / 1000), ''],
              [`no deadline is late any more (${late} were when it was ready)`, recoveredSeconds, ''],
            ],
          },
        ],
        aims: run.short
          ? []
          : [
              {
                aim: 'g: ready in 1.5 s warm from a checkout',
                measured: `${round(checkout.readyMs / 1000)} s`,
                met: checkout.readyMs <= 1_500,
              },
              {
                aim: 'g: ready in 1 s warm, bundled',
                measured: `${round(inBundle.readyMs / 1000)} s`,
                met: inBundle.readyMs <= 1_000,
              },
              {
                aim: 'g: recovery under 10 s',
                measured: `${recoveredSeconds} s with ${open} open calls, ${late} of them late`,
                met: recoveredSeconds < 10,
              },
            ],
        figures: { coldMs, warm, warmBundled, open, late, readyMs, recoveredSeconds },
        wrong,
      };
    } finally {
      await bot.stop();
      await emulator.stop();
      for (const folder of [dataDir, bundle]) rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** Of one start: until it was ready, and what it took of the processor until then. */
interface Start {
  readyMs: number;
  cpuMs: number;
}

function startOf(bot: BenchBot): Start {
  const { userMs, systemMs } = bot.usage();
  return { readyMs: Math.round(bot.readyMs), cpuMs: userMs + systemMs };
}

function medianOf(starts: readonly Start[]): Start {
  const median = (values: number[]): number =>
    values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
  return {
    readyMs: median(starts.map((one) => one.readyMs)),
    cpuMs: median(starts.map((one) => one.cpuMs)),
  };
}

/** When calls must be over, by what the service has seen of them. */
class Deadlines {
  readonly #dueAt = new Map<string, number>();

  constructor({ emulator }: Telephony, arrivals: Arrivals, secondsOf: (personId: string) => number) {
    arrivals.on((personId, at) => this.#dueAt.set(personId, at + secondsOf(personId) * 1000));
    emulator.changes.subscribe((change) => {
      if (change.type !== 'call' || change.state !== 'disconnected') return;
      const personId = emulator.calls.record(change.callConnectionId)?.target.personId;
      if (personId) this.#dueAt.delete(personId);
    });
  }

  get overdue(): number {
    const now = performance.now();
    return [...this.#dueAt.values()].filter((at) => at + ON_TIME_MS < now).length;
  }
}
