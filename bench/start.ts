import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { API_KEY, startBot, type BenchBot } from './bots.ts';
import type { Part } from './part.ts';
import { round } from './tables.ts';
import { openCalls, startTelephony } from './telephony.ts';

const page = z.object({ items: z.array(z.object({ id: z.string() })) });

/** Part g: from the start until ready; and after kill -9 until everything that was due meanwhile is done. */
export const start: Part = {
  name: 'g',
  title: 'Start, and recovery after kill -9',
  notShort: true,
  async run(run) {
    const calls = Number(run.options['calls'] ?? (run.short ? 20 : 1_000));
    const ringSeconds = run.short ? 5 : 10;
    const dataDir = mkdtempSync(join(tmpdir(), 'ringdown-bench-data-'));
    const telephony = await startTelephony(run, calls, { byHand: true });
    const { emulator, callees } = telephony;
    // Long enough that all of them are open at the kill, however slowly they were placed.
    const begin = async (env: Record<string, string> = {}): Promise<BenchBot> =>
      await startBot({ emulator: emulator.addresses, database: { dataDir }, env });
    const wrong: string[] = [];
    let bot = await begin();
    try {
      const coldMs = Math.round(bot.readyMs);
      const warm: number[] = [];
      for (let nth = 0; nth < (run.short ? 1 : 5); nth++) {
        await bot.stop();
        bot = await begin();
        warm.push(Math.round(bot.readyMs));
      }
      await bot.stop();
      bot = await begin({ RING_TIMEOUT_SECONDS: String(ringSeconds) });
      await openCalls(telephony, bot, calls);
      await bot.kill();
      await pause((ringSeconds + 1) * 1000);
      const killed = performance.now();
      bot = await begin();
      const readyMs = Math.round(bot.readyMs);
      await untilNoneIsOpen(bot);
      const recoveredSeconds = round((performance.now() - killed) / 1000);
      const twice = callees.filter(({ id }) => emulator.phone(id).rings().length !== 1).length;
      if (twice > 0) wrong.push(`${twice} people were not called exactly once`);
      const warmMs = warm.toSorted((a, b) => a - b)[Math.floor(warm.length / 2)] ?? Number.NaN;
      return {
        tables: [
          {
            title: 'Seconds from the start (embedded database on disk)',
            columns: ['what', 'seconds'],
            rows: [
              ['ready, the first time', round(coldMs / 1000)],
              ['ready, warm (median)', round(warmMs / 1000)],
              [`ready, after kill -9 with ${calls} calls`, round(readyMs / 1000)],
              [`all ${calls}, whose time had run out meanwhile, are over`, recoveredSeconds],
            ],
          },
        ],
        aims: run.short
          ? []
          : [
              { aim: 'g: ready in 2 s warm', measured: `${round(warmMs / 1000)} s`, met: warmMs < 2_000 },
              {
                aim: 'g: recovery under 10 s',
                measured: `${recoveredSeconds} s with ${calls} calls`,
                met: recoveredSeconds < 10 && calls >= 10_000,
              },
            ],
        figures: { coldMs, warm, calls, readyMs, recoveredSeconds },
        wrong,
      };
    } finally {
      await bot.stop();
      await emulator.stop();
      rmSync(dataDir, { recursive: true, force: true });
    }
  },
};

async function untilNoneIsOpen(bot: BenchBot): Promise<void> {
  for (;;) {
    let open = 0;
    for (const status of ['queued', 'dialing', 'connected']) {
      const response = await fetch(`${bot.url}/api/v1/calls?limit=1&status=${status}`, {
        headers: { authorization: `Bearer ${API_KEY}` },
      });
      if (response.ok) open += page.parse(await response.json()).items.length;
    }
    if (open === 0) return;
    await pause(100);
  }
}
