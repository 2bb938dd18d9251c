import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmulator, type Emulator } from '../../emulator/emulator.ts';
import { startReplicas, type Replicas } from './replicas.ts';
import { until } from './until.ts';

/** A story that comes to the same end, wherever the processes that carry it out are killed. */
export interface CrashStory {
  /** Text of ringdown.yaml. */
  yaml?: string;
  /** Environment of the bot. */
  env?: Record<string, string>;
  /** What people and programs say and do. */
  tell: (replicas: Replicas) => Promise<void>;
  /** Waits until all has come true, and throws if something else has. May be asked again. */
  holds: (replicas: Replicas) => Promise<void>;
  close?: () => Promise<void>;
}

/** Sets the people up, before anything starts. */
export type MakeStory = (emulator: Emulator) => Promise<CrashStory> | CrashStory;

/** For so long the service promises not to execute a repeated request twice. After that the outcome is unknown. */
const PROMISE_MS = 30_000;

/** Enough of what the processes logged to find out what went wrong. Characters. */
const TOLD = 5_000;

/** Time since the first start, which each death adds to. */
export interface Elapsed {
  /**
   * Whether a call is told as failed, and may be: its process was dead for longer than the service's promise lasts.
   *
   * @throws if it failed without such a reason
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
  /** How often in a row at each of them, if somebody comes there again; default 1. */
  times?: number;
}

/**
 * Lets processes on one database carry the story out. At each of the places they kill themselves, so many times in all,
 * whichever of them comes there.
 *
 * @param database an embedded one takes one process only
 * @param how.env what each of them has of its own
 * @returns the places that they came to
 */
export async function live(
  make: MakeStory,
  database: { url: string } | { dataDir: string },
  { env, places = [], times = 1 }: { env: readonly Record<string, string>[] } & Partial<Killed>,
): Promise<string[]> {
  return await onStage(make, database, { env, places, times }, async ({ story, replicas, deaths, seen }) => {
    await story.tell(replicas);
    await story.holds(replicas);
    for (const place of places)
      await until(() => deaths().some((one) => one.startsWith(place)), `somebody died ${place}`);
    // Who has told the end may have died over what comes after it.
    if (places.length > 0) await story.holds(replicas);
    return seen();
  });
}

/**
 * One replica carries the story out, and stands still at a place. Another one, on the same database, brings it to its end;
 * then the first goes on, long after its lease has run out.
 */
export async function standStill(make: MakeStory, database: { url: string }, place: string): Promise<void> {
  const env: Record<string, string>[] = [{ CRASH_SIGNAL: 'SIGSTOP' }, { CRASH_PLACES: '' }];
  await onStage(make, database, { env, places: [place], times: 1 }, async ({ story, replicas, deaths }) => {
    const [first, other] = replicas.bots;
    assert.ok(first && other);
    replicas.reach(first);
    const told = story.tell(replicas);
    told.catch(() => undefined);
    await until(() => deaths().length > 0, `it comes to the place ${place}`);
    replicas.reach(other);
    await told;
    await story.holds(replicas);
    first.kill('SIGCONT');
    replicas.reach(first);
    // It is asked, so it has its lease again.
    await story.holds(replicas);
  });
}

interface Stage {
  story: CrashStory;
  replicas: Replicas;
  /** Where somebody was killed or stopped, as `place, nth time`. */
  deaths: () => string[];
  /** Places that somebody came to. */
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
