import type { Cost, FileResult, TestResult } from './messages.ts';

const seconds = (ms: number): string => (ms / 1000).toFixed(1);

export function duration(ms: number): string {
  const whole = Math.round(ms / 1000);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

const count = (tests: readonly TestResult[], state: TestResult['state']): number =>
  tests.filter((test) => test.state === state).length;

/** "  12 of 180, about 2 min left  ok  test/chat/bot.test.ts  94 passed, 3.1 s" */
export function lineOf({ file, tests, cost }: FileResult, progress: string): string {
  const failed = count(tests, 'failed');
  const counts = [
    `${count(tests, 'passed')} passed`,
    failed > 0 ? `${failed} FAILED` : '',
    count(tests, 'skipped') > 0 ? `${count(tests, 'skipped')} skipped` : '',
  ];
  return `${progress}  ${file}  ${counts.filter(Boolean).join(', ')}, ${seconds(cost.ms)} s`;
}

/** Each test on its own line, for runs of a few files. */
export function testsOf({ tests }: FileResult): string {
  const mark = { passed: '✔', failed: '✘', skipped: '-' };
  return tests.map(({ state, title, ms }) => `    ${mark[state]} ${title} (${Math.round(ms)} ms)`).join('\n');
}

export interface Failure {
  file: string;
  test: TestResult;
}

/** Everything needed to understand and to repeat a failure. */
export function failureText({ file, test }: Failure, command: string): string {
  const grep = test.isOfFile ? '' : ` --grep ${JSON.stringify(test.title)}`;
  const text = (test.failure ?? '').replaceAll(/^/gm, '    ');
  return `✘ ${file}: ${test.title}\n${text}\n  rerun: ${command} ${file}${grep}`;
}

interface Row extends Cost {
  name: string;
  tests: number;
}

function table(rows: readonly Row[]): string[] {
  return rows.map(({ name, tests, ms, cpuMs, databases, processes }) =>
    [
      seconds(ms).padStart(8),
      seconds(cpuMs).padStart(8),
      String(databases).padStart(10),
      String(processes).padStart(10),
      String(tests).padStart(6),
      ` ${name}`,
    ].join(''),
  );
}

const HEAD = ' seconds     CPU databases processes  tests  file';

function summed(name: string, results: readonly FileResult[]): Row {
  const sum = (of: (result: FileResult) => number): number =>
    results.reduce((total, one) => total + of(one), 0);
  return {
    name,
    tests: sum(({ tests }) => tests.length),
    ms: sum(({ cost }) => cost.ms),
    cpuMs: sum(({ cost }) => cost.cpuMs),
    databases: sum(({ cost }) => cost.databases),
    processes: sum(({ cost }) => cost.processes),
  };
}

/** What each file and folder took, the longest first. */
export function timesTable(results: readonly FileResult[]): string {
  const files = results.map((result) => summed(result.file, [result])).toSorted((a, b) => b.ms - a.ms);
  const byFolder = Object.groupBy(results, ({ file }) => file.split('/').slice(0, 2).join('/'));
  const folders = Object.entries(byFolder)
    .map(([folder, own = []]) => summed(folder, own))
    .toSorted((a, b) => b.ms - a.ms);
  return [HEAD, ...table(files), '', HEAD, ...table(folders), ...table([summed('all', results)])].join('\n');
}

/** How many checks were skipped because reference files are missing, and how to provide them; empty if none. */
export function missedText(results: readonly FileResult[]): string {
  const missed = results.reduce((total, one) => total + one.missedChecks, 0);
  return missed === 0
    ? ''
    : `${missed} checks were skipped: they need RINGDOWN_REFERENCE (docs/testing.md#reference-files)`;
}

/** The last line. .ci/run adds these up. */
export function totals(results: readonly FileResult[], more: number): string {
  const tests = results.flatMap((result) => result.tests);
  const skipped = count(tests, 'skipped');
  const failed = count(tests, 'failed') + more;
  return `${count(tests, 'passed')} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
