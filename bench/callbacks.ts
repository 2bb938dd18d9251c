import { randomUUID } from 'node:crypto';
import { EventMaker } from '../emulator/callAutomation/events.ts';
import { startBot, type BenchBot } from './bots.ts';
import { onEach, type DatabaseName, type Where } from './databases.ts';
import { closedLoop, post } from './load.ts';
import type { Part } from './part.ts';
import { round, spreadOf, type Spread } from './tables.ts';
import { openCalls, startTelephony, type Telephony } from './telephony.ts';

const SENDERS = 20;
const CALLS = 50;

interface Measured {
  who: string;
  perSecond: number;
  taken: Spread;
  /** Milliseconds of the program's own processor time for each event: on a busy machine it says more than the rate. */
  processorMs: number;
  /** Of the bare server in the same rounds. */
  ratio: number;
}

/** Part c: events of the service, each with its token, taken and stored. */
export const callbacks: Part = {
  name: 'c',
  title: 'Callbacks taken and stored per second, against bare restify with the same token check',
  notShort: true,
  async run(run) {
    const measured: Measured[] = [];
    const wrong: string[] = [];
    const on = async (database: DatabaseName, where: Where): Promise<void> => {
      const telephony = await startTelephony(run, CALLS, { byHand: true });
      const bots: BenchBot[] = [];
      const start = async (program?: URL): Promise<BenchBot> => {
        const bot = await startBot({
          emulator: telephony.emulator.addresses,
          database: where,
          ...(program ? { program } : {}),
        });
        bots.push(bot);
        return bot;
      };
      try {
        const ringdown = await start();
        const bare = await start(new URL('peers/bareCallbacks.ts', import.meta.url));
        await openCalls(telephony.emulator, ringdown, telephony.callees.slice(0, CALLS));
        const sender = await senderOf(telephony, wrong);
        const [bareTimes, times]: [number[], number[]] = [[], []];
        const count = run.short ? 50 : 1_000;
        await sender.send(ringdown, count);
        await sender.send(bare, count);
        const spent = { bare: { ms: 0, processorMs: 0 }, own: { ms: 0, processorMs: 0 } };
        const measure = async (bot: BenchBot, sum: { ms: number; processorMs: number }, taken: number[]) => {
          const before = processorMs(bot);
          sum.ms += await sender.send(bot, count, taken);
          sum.processorMs += processorMs(bot) - before;
        };
        for (let nth = 0; nth < (run.short ? 1 : 3); nth++) {
          await measure(bare, spent.bare, bareTimes);
          await measure(ringdown, spent.own, times);
        }
        const row = (who: string, taken: number[], sum: { ms: number; processorMs: number }) => ({
          who,
          perSecond: round((taken.length * 1000) / sum.ms),
          taken: spreadOf(taken),
          processorMs: round(sum.processorMs / taken.length),
        });
        const ofBare = row('bare restify', bareTimes, spent.bare);
        const own = row(`Ringdown on ${database}`, times, spent.own);
        measured.push({ ...ofBare, ratio: 1 }, { ...own, ratio: round(own.perSecond / ofBare.perSecond) });
        run.print(`${database}: ${own.perSecond} a second, bare ${ofBare.perSecond}`);
      } finally {
        for (const bot of bots) await bot.stop();
        await telephony.emulator.stop();
      }
    };
    await onEach(on, run.short ? ['PGlite'] : undefined);
    const ratios = measured.filter(({ who }) => who !== 'bare restify').map(({ ratio }) => ratio);
    return {
      tables: [
        {
          title: `Callbacks per second (${SENDERS} at once, of ${CALLS} calls)`,
          columns: ['who', 'events', 'per second', 'p50 ms', 'p99 ms', 'processor ms', 'ratio'],
          rows: measured.map(({ who, perSecond, taken, processorMs: processor, ratio }) => [
            who,
            taken.count,
            perSecond,
            taken.p50,
            taken.p99,
            processor,
            ratio,
          ]),
        },
      ],
      aims: run.short
        ? []
        : [
            {
              aim: 'c: at least half of bare restify with the token check',
              measured: ratios.join(' and '),
              met: Math.min(...ratios) >= 0.5,
            },
          ],
      figures: { measured },
      wrong,
    };
  },
};

function processorMs(bot: BenchBot): number {
  const { userMs, systemMs } = bot.usage();
  return userMs + systemMs;
}

/** Posts events of the calls that are open, each a new one that changes nothing about its call. */
async function senderOf({ emulator }: Telephony, wrong: string[]) {
  const records = emulator.calls.list();
  const events = new EventMaker(() => Date.now());
  const claims = { iss: emulator.addresses.issuer, aud: emulator.addresses.resourceId };
  const authorization = `Bearer ${await emulator.keys.sign(claims, 3_600_000)}`;
  return {
    /** @returns milliseconds that all of them took */
    async send(bot: BenchBot, count: number, times: number[] = []): Promise<number> {
      const begin = performance.now();
      await closedLoop(
        SENDERS,
        (begun) => begun >= count,
        async (number) => {
          const record = records[number % records.length];
          if (!record) return;
          const path = new URL(record.callbackUri).pathname;
          const event = events.make(record, 'ParticipantsUpdated', {
            participants: [],
            sequenceNumber: number,
          });
          const sent = performance.now();
          const { status } = await post(`${bot.url}${path}`, { authorization }, [
            { ...event, id: randomUUID() },
          ]);
          times.push(performance.now() - sent);
          if (status !== 200) wrong.push(`an event was answered ${status}`);
        },
      );
      return performance.now() - begin;
    },
  };
}
