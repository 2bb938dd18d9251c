import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { startBot, type BenchBot } from './bots.ts';
import type { Part } from './part.ts';
import { round } from './tables.ts';
import { openAt, openCalls, startTelephony, type Telephony } from './telephony.ts';

/** Each call whose cost is measured ends: of those that are open so many are used up. */
const MEASURED_CALLS = 100;

interface Level {
  /** Calls that the service had, when it was measured. */
  open: number;
  residentMb: number;
  /** What JavaScript still holds after all garbage has been collected. */
  heldKb: number;
  /** Processor time of the process for the end of one call: its events, the card that nobody sees, its rows. */
  msPerEnd: number;
}

/**
 * Part d: memory with open calls, and whether what one of them costs grows with their number. PGlite. The
 * phones are called for 120 s: so many calls as can be placed meanwhile can be open.
 */
export const memory: Part = {
  name: 'd',
  title: 'Memory of open calls, and the cost of their events',
  notShort: true,
  async run(run) {
    const most = Number(run.options['calls'] ?? (run.short ? 40 : 1_000));
    const used = run.short ? 10 : MEASURED_CALLS;
    const telephony = await startTelephony(run, most, { byHand: true });
    const { emulator, callees } = telephony;
    const dataDir = mkdtempSync(join(tmpdir(), 'ringdown-bench-data-'));
    const collected = join(dataDir, 'collected.json');
    const begin = async (): Promise<BenchBot> =>
      await startBot({
        emulator: emulator.addresses,
        database: { dataDir },
        env: { RING_TIMEOUT_SECONDS: '120', COLLECTED_FILE: collected },
        nodeOptions: ['--import', new URL('collector.ts', import.meta.url).href],
      });
    let bot = await begin();
    const levels: Level[] = [];
    const wrong: string[] = [];
    let firstMb: number;
    try {
      await pause(run.short ? 0 : 5_000);
      firstMb = bot.usage().residentMb;
      await bot.stop();
      bot = await begin();
      await pause(run.short ? 0 : 5_000);
      const atRest = bot.usage().residentMb;
      levels.push({
        open: 0,
        residentMb: atRest,
        heldKb: await heldKb(bot, collected),
        msPerEnd: Number.NaN,
      });
      let first = 0;
      for (const open of [Math.round(most / 10), most]) {
        // Those that were used up are called no more.
        await openCalls(emulator, bot, callees.slice(first, first + open));
        await emulator.idle();
        await pause(run.short ? 0 : 2_000);
        const there = openAt(emulator);
        const { residentMb } = bot.usage();
        const held = await heldKb(bot, collected);
        const { userMs, systemMs } = bot.usage();
        for (const { id } of callees.slice(first, first + used)) emulator.phone(id).decline();
        await untilOver(telephony, callees.slice(first, first + used));
        const after = bot.usage();
        const msPerEnd = round((after.userMs + after.systemMs - userMs - systemMs) / used);
        levels.push({ open: there, residentMb, heldKb: held, msPerEnd });
        run.print(`${there} open: ${residentMb} MB, held ${held} KB, ${msPerEnd} ms for the end of one`);
        first += used;
      }
      const twice = callees.filter(({ id }) => emulator.phone(id).rings().length > 1).length;
      if (twice > 0) wrong.push(`${twice} people were called twice`);
    } finally {
      await bot.stop();
      await emulator.stop();
      rmSync(dataDir, { recursive: true, force: true });
    }
    const [rest, low, high] = levels;
    // Not from none on: with the first calls code is loaded and optimised.
    const perCallKb = low && high ? round((high.heldKb - low.heldKb) / (high.open - low.open)) : Number.NaN;
    return {
      tables: [
        {
          title: 'Resident memory of the process, its embedded database included',
          columns: ['open calls', 'MB', 'held after collecting, KB', 'processor ms for the end of one'],
          rows: levels.map(({ open, residentMb, heldKb: held, msPerEnd }) => [
            open,
            residentMb,
            held,
            Number.isNaN(msPerEnd) ? '' : msPerEnd,
          ]),
        },
      ],
      aims: run.short
        ? []
        : [
            {
              aim: 'd: under 250 MB at rest on PGlite',
              measured: `${rest?.residentMb ?? Number.NaN} MB, after the first start ${firstMb} MB`,
              met: Math.max(firstMb, rest?.residentMb ?? Infinity) < 250,
            },
            { aim: 'd: under 5 KB an open call', measured: `${perCallKb} KB`, met: perCallKb < 5 },
            {
              aim: 'd: no growth of the cost of an event',
              measured: `${round((high?.msPerEnd ?? Number.NaN) / (low?.msPerEnd ?? Number.NaN))} times with ten times as many`,
              met: (high?.msPerEnd ?? Infinity) <= 1.2 * (low?.msPerEnd ?? 0),
            },
          ],
      figures: { firstMb, levels, perCallKb },
      wrong,
    };
  },
};

const memoryUsage = z.object({ heapUsed: z.number(), external: z.number() });

/** Has it collect its garbage (`collector.ts`). */
async function heldKb({ pid }: BenchBot, file: string): Promise<number> {
  rmSync(file, { force: true });
  process.kill(pid, 'SIGUSR2');
  while (!existsSync(file)) await pause(20);
  const { heapUsed, external } = memoryUsage.parse(JSON.parse(readFileSync(file, 'utf8')));
  return Math.round((heapUsed + external) / 1024);
}

async function untilOver({ emulator }: Telephony, callees: readonly { id: string }[]): Promise<void> {
  const ids = new Set(callees.map(({ id }) => id));
  const isOpen = (): boolean =>
    emulator.calls
      .list()
      .some(({ target, state }) => ids.has(target.personId ?? '') && state !== 'disconnected');
  while (isOpen()) await pause(20);
  await emulator.idle();
}
