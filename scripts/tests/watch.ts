import { watch as watchFolder } from 'node:fs';
import { basename, join } from 'node:path';
import { importersOf } from './importers.ts';
import { KeptTimes } from './kept.ts';
import type { FileResult } from './messages.ts';
import { root, TestProcess } from './process.ts';
import { failureText, lineOf } from './report.ts';
import { RunPostgres } from './run.ts';
import { chosen, type Suite } from './suites.ts';

interface Watched {
  words: readonly string[];
  suite: Suite;
  env: NodeJS.ProcessEnv;
  grep: string | null;
  signal: AbortSignal;
}

const FOLDERS = ['src', 'emulator', 'demo', 'test', 'bench', 'scripts'];
/** An editor writes a file in several steps. Milliseconds. */
const QUIET_MS = 60;

/**
 * Runs what a change concerns: the changed test, or the tests that import what changed, the nearest by name first. The
 * processes for the next run are there already, with all packages loaded.
 */
export async function watch({ words, suite, env, grep, signal }: Watched): Promise<void> {
  const postgres = new RunPostgres();
  const times = new KeptTimes();
  const spare = (): TestProcess => new TestProcess({ ...env, RINGDOWN_PRELOAD: '1' }, postgres.url);
  let spares = Array.from({ length: suite.lanes }, spare);
  /** Ends what runs now: a change came, and its own tests go first. */
  let interrupt = (): void => undefined;

  const run = async (files: readonly string[]): Promise<void> => {
    const started = performance.now();
    const queue = [...files];
    const own = spares;
    const ended = new AbortController();
    interrupt = (): void => {
      ended.abort();
      for (const process of own) process.kill('SIGKILL');
    };
    const results: FileResult[] = [];
    const lane = async (process: TestProcess): Promise<void> => {
      for (
        let file = queue.shift();
        file !== undefined && !ended.signal.aborted && !signal.aborted;
        file = queue.shift()
      ) {
        const result = await process.run(file, grep);
        if (ended.signal.aborted) return;
        results.push(result);
        times.keep(file, result.cost.ms);
        console.log(lineOf(result, ''));
        for (const test of result.tests)
          if (test.state === 'failed') console.log(failureText({ file, test }, 'npm test --'));
      }
    };
    await Promise.all(own.map(lane));
    if (ended.signal.aborted) {
      spares = own.map(spare);
      return;
    }
    const failed = results.flatMap(({ tests }) => tests).filter(({ state }) => state === 'failed').length;
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(
      `${failed === 0 ? 'All passed' : `${failed} FAILED`} in ${seconds} s. Waiting for a change …`,
    );
    interrupt = () => undefined;
    spares = own.map(spare);
    for (const process of own) void process.end();
  };

  const changed = new Set<string>();
  let wake = Promise.withResolvers<void>();
  const watchers = FOLDERS.map((folder) =>
    watchFolder(join(root, folder), { recursive: true }, (_, name) => {
      if (name === null || !/\.(?:ts|json|yaml|snap)$/.test(name)) return;
      changed.add(join(folder, name));
      setTimeout(() => {
        interrupt();
        wake.resolve();
      }, QUIET_MS);
    }),
  );
  signal.addEventListener('abort', () => wake.resolve());

  await run(chosen(suite.files, words));
  while (!signal.aborted) {
    await wake.promise;
    wake = Promise.withResolvers();
    const now = [...changed];
    changed.clear();
    const files = affected(chosen(suite.files, words), now);
    if (now.length > 0 && files.length > 0) await run(files);
  }
  for (const watcher of watchers) watcher.close();
  await Promise.all(spares.map(async (process) => await process.end()));
  await postgres.stop();
}

/** The tests among `files` that a change concerns, the nearest first. */
function affected(files: readonly string[], changed: readonly string[]): string[] {
  const importers = importersOf(changed);
  const stems = changed.map((file) => basename(file).split('.', 1)[0] ?? '');
  const isNear = (file: string): boolean =>
    changed.includes(file) || stems.some((stem) => basename(file).startsWith(`${stem}.`));
  const concerned = files.filter((file) => importers.has(file));
  return concerned.toSorted((a, b) => Number(isNear(b)) - Number(isNear(a)));
}
