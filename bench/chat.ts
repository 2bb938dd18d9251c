import type { Emulator } from '../emulator/emulator.ts';
import { startBot, type BenchBot } from './bots.ts';
import { closedLoop } from './load.ts';
import type { Aim, Part } from './part.ts';
import { round, spreadOf, type Spread } from './tables.ts';
import { Arrivals, startTelephony, type Callee } from './telephony.ts';

/** Long enough that a round is no chance, short enough that the machine is the same in both. */
const ROUNDS = 5;

interface Measured {
  senders: number;
  bare: Spread;
  ringdown: Spread;
  ratio: number;
}

/** Part a: from the chat message to `createCall` at the service, against the bare bot. */
export const chat: Part = {
  name: 'a',
  title: 'Chat message to createCall, against a bare bot',
  async run(run) {
    const { short, print } = run;
    // Everybody's phone is called once in a while only: who is called declines, and is free again.
    const { emulator, callees } = await startTelephony(run, 4_000, { declines: { afterMs: 50 } });
    const bots: BenchBot[] = [];
    const wrong: string[] = [];
    const measured: Measured[] = [];
    const start = async (program?: URL): Promise<BenchBot> => {
      const bot = await startBot({
        emulator: emulator.addresses,
        database: 'memory',
        ...(program ? { program } : {}),
      });
      bots.push(bot);
      return bot;
    };
    try {
      const bare = await start(new URL('peers/bareBot.ts', import.meta.url));
      const ringdown = await start();
      const lane = new Lane(emulator, callees, wrong);
      // Neither is to be measured while its code is still cold.
      for (const bot of [bare, ringdown]) await lane.measure(bot, 10, short ? 5 : 300);
      for (const senders of short ? [1, 5] : [1, 20, 100]) {
        const count = short ? 10 : Math.max(60, senders * 3);
        const times: [number[], number[]] = [[], []];
        for (let nth = 0; nth < (short ? 1 : ROUNDS); nth++) {
          times[0].push(...(await lane.measure(bare, senders, count)));
          times[1].push(...(await lane.measure(ringdown, senders, count)));
        }
        const [first, second] = times.map(spreadOf);
        if (!first || !second) break;
        measured.push({ senders, bare: first, ringdown: second, ratio: round(second.p50 / first.p50) });
        print(`${senders} senders: bare ${first.p50} ms, Ringdown ${second.p50} ms`);
      }
      return {
        tables: [table(measured)],
        aims: aims(measured),
        figures: { measured },
        wrong: [...wrong, ...lane.miscounted()],
      };
    } finally {
      for (const bot of bots) await bot.stop();
      await emulator.stop();
    }
  },
};

/** Says `call …` to one bot at a time, each time for somebody else. */
class Lane {
  readonly #emulator: Emulator;
  readonly #callees: readonly Callee[];
  readonly #arrivals: Arrivals;
  readonly #wrong: string[];
  readonly #asked = new Map<string, number>();
  #next = 0;

  constructor(emulator: Emulator, callees: readonly Callee[], wrong: string[]) {
    this.#emulator = emulator;
    this.#callees = callees;
    this.#arrivals = new Arrivals(emulator);
    this.#wrong = wrong;
  }

  /** @returns milliseconds of each message */
  async measure(bot: BenchBot, senders: number, count: number): Promise<number[]> {
    const { channel } = this.#emulator;
    channel.connect(`${bot.url}/api/messages`);
    const samples: number[] = [];
    await closedLoop(
      senders,
      (begun) => begun >= count,
      async () => {
        const number = this.#next++;
        const callee = this.#callees[number % this.#callees.length];
        // Somebody else asks each time, too: what a chat takes in a second is not what is measured here.
        const asker = this.#callees[(number + this.#callees.length / 2) % this.#callees.length];
        if (!callee || !asker) return;
        this.#asked.set(callee.id, (this.#asked.get(callee.id) ?? 0) + 1);
        const arrival = this.#arrivals.next(callee.id);
        const begin = performance.now();
        const heard = channel.send({
          from: asker.id,
          text: `call ${callee.userPrincipalName}: the build is red`,
        });
        const at = await arrival;
        if (at === null) this.#wrong.push(`no call for message ${number}`);
        else samples.push(at - begin);
        const { status } = await heard;
        if (status !== 200) this.#wrong.push(`message ${number} was answered ${status}`);
      },
    );
    await this.#emulator.idle();
    return samples;
  }

  /** People whose phone was called more, or less, often than somebody asked for it. */
  miscounted(): string[] {
    return [...this.#asked].flatMap(([id, asked]) => {
      const called = this.#arrivals.counts.get(id) ?? 0;
      return called === asked ? [] : [`${id} was asked for ${asked} times and called ${called} times`];
    });
  }
}

function table(measured: readonly Measured[]) {
  return {
    title: 'Milliseconds from the chat message to createCall (PGlite, closed loop)',
    columns: ['senders', 'bot', 'messages', 'p50', 'p95', 'p99', 'p50 ratio'],
    rows: measured.flatMap(({ senders, bare, ringdown, ratio }) => [
      [senders, 'bare', bare.count, bare.p50, bare.p95, bare.p99, 1],
      [senders, 'Ringdown', ringdown.count, ringdown.p50, ringdown.p95, ringdown.p99, ratio],
    ]),
  };
}

function aims(measured: readonly Measured[]): Aim[] {
  return measured.flatMap(({ senders, ratio }) => {
    if (senders !== 1 && senders !== 100) return [];
    const most = senders === 1 ? 1.5 : 1;
    return [
      {
        aim: `a: p50 at most ${most} times the bare bot's with ${senders} sender${senders === 1 ? '' : 's'}`,
        measured: `${ratio} times`,
        met: ratio <= most,
      },
    ];
  });
}
