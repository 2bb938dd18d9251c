import { mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { abuse, type Abuse } from '../test/support/http/abuse.ts';
import { API_KEY, startBot, type BenchBot } from './bots.ts';
import type { Part } from './part.ts';
import { round, spreadOf, type Spread } from './tables.ts';
import { startTelephony } from './telephony.ts';

const MOST_MB = 400;
const MOST_MS = 1_000;
/** How often the memory is looked at. */
const LOOK_MS = 20;

interface Measured {
  what: string;
  asked: Spread;
  /** The most in this time. */
  residentMb: number;
  p50Ratio: number;
  p99Ratio: number;
}

/** Part i: requests with a key are answered while strangers do their worst, and memory stays bounded. PGlite. */
export const abused: Part = {
  name: 'i-abuse',
  title: 'A keyed request while strangers do their worst',
  async run(run) {
    const attacks: [what: string, kind: Abuse, connections: number, key?: string][] = run.short
      ? [
          ['200 silent connections', 'silent', 200],
          ['20 bodies that come slowly', 'slow', 20],
          ['2 bodies of 100 MB', 'huge', 2],
        ]
      : [
          ['10,000 silent connections', 'silent', 10_000],
          ['2,000 bodies that come slowly', 'slow', 2_000],
          ['20 bodies of 100 MB at once', 'huge', 20],
          ['the same without a length', 'endless', 20],
          ['the same, packed', 'bomb', 20],
          ['the same, packed, with a key', 'bomb', 20, API_KEY],
        ];
    const asks = run.short ? 5 : 200;
    const wrong: string[] = [];
    const measured: Measured[] = [];
    const { emulator } = await startTelephony(run, 1, { byHand: true });
    const dataDir = mkdtempSync(join(tmpdir(), 'ringdown-bench-data-'));
    const begin = async (): Promise<BenchBot> =>
      await startBot({ emulator: emulator.addresses, database: { dataDir } });
    let bot = await begin();
    if (!run.short) {
      // The first start, which makes the tables, leaves more memory behind.
      await bot.stop();
      bot = await begin();
    }
    const measure = async (what: string): Promise<void> => {
      const { times, residentMb } = await askedWhile(bot, asks, (status) =>
        wrong.push(`${what}: a keyed request was answered ${status}`),
      );
      const asked = spreadOf(times);
      const quiet = measured[0]?.asked ?? asked;
      const row = { what, asked, residentMb };
      measured.push({
        ...row,
        p50Ratio: round(asked.p50 / quiet.p50),
        p99Ratio: round(asked.p99 / quiet.p99),
      });
      run.print(`${what}: p50 ${asked.p50} ms, p99 ${asked.p99} ms, ${residentMb} MB`);
    };
    try {
      await askedWhile(bot, asks, () => undefined);
      await measure('quiet');
      for (const [what, kind, connections, key] of attacks) {
        const end = await abuse(kind, bot.port, connections, key);
        await measure(what);
        await end();
      }
      await measure('quiet again');
    } finally {
      await bot.stop();
      await emulator.stop();
      rmSync(dataDir, { recursive: true, force: true });
    }
    const mostMb = Math.max(...measured.map(({ residentMb }) => residentMb));
    const slowest = Math.max(...measured.map(({ asked }) => asked.max));
    return {
      tables: [
        {
          title: `${asks} keyed requests one after the other, each on a connection of its own`,
          columns: ['meanwhile', 'p50 ms', 'p99 ms', 'times p50', 'times p99', 'MB at most'],
          rows: measured.map(({ what, asked, residentMb, p50Ratio, p99Ratio }) => [
            what,
            asked.p50,
            asked.p99,
            p50Ratio,
            p99Ratio,
            residentMb,
          ]),
        },
      ],
      aims: run.short
        ? []
        : [
            { aim: `i: memory under ${MOST_MB} MB`, measured: `${mostMb} MB`, met: mostMb < MOST_MB },
            {
              aim: 'i: every keyed request answered within 1 s',
              measured: `${slowest} ms at most`,
              met: slowest < MOST_MS,
            },
          ],
      figures: { measured },
      wrong,
    };
  },
};

async function askedWhile(
  bot: BenchBot,
  asks: number,
  isWrong: (status: number | string) => void,
): Promise<{ times: number[]; residentMb: number }> {
  const times: number[] = [];
  let residentMb = bot.usage().residentMb;
  const over = new AbortController();
  const looking = (async () => {
    while (!over.signal.aborted) {
      residentMb = Math.max(residentMb, bot.usage().residentMb);
      await pause(LOOK_MS);
    }
  })();
  for (let nth = 0; nth < asks; nth++) {
    const begin = performance.now();
    const status = await ask(`${bot.url}/api/v1/calls?limit=1`).catch((error: unknown) => String(error));
    times.push(performance.now() - begin);
    if (status !== 200) isWrong(status);
  }
  over.abort();
  await looking;
  return { times, residentMb };
}

async function ask(url: string): Promise<number> {
  return await new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${API_KEY}` };
    get(url, { agent: false, headers }, (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? 0));
      response.once('error', reject);
    }).once('error', reject);
  });
}
