import { startBalancer } from '../../bench/balancer.ts';
import type { Emulator } from '../../emulator/emulator.ts';
import { botProcess, type BotProcess } from './botProcess.ts';
import { ASKING_MS, until } from './until.ts';
import { API_KEY } from './world.ts';

/** Processes of the bot behind one address. A killed one is restarted. */
export interface Replicas {
  /** The address for both the chat and programs. */
  address: string;
  bots: readonly BotProcess[];
  /** When one of them last became ready, and when one last died: by `performance.now()`; 0 if never. */
  readonly last: { ready: number; death: number };
  /** Sets which replicas the load balancer uses; at first all. */
  reach(...bots: BotProcess[]): void;
  /**
   * Sends an API request like a persistent program: repeats it until it is answered.
   *
   * @param wanted the status to wait for; default 200
   */
  ask(method: 'GET' | 'POST', path: string, asked?: Asked): Promise<unknown>;
  /** Stops all of them without a restart. */
  stop(): Promise<void>;
}

/** A program retries after this long without an answer. */
export const PATIENCE_MS = 15_000;

interface Asked {
  body?: object;
  headers?: Record<string, string>;
  wanted?: number;
}

/** @param more environment of each replica, in order */
export async function startReplicas(
  emulator: Emulator,
  database: { url: string } | { dataDir: string },
  ...more: readonly Record<string, string>[]
): Promise<Replicas> {
  const ports: number[] = [];
  const balancer = await startBalancer(ports);
  const address = `http://127.0.0.1:${balancer.port}`;
  const bots = await Promise.all(
    more.map(
      async (own) =>
        await botProcess(emulator, database, {
          PUBLIC_URL: address,
          ...own,
        }),
    ),
  );
  const reach = (...reached: readonly BotProcess[]): void =>
    void ports.splice(0, ports.length, ...reached.map(({ url }) => Number(new URL(url).port)));
  reach(...bots);
  const last = { ready: 0, death: 0 };
  const start = async (bot: BotProcess): Promise<void> => {
    // It may die during the start.
    await bot.start().then(
      () => (last.ready = performance.now()),
      () => undefined,
    );
  };
  await Promise.all(bots.map(start));
  emulator.channel.connect(`${address}/api/messages`);
  const stopping = new AbortController();
  const kept = bots.map(
    async (bot) =>
      await keepAlive(bot, stopping.signal, async () => {
        last.death = performance.now();
        await start(bot);
      }),
  );
  return {
    address,
    bots,
    last,
    reach,
    async ask(method, path, { body, headers, wanted = 200 } = {}) {
      let answer: unknown;
      let latest = 'nothing';
      const isAnswered = async (): Promise<boolean> => {
        const response = await fetch(`${address}${path}`, {
          method,
          signal: AbortSignal.timeout(PATIENCE_MS),
          headers: {
            authorization: `Bearer ${API_KEY}`,
            connection: 'close',
            ...(body ? { 'content-type': 'application/json' } : {}),
            ...headers,
          },
          ...(body ? { body: JSON.stringify(body) } : {}),
        }).catch(() => null);
        const text = await response?.text().catch(() => null);
        if (typeof text !== 'string') return false;
        latest = `${response?.status} ${text}`;
        if (response?.status === wanted) answer = text === '' ? null : JSON.parse(text);
        return response?.status === wanted;
      };
      await until(isAnswered, `${method} ${path} is answered with ${wanted}`, ASKING_MS).catch(
        (cause: unknown) => {
          throw new Error(`the last answer was ${latest}`, { cause });
        },
      );
      return answer;
    },
    async stop() {
      stopping.abort();
      await Promise.all(kept);
      for (const bot of bots) await bot.stop();
      await balancer.stop();
    },
  };
}

/** Restarts it whenever it was killed. */
async function keepAlive(bot: BotProcess, signal: AbortSignal, restart: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await until(() => signal.aborted || bot.hasEnded, '').catch(() => undefined);
    if (!signal.aborted && bot.hasEnded) await restart();
  }
}
