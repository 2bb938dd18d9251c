import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { costsNow } from '../test/support/costs.ts';
import { KeptTimes } from './tests/kept.ts';
import type { FileResult } from './tests/messages.ts';
import { root } from './tests/process.ts';
import {
  duration,
  failureText,
  lineOf,
  missedText,
  testsOf,
  timesTable,
  totals,
  type Failure,
} from './tests/report.ts';
import { runFiles, RunPostgres } from './tests/run.ts';
import { chosen, suites } from './tests/suites.ts';
import { watch } from './tests/watch.ts';

/*
 * `npm test`, `npm run test:long` and `npm run test:e2e`, each with `[-- [OPTION…] [FILE|FOLDER|WORD…]]`:
 *
 *   --grep TEXT    only tests whose titles contain TEXT
 *   --times        prints what each file took: seconds, CPU time, databases, processes
 *   --watch        reruns tests when a file changes
 *   --seed N       test:long: repeats the run with this seed
 *   --sample N     test:long: runs about one case in N
 *   --calls N      test:long: number of calls in the soak test
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    suite: { type: 'string', default: 'quick' },
    grep: { type: 'string' },
    times: { type: 'boolean', default: false },
    watch: { type: 'boolean', default: false },
    seed: { type: 'string' },
    sample: { type: 'string' },
    calls: { type: 'string' },
  },
});
const COMMANDS: Record<string, string> = {
  quick: 'npm test --',
  long: 'npm run test:long --',
  browser: 'npm run test:e2e --',
};
/** Runs of up to this many files list each test. */
const FEW = 3;

const started = performance.now();
const kind = values.suite === 'long' || values.suite === 'browser' ? values.suite : 'quick';
const suite = suites[kind]();
const files = chosen(suite.files, positionals);
const seed = values.seed ?? (kind === 'long' ? String(Math.floor(Math.random() * 2 ** 31)) : null);
const command = [
  COMMANDS[kind],
  seed === null ? '' : ` --seed ${seed}`,
  values.sample === undefined ? '' : ` --sample ${values.sample}`,
  values.calls === undefined ? '' : ` --calls ${values.calls}`,
].join('');
const env = {
  ...process.env,
  // Half of a short run is compiling, so cache compiled code. Processes that tests start share the cache.
  NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'compiled'),
  ...(kind === 'long' ? { RINGDOWN_LONG: '1' } : {}),
  ...(seed === null ? {} : { RINGDOWN_SEED: seed }),
  ...(values.sample === undefined ? {} : { RINGDOWN_SAMPLE: values.sample }),
  ...(values.calls === undefined ? {} : { RINGDOWN_CALLS: values.calls }),
};
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopping.abort());

async function once(): Promise<void> {
  const results: FileResult[] = [];
  const failures: Failure[] = [];
  const postgres = new RunPostgres();
  const times = new KeptTimes();
  if (seed !== null) console.log(`seed ${seed}`);
  const onResult = (result: FileResult, progress: string): void => {
    results.push(result);
    console.log(lineOf(result, progress));
    if (files.length <= FEW) console.log(testsOf(result));
    for (const test of result.tests) {
      if (test.state !== 'failed') continue;
      failures.push({ file: result.file, test });
      console.log(`\n${failureText({ file: result.file, test }, command)}\n`);
    }
  };
  const run = { files, suite, env, grep: values.grep ?? null, times, signal: stopping.signal, onResult };
  const leftOpen = await runFiles(run, postgres);
  await postgres.stop();
  times.write();
  if (values.times) console.log(`\n${timesTable(results)}`);
  for (const left of leftOpen) console.log(`\n✘ left open ${left}`);
  if (failures.length > 0) {
    console.log('\nFailures:');
    for (const { file, test } of failures) console.log(`  ${file}: ${test.title}`);
    if (failures.length > FEW)
      console.log(`Again: ${command} ${[...new Set(failures.map(({ file }) => file))].join(' ')}`);
  }
  const none = results.every(({ tests }) => tests.length === 0);
  if (none) console.log('no tests ran');
  console.log(
    `\n${duration(performance.now() - started)}, CPU time ${duration(costsNow().cpuMs)}${seed === null ? '' : `, seed ${seed}`}`,
  );
  const missed = missedText(results);
  if (missed !== '') console.log(missed);
  console.log(totals(results, leftOpen.length));
  if (failures.length > 0 || leftOpen.length > 0 || none || stopping.signal.aborted) process.exitCode = 1;
}

if (files.length === 0) {
  console.log(`No tests match ${positionals.join(', ')}.`);
  process.exitCode = 1;
} else if (values.watch) {
  await watch({ words: positionals, suite, env, grep: values.grep ?? null, signal: stopping.signal });
} else {
  await once();
}
