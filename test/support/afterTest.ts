/**
 * Closes what a test has opened, in reverse order: what uses a database is stopped before the database is closed.
 */
const tasks: (() => Promise<unknown> | void)[] = [];
let running = false;

/** Runs `task` after the current test. @throws RangeError outside a test and its `beforeEach` hooks */
export function afterTest(task: () => Promise<unknown> | void): void {
  if (!running) throw new RangeError('No test is running.');
  tasks.push(task);
}

/** Whether a test or one of its hooks is running, but not a hook of a suite. */
export function inTest(): boolean {
  return running;
}

/** For the root hooks only (hooks.ts). */
export function testBegins(): void {
  running = true;
}

/** For the root hooks only (hooks.ts). @throws AggregateError of all that could not be closed */
export async function closeAll(): Promise<void> {
  running = false;
  const faults: unknown[] = [];
  for (let task = tasks.pop(); task; task = tasks.pop()) {
    try {
      await task();
    } catch (fault) {
      faults.push(fault);
    }
  }
  if (faults.length > 0) throw new AggregateError(faults, 'what the test has opened could not be closed');
}
