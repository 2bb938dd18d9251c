import { createHash } from 'node:crypto';
import type { FakeClock as TestClock } from './clock.ts';
import { createEmulator, type Emulator, type EmulatorOptions } from '../../emulator/emulator.ts';
import { settingsFor } from '../../emulator/settings.ts';
import { createApp, type App } from '../../src/app.ts';
import type { Checkpoint } from '../../src/database/checkpoint.ts';
import { systemClock, type Clock } from '../../src/clock.ts';
import { readConfig, secretValues } from '../../src/config/config.ts';
import type { Database } from '../../src/database/open.ts';
import type { Tracing } from '../../src/database/tracing.ts';
import { afterTest, inTest } from './afterTest.ts';
import { advance, testClock } from './clock.ts';
import { recordingLog } from './log.ts';

export const API_KEY = 'a-key-for-tests-only';

export interface WorldOptions {
  database: Database;
  /** Default: a fake clock that `pass` moves. */
  clock?: 'fake' | 'real';
  /** The machine that this replica runs on, given the clock that all share. Default: one that is always right. */
  machine?: (clock: Clock) => Clock;
  /** As in the product, the database server's time counts, not the machine's. For the real clock only. */
  sharesTime?: boolean;
  emulator?: EmulatorOptions;
  /** A running emulator, for a second replica. */
  with?: World;
  env?: Record<string, string>;
  /** Content of ringdown.yaml. */
  yaml?: string;
  checkpoint?: Checkpoint;
  tracing?: Tracing;
}

/** The product and everything around it on loopback: the real SDKs talk to the emulator. */
export interface World {
  emulator: Emulator;
  app: App;
  /** The bot's origin. */
  url: string;
  /** All log lines, as written. */
  log: string[];
  /** Moves time, and resolves when all resulting work is done. */
  pass(ms: number): Promise<void>;
  /** Moves time second by second until a pending answer has arrived. */
  passUntil<Answer>(answer: Promise<Answer>): Promise<Answer>;
  /** Waits until no work is in progress, without moving time. */
  settle(): Promise<void>;
  /** Sends an API request, with a key for everything by default. */
  api(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
  stop(): Promise<void>;
}

/** Starts everything. It stops with the test that started it; a suite stops its own. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const fake = options.clock === 'real' || options.with ? null : testClock();
  const shared = options.with ? clocks.get(options.with) : undefined;
  const clock: Clock = shared ?? fake ?? systemClock;
  const machine = options.machine?.(clock) ?? clock;
  const emulator = options.with?.emulator ?? createEmulator({ clock, ...options.emulator });
  const addresses = options.with ? emulator.addresses : await emulator.start();
  const settings = readConfig(
    {
      PORT: '0',
      HOST: '127.0.0.1',
      PUBLIC_URL: 'http://127.0.0.1:0',
      DANGEROUSLY_ALLOW_ANONYMOUS: 'true',
      ...settingsFor(addresses),
      API_KEYS: `tests:${createHash('sha256').update(API_KEY).digest('hex')}`,
      DATABASE_URL: 'memory:',
      CONFIG_FILE: 'ringdown.yaml',
      ...options.env,
    },
    () => options.yaml ?? '',
  );
  const config = { ...settings, cloud: { ...settings.cloud, loginUrl: addresses.entraUrl } };
  const { log, lines } = recordingLog(secretValues(config), (line) => options.tracing?.line(line));
  const app = await createApp({
    config,
    clock: machine,
    log,
    database: options.database,
    ...(options.sharesTime ? { sharesTime: true } : {}),
    ...(options.checkpoint ? { checkpoint: options.checkpoint } : {}),
    ...(options.tracing ? { tracing: options.tracing } : {}),
  });
  const { port } = await app.start();
  const url = `http://127.0.0.1:${port}`;
  if (!options.with) emulator.channel.connect(`${url}/api/messages`);

  let stopped = false;
  const settle = async (): Promise<void> => {
    while (app.busy || emulator.busy) {
      await app.idle();
      await emulator.idle();
    }
  };
  const world: World = {
    emulator,
    app,
    url,
    log: lines,
    settle,
    pass: async (ms) => {
      const moved = clocks.get(world);
      if (!moved) throw new Error('this world runs on the machine’s clock');
      await advance(moved, ms, settle);
    },
    passUntil: async (answer) => {
      const over = new AbortController();
      answer.finally(() => over.abort()).catch(() => undefined);
      while (!over.signal.aborted) await world.pass(1_000);
      return await answer;
    },
    api: async (method, path, body) => {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${API_KEY}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: text ? JSON.parse(text) : null };
    },
    stop: async () => {
      if (stopped) return;
      stopped = true;
      await app.stop(2_000);
      if (!options.with) await emulator.stop();
    },
  };
  const own = shared ?? fake;
  if (own) clocks.set(world, own);
  if (inTest()) afterTest(async () => await world.stop());
  return world;
}

const clocks = new WeakMap<World, TestClock>();

export interface CallAnswer {
  id: string;
  status: string;
  disposition: string | null;
  reason: string | null;
  code: number | null;
  subCode: number | null;
  target: { kind: string; id: string; displayName: string };
  timeline: { at: string; type: string; data?: Record<string, unknown> }[];
}

/** The newest call with its timeline, as in the API. */
export async function newestCall(world: World): Promise<CallAnswer | undefined> {
  const list = (await world.api('GET', '/api/v1/calls?limit=1')).body as { items: CallAnswer[] };
  const id = list.items[0]?.id;
  return id ? ((await world.api('GET', `/api/v1/calls/${id}`)).body as CallAnswer) : undefined;
}
