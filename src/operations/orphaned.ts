import type { Clock } from '../clock.ts';

const LOOK_EVERY_MS = 1_000;

/**
 * Calls `then` once the parent process is gone. npm forwards SIGINT and SIGTERM to its child; any other signal kills
 * npm without notice to the child.
 *
 * @param parent the current parent: `process.ppid`
 */
export function whenOrphaned(
  parent: () => number,
  then: () => void,
  clock: Pick<Clock, 'setInterval' | 'clearInterval'>,
): void {
  const first = parent();
  const timer = clock.setInterval(() => {
    if (parent() === first) return;
    clock.clearInterval(timer);
    then();
  }, LOOK_EVERY_MS);
}
