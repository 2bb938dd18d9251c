import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmulator, type Emulator } from '../../emulator/emulator.ts';
import { startReplicas, type Replicas } from './replicas.ts';
import { until } from './until.ts';

/** A story that comes to the same end wherever its processes are killed. */
export interface CrashStory {
  /** Content of ringdown.yaml. */
  yaml?: string;
  /** The bot's environment. */
  env?: Record<string, string>;
  /** What people and programs say and do. */
  tell: (replicas: Replicas) => Promise<void>;
  /** Waits until the expected end, and throws on any other. May be called again. */
  holds: (replicas: Replicas) => Promise<void>;
  /** How soon after the last death that must be on an idle machine. Default: no limit. */
  soon?: Soon;
  close?: () => Promise<void>;
}

/** In milliseconds. */
interface Soon {
  /** With an embedded database: from when the next process is ready. */
  embedded: number;
  /** With several replicas: from the death. */
  replicated: number;
}

/** Sets up the people before anything starts. */
export type MakeStory = (emulator: Emulator) => Promise<CrashStory> | CrashStory;

/** How long the service guarantees not to execute a repeated request twice. After that the outcome is unknown. */
const PROMISE_MS = 30_000;

/** How much of the processes' log is kept, to find out what went wrong. Characters. */
const TOLD = 5_000;

/** Time since the first start, to which each death adds. */
export interface Elapsed {
  /**
   * Whether a call is reported as failed, and may be: its process was dead for longer than the service's guarantee.
   *
   * @throws if it failed for another reason
   */
  mayHaveFailed(calls: readonly { disposition: string | null }[]): boolean;
}

export function elapsed(): Elapsed {
  const begin = performance.now();
  return {
    mayHaveFailed(calls) {
      if (calls.every(({ disposition }) => disposition !== 'failed')) return false;
      const ms = performance.now() - begin;
      assert.ok(ms > PROMISE_MS, `it failed after ${ms} ms`);
      return true;
    },
  };
}

export interface Killed {
  places: readonly string[];
  /** How often in a row at each place, if a process reaches it again; default 1. */
  times?: number;
}

/**
 * Lets processes on one database run the story. At each of the places a process kills itself, the given number of
 * times in total.
 *
 * @param database an embedded one allows only one process
 * @param how.env each process's own environment
 * @returns the places that were reached
 */
export async function live(
  make: MakeStory,
  database: { url: string } | { dataDir: string },
  { env, places = [], times = 1 }: { env: readonly Record<string, string>[] } & Partial<Killed>,
): Promise<string[]> {
  return await onStage(make, database, { env, places, times }, async ({ story, replicas, deaths, seen }) => {
    const load = new Load();
    try {
      await story.tell(replicas);
      await story.holds(replicas);
      for (const place of places)
        await until(() => deaths().some((one) => one.startsWith(place)), `somebody died ${place}`);
      // A process may have died after reporting the end.
      if (places.length > 0) await story.holds(replicas);
      if (story.soon && places.length > 0) assertSoon(story.soon, database, replicas.last, load.slowness);
    } finally {
      load.stop();
    }
    return seen();
  });
}

/** Of a limit in real time, which depends on the machine. */
const ALLOWANCE = 2;
/** How often the load is measured, and for how long. Milliseconds. */
const LOOK_MS = 250;
const SPIN_MS = 5;

/** How much slower than on an idle machine a program is, because others compete for the processors. */
class Load {
  #wallMs = 0;
  #cpuMs = 0;
  readonly #timer = setInterval(() => this.#look(), LOOK_MS);

  /** The factor, on average so far. */
  get slowness(): number {
    return this.#cpuMs === 0 ? 1 : this.#wallMs / this.#cpuMs;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const [begin, used] = [performance.now(), process.threadCpuUsage()];
    let cpuMs = 0;
    while (cpuMs < SPIN_MS) {
      const { user, system } = process.threadCpuUsage(used);
      cpuMs = (user + system) / 1000;
    }
    this.#wallMs += performance.now() - begin;
    this.#cpuMs += cpuMs;
  }
}

function assertSoon(
  soon: Soon,
  database: { url: string } | { dataDir: string },
  { ready, death }: Replicas['last'],
  slowness: number,
): void {
  const [since, limit] = 'url' in database ? [death, soon.replicated] : [ready, soon.embedded];
  const took = performance.now() - since;
  const what = `${Math.round(took)} ms, while a program got 1/${slowness.toFixed(1)} of a processor`;
  assert.ok(took <= limit * ALLOWANCE * slowness, `it took ${what}`);
}

/**
 * One replica runs the story and freezes at a place. Another one on the same database finishes it; then the first
 * continues, long after its lease has expired.
 */
export async function standStill(make: MakeStory, database: { url: string }, place: string): Promise<void> {
  const env: Record<string, string>[] = [{ CRASH_SIGNAL: 'SIGSTOP' }, { CRASH_PLACES: '' }];
  await onStage(make, database, { env, places: [place], times: 1 }, async ({ story, replicas, deaths }) => {
    const [first, other] = replicas.bots;
    assert.ok(first && other);
    replicas.reach(first);
    const told = story.tell(replicas);
    told.catch(() => undefined);
    await until(() => deaths().length > 0, `it reaches the place ${place}`);
    replicas.reach(other);
    await told;
    await story.holds(replicas);
    first.kill('SIGCONT');
    replicas.reach(first);
    // Its request renews the lease.
    await story.holds(replicas);
  });
}

interface Stage {
  story: CrashStory;
  replicas: Replicas;
  /** Where a process was killed or stopped, as `place, nth time`. */
  deaths: () => string[];
  /** Places that a process reached. */
  seen: () => string[];
}

async function onStage<T>(
  make: MakeStory,
  database: { url: string } | { dataDir: string },
  { env: own, places, times }: { env: readonly Record<string, string>[] } & Required<Killed>,
  play: (stage: Stage) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'ringdown-crash-'));
  const [seen, deaths, file] = [join(folder, 'seen'), join(folder, 'deaths'), join(folder, 'ringdown.yaml')];
  mkdirSync(seen);
  mkdirSync(deaths);
  const emulator = createEmulator({ timings: { perCharacterMs: 2, failureMs: 300 } });
  await emulator.start();
  const story = await make(emulator);
  writeFileSync(file, story.yaml ?? '{}\n');
  const env = {
    CONFIG_FILE: file,
    ...story.env,
    CRASH_SEEN: seen,
    CRASH_PLACES: places.join(','),
    CRASH_FOLDER: deaths,
    CRASH_TIMES: String(times),
  };
  const replicas = await startReplicas(emulator, database, ...own.map((more) => ({ ...env, ...more })));
  try {
    return await play({
      story,
      replicas,
      deaths: () => readdirSync(deaths),
      seen: () => readdirSync(seen),
    });
  } catch (error) {
    const where = readdirSync(deaths).join('; ') || 'nowhere';
    const told = replicas.bots.map(({ output }) => output.slice(-TOLD)).join('\n');
    throw new Error(`killed ${where}, of ${times} times ${places.join('; ')}\n${told}`, { cause: error });
  } finally {
    await replicas.stop();
    await story.close?.();
    await emulator.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
