import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startBot } from './bots.ts';
import type { Part } from './part.ts';
import { round } from './tables.ts';
import { openCalls, startTelephony, type Telephony } from './telephony.ts';

/** Each call whose cost is measured ends: of those that are open so many are used up. */
const MEASURED_CALLS = 100;

interface Level {
  open: number;
  residentMb: number;
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
    const bot = await startBot({
      emulator: emulator.addresses,
      database: { dataDir },
      env: { RING_TIMEOUT_SECONDS: '120' },
    });
    const levels: Level[] = [];
    const wrong: string[] = [];
    try {
      await pause(run.short ? 0 : 5_000);
      levels.push({ open: 0, residentMb: bot.usage().residentMb, msPerEnd: Number.NaN });
      let first = 0;
      for (const open of [Math.round(most / 10), most]) {
        // Those that were used up are called no more.
        await openCalls(telephony, bot, open, first);
        await emulator.idle();
        await pause(run.short ? 0 : 2_000);
        const { residentMb, userMs, systemMs } = bot.usage();
        for (const { id } of callees.slice(first, first + used)) emulator.phone(id).decline();
        await untilOver(telephony, callees.slice(first, first + used));
        const after = bot.usage();
        const msPerEnd = round((after.userMs + after.systemMs - userMs - systemMs) / used);
        levels.push({ open, residentMb, msPerEnd });
        run.print(`${open} open: ${residentMb} MB, ${msPerEnd} ms for the end of one`);
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
    const perCallKb =
      rest && high
        ? round(((high.residentMb - rest.residentMb) * 1024) / Math.max(1, high.open))
        : Number.NaN;
    return {
      tables: [
        {
          title: 'Resident memory of the process, its embedded database included',
          columns: ['open calls', 'MB', 'processor ms for the end of one'],
          rows: levels.map(({ open, residentMb, msPerEnd }) => [
            open,
            residentMb,
            Number.isNaN(msPerEnd) ? '' : msPerEnd,
          ]),
        },
      ],
      aims: run.short
        ? []
        : [
            {
              aim: 'd: under 250 MB at rest on PGlite',
              measured: `${rest?.residentMb ?? Number.NaN} MB`,
              met: (rest?.residentMb ?? Infinity) < 250,
            },
            { aim: 'd: under 5 KB an open call', measured: `${perCallKb} KB`, met: perCallKb < 5 },
            {
              aim: 'd: no growth of the cost of an event',
              measured: `${round((high?.msPerEnd ?? Number.NaN) / (low?.msPerEnd ?? Number.NaN))} times with ten times as many`,
              met: (high?.msPerEnd ?? Infinity) <= 1.2 * (low?.msPerEnd ?? 0),
            },
          ],
      figures: { levels, perCallKb },
      wrong,
    };
  },
};

async function untilOver({ emulator }: Telephony, callees: readonly { id: string }[]): Promise<void> {
  const ids = new Set(callees.map(({ id }) => id));
  const isOpen = (): boolean =>
    emulator.calls
      .list()
      .some(({ target, state }) => ids.has(target.personId ?? '') && state !== 'disconnected');
  while (isOpen()) await pause(20);
  await emulator.idle();
}
