import { watch as watchFolder } from 'node:fs';
import { basename, join } from 'node:path';
import { Changes } from './changes.ts';
import { importersOf } from './importers.ts';
import { KeptTimes } from './kept.ts';
import type { FileResult, TestResult } from './messages.ts';
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
/** Loaded by each test process before anything else. */
const WORKER = 'scripts/tests/worker.ts';
const PRELOAD = 'scripts/tests/preload.ts';

/**
 * Runs the tests affected by a change: the changed test itself, or the tests that import the changed file, the
 * closest by name first and alone. The processes for the next run have already loaded the product; only what the
 * change affects is reloaded.
 */
export async function watch({ words, suite, env, grep, signal }: Watched): Promise<void> {
  const postgres = new RunPostgres();
  const times = new KeptTimes();
  const spare = (): TestProcess => new TestProcess(env, postgres.url, join(root, PRELOAD));
  let spares = Array.from({ length: suite.lanes }, spare);
  /** Changes since the spare processes were started. */
  let sinceSpares = new Set<string>();
  /** Aborts the current run: a new change came, and its tests go first. */
  let interrupt = (): void => undefined;
  const changes = new Changes(() => interrupt());

  /** @returns false if the next change came before the end */
  const run = async (files: readonly string[], stale: ReadonlySet<string>): Promise<boolean> => {
    const started = performance.now();
    if (stale.has(WORKER)) {
      for (const process of spares) process.kill('SIGKILL');
      spares = spares.map(spare);
    } else {
      for (const process of spares) void process.changed([...stale]);
    }
    const own = spares;
    const queue = [...files];
    const results: FileResult[] = [];
    const progress = new Progress();
    const ended = new AbortController();
    interrupt = (): void => {
      ended.abort();
      for (const process of own) process.kill('SIGKILL');
    };
    const next = async (process: TestProcess): Promise<void> => {
      const file = queue.shift();
      if (file === undefined) return;
      const result = await process.run(file, grep, (test) => {
        if (!ended.signal.aborted) progress.add(file, test);
      });
      if (ended.signal.aborted || signal.aborted) return;
      results.push(result);
      times.keep(file, result.cost.ms);
      progress.print(lineOf(result, ''));
      for (const test of result.tests) if (test.isOfFile) progress.print(failureOf(file, test));
    };
    const lane = async (process: TestProcess): Promise<void> => {
      while (queue.length > 0 && !ended.signal.aborted && !signal.aborted) await next(process);
    };
    if (own[0]) await next(own[0]);
    await Promise.all(own.map(lane));
    interrupt = () => undefined;
    if (signal.aborted) return true;
    spares = own.map(spare);
    sinceSpares = new Set();
    if (ended.signal.aborted) return false;
    const failed = results.flatMap(({ tests }) => tests).filter(({ state }) => state === 'failed').length;
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(
      `${failed === 0 ? 'All passed' : `${failed} FAILED`} in ${seconds} s. Waiting for a change …`,
    );
    for (const process of own) void process.end();
    return true;
  };

  const watchers = FOLDERS.map((folder) =>
    watchFolder(join(root, folder), { recursive: true }, (_, name) => {
      if (name === null || !/\.(?:ts|json|yaml|snap)$/.test(name)) return;
      sinceSpares.add(join(folder, name));
      changes.note(join(folder, name));
    }),
  );
  signal.addEventListener('abort', () => {
    interrupt();
    changes.stop();
  });

  await run(chosen(suite.files, words), new Set());
  while (!signal.aborted) {
    const now = await changes.take();
    const files = affected(chosen(suite.files, words), now, times);
    if (files.length === 0) continue;
    const isDone = await run(files, importersOf([...sinceSpares]));
    if (!isDone) changes.putBack(now);
  }
  for (const watcher of watchers) watcher.close();
  await Promise.all(spares.map(async (process) => await process.end()));
  await postgres.stop();
}

/** What a run has shown so far. A file may take long, so its failures are shown at once, and tests are counted. */
class Progress {
  #tests = 0;

  add(file: string, test: TestResult): void {
    this.#tests += 1;
    if (test.state === 'failed') this.print(failureOf(file, test));
    if (process.stdout.isTTY) process.stdout.write(`\rtests: ${this.#tests}`);
  }

  print(text: string): void {
    if (process.stdout.isTTY) process.stdout.write('\r\x1b[K');
    console.log(text);
  }
}

const failureOf = (file: string, test: TestResult): string => failureText({ file, test }, 'npm test --');

/** The tests among `files` that a change affects: the closest first, then the fastest. */
function affected(files: readonly string[], changed: readonly string[], times: KeptTimes): string[] {
  const importers = importersOf(changed);
  const stems = changed.map((file) => basename(file).split('.', 1)[0] ?? '');
  const isNear = (file: string): boolean =>
    changed.includes(file) || stems.some((stem) => basename(file).startsWith(`${stem}.`));
  const concerned = files.filter((file) => importers.has(file));
  return concerned.toSorted((a, b) => Number(isNear(b)) - Number(isNear(a)) || times.of(a) - times.of(b));
}
