import { inspect } from 'node:util';
import Mocha from 'mocha';
import { endOfTests } from '../../test/support/atEnd.ts';
import { costSince, costsNow } from '../../test/support/costs.ts';
import { mochaHooks } from '../../test/support/hooks.ts';
import { endsSoon } from '../../test/support/leaks.ts';
import { isLong, keepLong } from '../../test/support/long.ts';
import { missedChecks } from '../../test/support/reference.ts';
import { reload } from './reload.ts';
import type { FromTests, TestResult, ToTests } from './messages.ts';
import { settings } from './settings.ts';
import { isOfLongFolder } from './suites.ts';

/*
 * A process that runs test files one after another, on the runner's command. Modules are loaded once, and databases
 * are reused from file to file. mocha's own workers are not used: mocha kills them, so nobody would notice what a
 * test left open.
 */

function tell(message: FromTests): void {
  process.send?.(message);
}

/** Records the result of each test. */
function notingIn(
  results: TestResult[],
): new (runner: Mocha.Runner, options: Mocha.MochaOptions) => Mocha.reporters.Base {
  return class extends Mocha.reporters.Base {
    constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
      super(runner, options);
      const { EVENT_TEST_PASS, EVENT_TEST_FAIL, EVENT_TEST_PENDING } = Mocha.Runner.constants;
      const note = (test: Mocha.Runnable, state: TestResult['state'], error?: unknown): void => {
        const failure = error === undefined ? null : described(error);
        const result = { title: test.fullTitle(), state, ms: test.duration ?? 0, failure };
        results.push(result);
        tell({ kind: 'test', test: result });
      };
      runner.on(EVENT_TEST_PASS, (test) => note(test, 'passed'));
      runner.on(EVENT_TEST_PENDING, (test) => note(test, 'skipped'));
      runner.on(EVENT_TEST_FAIL, (test: Mocha.Runnable, error: unknown) => note(test, 'failed', error));
    }
  };
}

/** The diff, if values differ, and where it was found. */
function described(error: unknown): string {
  if (!(error instanceof Error)) return inspect(error);
  const values = error as Error & { actual?: unknown; expected?: unknown; showDiff?: boolean };
  const differ = values.actual !== undefined && values.expected !== undefined && values.showDiff !== false;
  const shown = (value: unknown): string =>
    typeof value === 'string' ? value : inspect(value, { depth: 8, sorted: true, breakLength: 100 });
  const diff = differ ? Mocha.reporters.Base.generateDiff(shown(values.actual), shown(values.expected)) : '';
  const causes = inspect(error.cause, { depth: 3 });
  const inner = error instanceof AggregateError ? error.errors.map(described).join('\n') : '';
  return [error.stack ?? error.message, inner, diff, error.cause === undefined ? '' : `cause: ${causes}`]
    .filter(Boolean)
    .join('\n');
}

async function run(file: string, grep: string | null): Promise<void> {
  const tests: TestResult[] = [];
  const from = costsNow();
  const { timeout, slow } = settings;
  const options = { timeout, slow, reporter: notingIn(tests), rootHooks: mochaHooks };
  const mocha = new Mocha(grep === null ? options : { ...options, fgrep: grep });
  mocha.addFile(file);
  try {
    await mocha.loadFilesAsync();
    if (isLong && !isOfLongFolder(file)) keepLong(mocha.suite);
    await new Promise<void>((resolve) => void mocha.run(() => resolve()));
  } catch (error) {
    tests.push({
      title: 'loads',
      state: 'failed',
      ms: 0,
      failure: described(error),
      isOfFile: true,
    });
  }
  for (const error of unhandled) {
    const title = 'every rejection is handled';
    tests.push({ title, state: 'failed', ms: 0, failure: described(error), isOfFile: true });
  }
  unhandled.clear();
  tell({ kind: 'done', result: { file, tests, cost: costSince(from), missedChecks: missedChecks() } });
}

// mocha does not report such a rejection by itself, and would otherwise report it twice.
const unhandled = new Set<unknown>();
process.on('unhandledRejection', (error) => unhandled.add(error));

process.on('message', (message: ToTests) => {
  if (message.kind === 'run') void run(message.file, message.grep);
  if (message.kind === 'changed') reload(message.urls);
  if (message.kind !== 'end') return;
  void endOfTests().finally(() => {
    process.disconnect();
    endsSoon();
  });
});
tell({ kind: 'ready' });
